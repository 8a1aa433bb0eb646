"""Prompts: what rides in one message, when it goes out, whose doing it is that one was missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pytest

from rules.local_time import Hours, is_quiet
from rules.prompting import (
    DOWN,
    LATE,
    Outage,
    Reachability,
    catch_up,
    goes_out_at,
    is_ours,
    spread,
    together,
    what_became,
)

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)  # 10:00 in Madrid
QUIET = Hours(start=time(21), end=time(8))


@dataclass(frozen=True)
class Row:
    id: str
    asks: tuple[str, ...] = ("mood",)
    due_at: datetime = NOW
    expires_at: datetime = NOW + timedelta(hours=20)
    slot: str = "mood"
    in_mood_stream: bool = False


def row(name: str, minutes: float = 0, *, lives: float = 20, stream: bool | None = None) -> Row:
    asks = {"milestone": ("phq9", "gad7"), "settle": ("settle",)}.get(name.rstrip("0123456789"), (name,))
    due_at = NOW + timedelta(minutes=minutes)
    in_stream = asks == ("mood",) if stream is None else stream
    return Row(name, asks, due_at, due_at + timedelta(hours=lives), asks[0], in_stream)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("mood")], "mood"),
        ([row("side-effects"), row("mood")], "mood side-effects"),  # due at the same time: one prompt, mood first
        ([row("settle", -60), row("mood")], "mood settle"),  # what waited rides along
        ([row("mood"), row("settle", 0.5)], "mood settle"),  # within a minute of the mood prompt
        ([row("settle"), row("mood", 0.5)], "mood settle"),
        ([row("mood"), row("settle", 1)], "mood"),  # a minute later is another prompt
        ([row("settle1"), row("settle2", 0.5)], "settle1"),  # without the mood prompt nothing is asked early
        ([row("mood", -1500), row("settle")], "settle"),  # what is over is not asked
        ([row("mood", 5)], ""),
    ],
)
def test_one_prompt_asks_all_that_is_due_for_a_patient_with_mood_first(rows: list[Row], expected: str) -> None:
    assert " ".join(each.id for each in together(rows, NOW)) == expected


def test_messages_are_spread_but_never_into_quiet_hours_or_beyond_their_end() -> None:
    def out(due: Row, now: datetime, jitter: int = 60, quiet: Hours | None = QUIET) -> datetime:
        return goes_out_at(due, now, zone="Europe/Madrid", quiet=quiet, jitter=timedelta(seconds=jitter))

    late_id = "f" * 32
    assert spread(late_id) < 1
    assert out(Row(late_id), NOW) - NOW == pytest.approx(timedelta(seconds=60), abs=timedelta(seconds=1))
    assert out(Row("0" * 32), NOW) == NOW
    before_night = datetime(2026, 5, 4, 18, 59, 30, tzinfo=UTC)
    assert out(Row(late_id), before_night) == before_night  # 20:59:30; a minute later it is quiet
    night = datetime(2026, 5, 4, 23, tzinfo=UTC)
    assert out(Row(late_id), night, jitter=0) == datetime(2026, 5, 5, 6, tzinfo=UTC)  # 08:00 in Madrid
    assert out(Row(late_id), night, jitter=0, quiet=None) == night
    ends_soon = Row(late_id, expires_at=NOW + timedelta(seconds=30))
    assert out(ends_soon, NOW) == NOW


def test_no_instant_of_a_day_sends_in_quiet_hours() -> None:
    for minute in range(0, 24 * 60, 7):
        now = NOW + timedelta(minutes=minute)
        due = Row(f"{minute:032x}", expires_at=now + timedelta(days=2))
        at = goes_out_at(due, now, zone="America/New_York", quiet=QUIET, jitter=timedelta(minutes=5))
        assert at >= now
        assert not is_quiet(at, "America/New_York", QUIET)


def test_only_an_outage_is_called_ours() -> None:
    outage = Outage(from_at=NOW - timedelta(hours=4), to_at=NOW)
    assert is_ours(row("mood", -60), NOW, outage)
    assert not is_ours(row("mood", -60), NOW, None)  # held by a safety conversation, for instance
    assert not is_ours(row("mood", -300), NOW, outage)  # due before it, held by something else
    assert not is_ours(row("mood", -LATE.total_seconds() / 60), NOW, outage)  # not late enough to be mentioned


def test_a_restart_is_no_outage_and_a_day_loses_updates() -> None:
    assert not Outage(from_at=NOW, to_at=NOW + DOWN).counts
    assert Outage(from_at=NOW, to_at=NOW + DOWN + timedelta(seconds=1)).counts
    assert not Outage(from_at=NOW, to_at=NOW + timedelta(hours=24)).loses_updates
    assert Outage(from_at=NOW, to_at=NOW + timedelta(hours=25)).loses_updates


@pytest.mark.parametrize(
    ("sent", "patient", "expected"),
    [
        (True, Reachability(state="consented"), "expired"),
        (True, Reachability(state="paused"), "expired"),
        (False, Reachability(state="consented"), "missed_by_us"),
        (False, Reachability(state="consented", held=True), "cancelled"),
        (False, Reachability(state="paused"), "cancelled"),
        (False, Reachability(state="consented", blocked=True), "expired"),
        (False, Reachability(state="linked"), "expired"),
        (False, Reachability(state="enrolled"), "expired"),
    ],
)
def test_what_was_not_sent_to_somebody_who_could_be_asked_was_missed_by_us(
    sent: bool, patient: Reachability, expected: str
) -> None:
    assert what_became(sent=sent, patient=patient) == expected


@pytest.mark.parametrize(
    ("open_", "missed", "near", "expected"),
    [
        ([], [row("mood", -1440)], False, "mood"),
        ([], [row("mood", -1440)], True, ""),  # today's comes soon
        ([row("settle")], [row("mood", -1440)], False, "settle"),
        ([], [row("settle", -1440)], False, ""),  # the first hours cannot be made up for
        ([], [row("milestone", -1440), row("mood", -1440)], False, "milestone"),
        ([row("mood")], [row("milestone", -1440)], True, "mood milestone"),
        ([row("milestone")], [row("milestone1", -1440)], False, "milestone"),
        ([], [row("milestone1", -2880), row("milestone2", -1440)], False, "milestone2"),
    ],
)
def test_the_catch_up_asks_what_can_still_be_answered_and_a_missed_phq9(
    open_: list[Row], missed: list[Row], near: bool, expected: str
) -> None:
    assert " ".join(each.id for each in catch_up(open_, missed, mood_is_near=near)) == expected
