"""`fortnight infusion`: one or a series, moved, cancelled, taken back; time is always given with its offset."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from app.clock import SystemClock
from rules.local_time import resolve
from tests.app.conftest import CommandLine

RECORD = ("infusion", "record", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test", "--at")


def test_an_infusion_brings_its_course_and_its_check_ins(enrolled: CommandLine) -> None:
    recorded = enrolled.of(*RECORD, "now")
    assert set(recorded) == {"id", "course", "slots"}
    shown = enrolled.of("patient", "show", "P-1001")
    assert [course["id"] for course in shown["courses"]] == [recorded["course"]]
    assert len(shown["checkins"]) == recorded["slots"]
    assert {row["state"] for row in shown["checkins"]} == {"scheduled"}
    assert all(row["due_at"].endswith("+00:00") for row in shown["checkins"])


def test_an_instant_without_an_offset_is_refused_with_an_example(enrolled: CommandLine) -> None:
    complaint = enrolled.refused(*RECORD, "2026-11-02T14:30")
    assert "no offset" in complaint["error"]
    assert "+01:00" in complaint["mend"]


@pytest.mark.parametrize(
    "nonsense", ["yesterday", "2026-13-01T10:00+00:00", "0001-01-01T00:00+14:00", "9999-12-30T00:00+00:00", ""]
)
def test_what_is_no_instant_is_refused(enrolled: CommandLine, nonsense: str) -> None:
    assert "ISO 8601" in enrolled.refused(*RECORD, nonsense)["mend"]


def test_without_a_tested_clinician_on_its_first_day_a_course_needs_a_reason(enrolled: CommandLine) -> None:
    complaint = enrolled.refused("infusion", "record", "--patient", "P-1001", "--at", "now", "--dose-mg-per-kg", "0.5")
    assert "--uncovered" in complaint["mend"]


def test_who_decides_that_it_starts_uncovered_is_kept_in_the_audit(enrolled: CommandLine) -> None:
    enrolled.of("staff", "add", "--name", "Front Desk", "--role", "coordinator")
    enrolled.of("staff", "add", "--name", "Reader", "--role", "auditor")
    enrolled.of(*RECORD, "now", "--by", "S-3")
    last = enrolled.of("audit", "show", "P-1001")[-1]
    assert last["who"] == "S-3"
    assert (last["actor"][:6], last["action"], last["detail"]["uncovered"]) == ("staff:", "infusion-recorded", True)
    assert "may not" in enrolled.refused(*RECORD, "2026-11-20T10:00+01:00", "--by", "S-4")["error"]


def test_who_decides_that_it_moves_to_an_uncovered_day_is_kept_in_the_audit(enrolled: CommandLine) -> None:
    enrolled.of("staff", "add", "--name", "Front Desk", "--role", "coordinator")
    recorded = enrolled.of(*RECORD, _in_days(30))
    move = ("infusion", "postpone", recorded["id"], "--to", _in_days(31), "--uncovered")
    assert "empty" in enrolled.refused(*move, " ")["error"]
    enrolled.of(*move, "the rota of that week comes tomorrow", "--by", "S-3")
    last = enrolled.of("audit", "show", "P-1001")[-1]
    assert (last["who"], last["action"], last["detail"]["uncovered"]) == ("S-3", "infusion-postponed", True)
    (course,) = enrolled.of("patient", "show", "P-1001")["courses"]
    assert course["uncovered_reason"] == "the rota of that week comes tomorrow"
    assert "without a tested clinician: the rota of that week" in enrolled.run("patient", "show", "P-1001").out


def test_an_empty_reason_is_none(enrolled: CommandLine) -> None:
    words = ("infusion", "record", "--patient", "P-1001", "--at", "now", "--dose-mg-per-kg", "0.5", "--uncovered", " ")
    assert "empty" in enrolled.refused(*words)["error"]


def test_a_planned_infusion_moves_and_goes_with_its_check_ins(enrolled: CommandLine) -> None:
    at = _in_days(30)
    recorded = enrolled.of(*RECORD, at)
    assert "--uncovered" in enrolled.refused("infusion", "postpone", recorded["id"], "--to", _in_days(31))["mend"]
    moved = enrolled.of("infusion", "postpone", recorded["id"], "--to", _in_days(31), "--uncovered", "a test")
    assert moved["course"] == recorded["course"]
    assert moved["checkins"] == {"moved": recorded["slots"], "dropped": 0, "added": 0}
    assert "uncovered" in moved["warnings"]
    (course,) = enrolled.of("patient", "show", "P-1001")["courses"]
    assert course["infusion_at"] == moved["infusion_at"]
    told = enrolled.run("infusion", "cancel", recorded["id"])
    assert f"is cancelled. Check-ins moved: 0, not asked any more: {recorded['slots']}, asked instead: 0." in told.out
    shown = enrolled.of("patient", "show", "P-1001")
    assert shown["courses"][0]["state"] == "cancelled"
    assert {row["state"] for row in shown["checkins"]} == {"cancelled"}


def test_a_series_is_recorded_whole_or_not_at_all(enrolled: CommandLine) -> None:
    words = ("infusion", "series", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    enrolled.refused(*words, "--at", _in_days(1), "--at", _in_days(500))
    assert enrolled.of("patient", "show", "P-1001")["courses"] == []
    recorded = enrolled.of(*words, "--at", _in_days(1), "--at", _in_days(4))
    assert len(recorded) == 2


def test_six_are_planned_by_one_date_and_what_looks_odd_is_said(enrolled: CommandLine) -> None:
    words = ("infusion", "series", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    first = _in_days(3)[:10] + "T10:00"
    planned = enrolled.of(*words, "--first", first)
    assert len(planned) == 6
    days = [date.fromisoformat(each["infusion_at"][:10]) for each in planned]
    assert [(day - days[0]).days for day in days[::2]] == [0, 7, 14]
    closed = [each["infusion_at"] for each in planned if "closed" in each["warnings"]]
    assert closed == [each["infusion_at"] for each, day in zip(planned, days, strict=True) if day.weekday() >= 5]
    again = enrolled.of(*words, "--first", first[:10] + "T12:00", "--every", "3d", "--count", "2")
    assert ["close" in each["warnings"] for each in again] == [True, True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "not clear"),
        (("--first", "2026-12-01T09:00", "--at", "now"), "not clear"),
        (("--first", "soon"), "no date and time"),
        (("--first", "2026-12-01"), "no time of day"),
        (("--first", "9999-12-30T09:00"), "no date and time"),
        (("--first", "2026-12-01T09:00", "--every", "36h"), "whole days apart, not 1d12h"),
        (("--first", "2026-12-01T09:00", "--every", "999999d"), "too long"),
        (("--first", "2026-12-01T09:00", "--every", "often"), "no duration"),
        (("--first", "2026-12-01T09:00", "--count", "six"), "'six' is no number of infusions."),
        (("--first", "2026-12-01T09:00", "--count", "99"), "no number of infusions"),
        (("--first", "2026-12-01T09:00", "--count", "0"), "no number of infusions"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused(enrolled: CommandLine, words: tuple[str, ...], said: str) -> None:
    complaint = enrolled.refused("infusion", "series", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", *words)
    assert said in complaint["error"]
    assert complaint["mend"]


def test_a_series_keeps_its_time_of_day_and_says_where_the_clocks_have_none(enrolled: CommandLine) -> None:
    words = ("infusion", "series", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    zone, on = _next_gap()
    config = enrolled.folder / "config.toml"
    config.write_text(config.read_text().replace("Europe/Madrid", zone))
    planned = enrolled.run(*words, "--first", f"{on}T02:30", "--every", "7d", "--count", "2").out
    assert f"Sun {on} 03:00" in planned
    assert f"Sun {on + timedelta(days=7)} 02:30" in planned
    assert planned.count("no 02:30 (clock change)") == 1
    shown = enrolled.of("patient", "show", "P-1001")["courses"]
    assert all(each["infusion"][-8:] in planned and each["infusion"] not in planned for each in shown)


def _next_gap() -> tuple[str, date]:
    """Where and on which day before long the clocks have no 02:30."""
    days = [SystemClock().now().date() + timedelta(days=n) for n in range(2, 300)]
    zones = ("Europe/Madrid", "Australia/Sydney")
    return next((zone, day) for day in days for zone in zones if resolve(day, time(2, 30), zone)[1])


def test_an_infusion_that_is_given_twice_or_too_far_away_is_named(enrolled: CommandLine) -> None:
    words = ("infusion", "series", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    at, far = _in_days(1), _in_days(500)
    twice = enrolled.refused(*words, "--at", at, "--at", _in_days(4), "--at", at)
    assert f"{at[:10]}" in twice["error"]
    assert "(Europe/Madrid) is given twice" in twice["error"]
    assert f"The infusion of {far[:10]}" in enrolled.refused(*words, "--at", at, "--at", far)["error"]
    assert enrolled.of("patient", "show", "P-1001")["courses"] == []


def test_one_infusion_is_one_infusion(enrolled: CommandLine) -> None:
    words = ("infusion", "series", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    assert "1 infusion is recorded" in enrolled.run(*words, "--at", _in_days(1)).out


def test_an_unusual_dose_is_asked_back(enrolled: CommandLine) -> None:
    words = ("infusion", "record", "--patient", "P-1001", "--at", "now", "--uncovered", "a test", "--dose-mg-per-kg")
    complaint = enrolled.refused(*words, "1.2")
    assert "outside the usual 0.5 to 1" in complaint["error"]
    assert "--dose-is-right" in complaint["mend"]
    assert "cannot be right" in enrolled.refused(*words, "50", "--dose-is-right")["error"]
    assert enrolled.of(*words, "1.2", "--dose-is-right")["slots"] > 0


def test_a_dose_may_have_a_decimal_comma_and_what_is_none_is_said(enrolled: CommandLine) -> None:
    words = ("infusion", "record", "--patient", "P-1001", "--uncovered", "a test", "--at", "now", "--dose-mg-per-kg")
    for nonsense in ("half", "inf", "-1", ""):
        complaint = enrolled.refused(*words, nonsense)
        assert (complaint["error"], "such as 0.5" in complaint["mend"]) == (f"{nonsense!r} is no dose.", True)
    enrolled.of(*words, "0,75")
    assert enrolled.of("patient", "show", "P-1001")["courses"][0]["dose_mg_per_kg"] == 0.75


def test_a_date_so_long_ago_that_the_course_is_over_is_asked_back(enrolled: CommandLine) -> None:
    complaint = enrolled.refused(*RECORD, _in_days(-30))
    assert "would be over already" in complaint["error"]
    assert "--date-is-right" in complaint["mend"]
    series = ("infusion", "series", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    assert "would be over" in enrolled.refused(*series, "--at", _in_days(-30))["error"]
    assert enrolled.of(*series, "--at", _in_days(-31), "--date-is-right")[0]["slots"] == 0
    assert enrolled.of(*RECORD, _in_days(-30), "--date-is-right")["slots"] == 0
    shown = enrolled.run("patient", "show", "P-1001").out
    assert "infusion record" not in shown
    assert "No check-in is left" in shown


def test_an_infusion_recorded_by_mistake_is_taken_back_with_its_reason(enrolled: CommandLine) -> None:
    recorded = enrolled.of(*RECORD, _in_days(-1))
    assert '--reason "' in enrolled.refused("infusion", "cancel", recorded["id"])["mend"]
    assert "empty" in enrolled.refused("infusion", "cancel", recorded["id"], "--reason", " ")["error"]
    taken = enrolled.of("infusion", "cancel", recorded["id"], "--reason", "it was another patient's")
    assert (taken["state"], taken["checkins"]["dropped"]) == ("cancelled", recorded["slots"])
    last = enrolled.of("audit", "show", "P-1001")[-1]
    assert (last["action"], last["detail"]["reason"]) == ("infusion-withdrawn", "it was another patient's")


def _in_days(days: int) -> str:
    return (SystemClock().now() + timedelta(days=days)).isoformat()
