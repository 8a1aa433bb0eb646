"""Rotations: turns, their end, and the handover at the same wall time over both edges of summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from rules.local_time import to_local
from rules.rota import gaps, on_duty
from rules.rotation import Rotation, next_turns, parse_every, shifts_of

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def rotation(**changes: Any) -> Rotation:
    values = {"order": ("ann", "bob", "cyd"), "at": time(8), "zone": "Europe/Madrid", "starts_on": date(2026, 1, 5)}
    return Rotation(**{**values, **changes})


@pytest.mark.parametrize(("month", "hours"), [(3, 167), (10, 169)])
def test_the_handover_stays_at_its_wall_time_over_both_edges_of_summer_time(month: int, hours: int) -> None:
    start = datetime(2026, month, 10, tzinfo=UTC)
    shifts = shifts_of(rotation(), start, start + 28 * DAY)
    lengths = [(each.to_at - each.from_at) // timedelta(hours=1) for each in shifts]
    assert sorted(set(lengths)) == sorted({168, hours})
    assert lengths.count(hours) == 1
    assert {to_local(each.from_at, "Europe/Madrid").time() for each in shifts} == {time(8)}
    assert gaps(shifts, start, start + 28 * DAY) == ()
    assert all(one.to_at == two.from_at for one, two in pairwise(shifts))
    assert len({each.staff for each in shifts[:3]}) == 3


@pytest.mark.parametrize(
    ("day", "at", "zone"),
    [
        (date(2026, 3, 29), time(8), "Europe/Madrid"),  # forward at 02:00
        (date(2026, 10, 25), time(8), "Europe/Madrid"),  # back at 03:00
        (date(2026, 3, 29), time(2, 30), "Europe/Madrid"),  # a handover that does not exist on that day
        (date(2026, 10, 25), time(2, 30), "Europe/Madrid"),  # one that is there twice
        (date(2026, 4, 5), time(2, 15), "Australia/Lord_Howe"),  # half an hour back
    ],
)
def test_at_each_minute_of_an_edge_exactly_one_is_on_call_and_hands_over_once(day: date, at: time, zone: str) -> None:
    turns = rotation(at=at, zone=zone, starts_on=day - DAY, days=1)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    shifts = shifts_of(turns, start, start + 3 * DAY)
    minutes = [start + number * MINUTE for number in range(3 * 24 * 60)]
    on = [on_duty(shifts, "primary", minute) for minute in minutes if minute >= shifts[0].from_at]
    assert {len(who) for who in on} == {1}
    assert sum(one != two for one, two in pairwise(on)) == len(shifts) - 1


def test_turns_are_the_same_whatever_span_is_asked_for_and_none_come_before_the_start() -> None:
    turns = rotation(order=("ann", "bob"), at=time(2, 30), zone="Pacific/Auckland", starts_on=date(2026, 1, 2), days=14)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    year = shifts_of(turns, start, start + 365 * DAY)
    assert (year[0].staff, year[0].from_at) == ("ann", datetime(2026, 1, 1, 13, 30, tzinfo=UTC))
    for day in range(1, 364):
        now = start + day * DAY
        parts = shifts_of(turns, now, now + MINUTE)
        assert parts == tuple(each for each in year if each.to_at > now and each.from_at < now + MINUTE)
        assert len(parts) == 1
    assert shifts_of(turns, start - 30 * DAY, start) == ()


def test_a_rotation_that_ends_is_cut_off_there() -> None:
    end = datetime(2026, 1, 14, 12, tzinfo=UTC)
    shifts = shifts_of(rotation(ends_at=end), end - 20 * DAY, end + 20 * DAY)
    assert [each.staff for each in shifts] == ["ann", "bob"]
    assert shifts[-1].to_at == end
    assert shifts_of(rotation(ends_at=end), end, end + DAY) == ()
    assert [each.staff for each in next_turns(rotation(ends_at=end), end - DAY)] == ["bob"]


def test_the_next_turns_are_one_for_each() -> None:
    turns = next_turns(rotation(), datetime(2026, 1, 13, tzinfo=UTC))
    assert [each.staff for each in turns] == ["bob", "cyd", "ann"]


@pytest.mark.parametrize(("text", "days"), [("week", 7), ("day", 1), ("2 weeks", 14), ("10 days", 10), (" Week ", 7)])
def test_the_length_of_a_turn_is_read(text: str, days: int) -> None:
    assert parse_every(text) == days


@pytest.mark.parametrize("text", ["", "month", "0 days", "400 days", "-1 week", "2"])
def test_what_is_no_length_of_a_turn_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write such as"):
        parse_every(text)


def test_a_rotation_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="needs somebody"):
        rotation(order=())
