"""`fortnight rota`: turns at a wall time, absences, removing, and the gaps after every edit."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from rules.local_time import to_local
from tests.app.conftest import CommandLine

MADRID = "Europe/Madrid"


@pytest.fixture
def staffed(fortnight: CommandLine) -> CommandLine:
    """A clinic with two clinicians and a coordinator."""
    for name, role in (("Clinician One", "clinician"), ("Clinician Two", "clinician"), ("Front Desk", "coordinator")):
        fortnight.of("staff", "add", "--name", name, "--role", role)
    return fortnight


def rotate(staffed: CommandLine, *more: str) -> Any:
    begins = datetime.combine(last_monday(), time(8)).isoformat()
    return staffed.of("rota", "rotate", "--staff", "S-1", "--staff", "S-2", "--from", begins, *more)


def last_monday() -> date:
    today = datetime.now(UTC).date()
    return today - timedelta(days=today.weekday() + 7)


def local(stamp: str) -> datetime:
    return to_local(datetime.fromisoformat(stamp), MADRID)


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def test_a_weekly_rotation_covers_the_month_and_hands_over_at_eight(staffed: CommandLine) -> None:
    made = rotate(staffed)
    assert (len(made["turns"]), made["gaps"]) == (2, [])
    shown = staffed.of("rota", "show")["shifts"]
    assert {(each["id"], each["rotation"]) for each in shown} == {(made["id"], True)}
    assert {local(each["from"]).time() for each in shown} == {time(8)}
    assert {local(each["from"]).weekday() for each in shown} == {0}
    assert [each["staff"] for each in shown[:3]] in (["S-1", "S-2", "S-1"], ["S-2", "S-1", "S-2"])
    assert len(staffed.of("rota", "show")["now"]["primary"]) == 1


def test_a_rotation_of_days_in_a_zone_of_its_own(staffed: CommandLine) -> None:
    made = rotate(staffed, "--every", "day", "--timezone", "Pacific/Auckland", "--level", "backup")
    turns = [datetime.fromisoformat(each["from"]) for each in made["turns"]]
    assert {to_local(each, "Pacific/Auckland").time() for each in turns} == {time(8)}
    assert timedelta(hours=23) <= turns[1] - turns[0] <= timedelta(hours=25)
    assert staffed.of("rota", "show")["now"]["backup"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2026-12-07T08:00+01:00"), "offset"),
        (("--from", "monday"), "no date"),
        (("--from", "2026-12-07T08:00", "--every", "month"), "no length of a turn"),
        (("--from", "2026-12-07T08:00", "--timezone", "Madrid"), "no time zone"),
        (("--from", "2026-01-05T08:00", "--until", "2026-02-05T08:00+01:00"), "over already"),
        (("--from", "2026-12-07T08:00", "--level", "tertiary"), "no level"),
        (("--from", "2026-12-07T08:00", "--staff", "S-3"), "cannot take an alert"),
    ],
)
def test_a_rotation_that_makes_no_sense_is_refused(staffed: CommandLine, words: tuple[str, ...], said: str) -> None:
    assert said in staffed.refused("rota", "rotate", "--staff", "S-1", *words)["error"]
    assert staffed.of("rota", "show")["shifts"] == []


def test_a_holiday_makes_a_gap_that_the_edit_itself_shows(staffed: CommandLine) -> None:
    staffed.of("rota", "add", "--staff", "S-1", "--from", "now", "--to", in_days(60))
    away = staffed.of("rota", "away", "--staff", "S-1", "--from", in_days(3), "--to", in_days(5))
    assert [(each["from"][:10], each["to"][:10]) for each in away["gaps"]] == [(in_days(3)[:10], in_days(5)[:10])]
    assert staffed.of("rota", "show")["away"][0]["staff"] == "S-1"
    assert staffed.of("rota", "remove", away["id"]) == {
        "id": away["id"],
        "kind": "absence",
        "removed": True,
        "gaps": [],
    }


def test_removing_a_rotation_ends_it_now_and_leaves_what_was(staffed: CommandLine) -> None:
    made = rotate(staffed)
    removed = staffed.of("rota", "remove", made["id"])
    assert (removed["kind"], len(removed["gaps"])) == ("rotation", 1)
    past = staffed.of("rota", "show", "--from", in_days(-5))["shifts"]
    assert {each["id"] for each in past} == {made["id"]}
    assert "no shift, rotation or absence" in staffed.refused("rota", "remove", made["id"])["error"]


def test_disabling_somebody_says_which_gaps_their_shifts_become(staffed: CommandLine) -> None:
    staffed.of("rota", "add", "--staff", "S-1", "--from", "now", "--to", in_days(60))
    assert len(staffed.of("staff", "disable", "S-1")["gaps"]) == 1


def test_people_read_the_gaps_below_what_they_did(staffed: CommandLine) -> None:
    shown = staffed.run("rota", "add", "--staff", "S-1", "--from", "now", "--to", in_days(60))
    assert "S-1 is primary" in shown.out
    assert "No gaps." in shown.out
    assert "gap" in staffed.run("rota", "away", "--staff", "S-1", "--from", "now", "--to", in_days(1)).out


def test_a_shift_and_what_is_missing_are_told_by_the_clinics_clocks(staffed: CommandLine) -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    begins = local(f"{day}T10:00+00:00")
    told = staffed.run("rota", "add", "--staff", "S-1", "--from", f"{day}T10:00Z", "--to", f"{day}T12:00Z").out
    assert f"S-1 is primary from {begins:%a %Y-%m-%d %H:%M} ({MADRID}) to " in told
    gaps = [
        each["problem"]
        for each in staffed.run("check", "--json").json["problems"]
        if "primary in the next" in each["problem"]
    ]
    assert f"to {begins:%Y-%m-%d %H:%M}." in gaps[0]
