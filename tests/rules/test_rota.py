"""The rota: overlaps, overrides, disabled staff, gaps, and rotations over both edges of summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from rules.rota import Gap, Rotation, Shift, gaps, next_change, on_duty, shifts_of


def at(hour: int) -> datetime:
    return datetime(2026, 3, 4, tzinfo=UTC) + timedelta(hours=hour)


def shift(staff: str, start: int, end: int, *, level: str = "primary", override: bool = False) -> Shift:
    return Shift(staff=staff, level=level, from_at=at(start), to_at=at(end), override=override)


ROTA = (
    shift("bob", 6, 12),
    shift("ann", 0, 8),
    shift("ann", 6, 8),
    shift("dee", 0, 12, level="backup"),
    shift("cyd", 9, 10, override=True),
)


@pytest.mark.parametrize(
    ("level", "hour", "left", "expected"),
    [
        ("primary", 0, "", ("ann",)),
        ("primary", 7, "", ("ann", "bob")),  # an overlap, the earliest first, each once
        ("primary", 8, "", ("bob",)),  # the end is not included
        ("primary", 9, "", ("cyd",)),  # an override wins
        ("primary", 9, "cyd", ("bob",)),  # unless its staff are disabled
        ("primary", 7, "ann", ("bob",)),
        ("primary", 12, "", ()),
        ("backup", 9, "", ("dee",)),
    ],
)
def test_who_is_on_duty(level: str, hour: int, left: str, expected: tuple[str, ...]) -> None:
    able = {"ann", "bob", "cyd", "dee"} - {left}
    assert on_duty(ROTA, level, at(hour), able=able) == expected


def test_gaps_are_joined_and_count_disabled_staff_as_nobody() -> None:
    assert gaps(ROTA, at(-2), at(14)) == (
        Gap(level="primary", from_at=at(-2), to_at=at(0)),
        Gap(level="primary", from_at=at(12), to_at=at(14)),
    )
    without_bob = gaps(ROTA, at(0), at(12), able={"ann", "dee"})
    assert without_bob == (Gap(level="primary", from_at=at(8), to_at=at(12)),)
    assert next_change(ROTA, at(8)) == at(9)
    assert next_change(ROTA, at(12)) is None


@pytest.mark.parametrize(("month", "hours"), [(3, 167), (10, 169)])
def test_a_rotation_hands_over_at_the_same_wall_time_over_both_edges_of_summer_time(month: int, hours: int) -> None:
    rotation = Rotation(
        order=("ann", "bob", "cyd"), weekday=0, at=time(9), zone="Europe/Madrid", starts_on=date(2026, 1, 1)
    )
    start = datetime(2026, month, 10, tzinfo=UTC)
    shifts = shifts_of(rotation, start, start + timedelta(days=28))
    lengths = [(each.to_at - each.from_at) // timedelta(hours=1) for each in shifts]
    assert sorted(set(lengths)) == sorted({168, hours})
    assert lengths.count(hours) == 1
    assert gaps(shifts, start, start + timedelta(days=28)) == ()
    assert all(one.to_at == two.from_at for one, two in pairwise(shifts))
    assert len({each.staff for each in shifts[:3]}) == 3


def test_turns_are_the_same_whatever_span_is_asked_for_and_none_come_before_the_start() -> None:
    rotation = Rotation(
        order=("ann", "bob"), weekday=4, at=time(2, 30), zone="Pacific/Auckland", starts_on=date(2026, 1, 1), every=2
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    year = shifts_of(rotation, start, start + timedelta(days=365))
    assert (year[0].staff, year[0].from_at) == ("ann", datetime(2026, 1, 1, 13, 30, tzinfo=UTC))
    for day in range(1, 364):
        now = start + timedelta(days=day)
        parts = shifts_of(rotation, now, now + timedelta(minutes=1))
        assert parts == tuple(each for each in year if each.to_at > now and each.from_at < now + timedelta(minutes=1))
        assert len(parts) == 1
    assert shifts_of(rotation, start - timedelta(days=30), start) == ()


def test_a_rotation_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="needs somebody"):
        Rotation(order=(), weekday=0, at=time(9), zone="UTC", starts_on=date(2026, 1, 1))
