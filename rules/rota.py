"""The rota: who is on call at an instant, and where nobody is. Overrides win over shifts of their level."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from rules.local_time import local_day, to_instant

LEVELS = ("primary", "backup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Who is on call at a level from an instant up to, not including, another. `override` stands in for the shifts."""

    staff: str
    level: str
    from_at: datetime
    to_at: datetime
    override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Staff who take turns: handover on a weekday (0 is Monday) at a wall time of a zone, `every` so many weeks.

    The first of `order` begins at the first such weekday on or after `starts_on`.
    """

    order: tuple[str, ...]
    weekday: int
    at: time
    zone: str
    starts_on: date
    every: int = 1

    def __post_init__(self) -> None:
        if not self.order or self.every < 1 or not 0 <= self.weekday <= 6:
            raise ValueError("a rotation needs somebody, a weekday from 0 to 6 and a whole number of weeks: give them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A span of time in which nobody of a level is on call."""

    level: str
    from_at: datetime
    to_at: datetime


def on_duty(
    shifts: Sequence[Shift], level: str, at: datetime, *, able: Collection[str] | None = None
) -> tuple[str, ...]:
    """Who is on call at a level: those of overrides if there are any, of shifts otherwise, by their start.

    `able` leaves out everybody else, such as disabled staff; an override whose people are all left out gives way.
    """
    now = [each for each in shifts if each.level == level and each.from_at <= at < each.to_at]
    now = [each for each in now if able is None or each.staff in able]
    chosen = [each for each in now if each.override] or now
    return tuple(dict.fromkeys(each.staff for each in sorted(chosen, key=lambda each: each.from_at)))


def gaps(
    shifts: Sequence[Shift],
    from_at: datetime,
    to_at: datetime,
    *,
    level: str = "primary",
    able: Collection[str] | None = None,
) -> tuple[Gap, ...]:
    """Where nobody of a level is on call between two instants."""
    edges = {from_at, to_at}
    for shift in shifts:
        edges |= {instant for instant in (shift.from_at, shift.to_at) if from_at < instant < to_at}
    ordered = sorted(edges)
    found: list[Gap] = []
    for start, end in pairwise(ordered):
        if on_duty(shifts, level, start, able=able):
            continue
        if found and found[-1].to_at == start:
            found[-1] = Gap(level=level, from_at=found[-1].from_at, to_at=end)
        else:
            found.append(Gap(level=level, from_at=start, to_at=end))
    return tuple(found)


def next_change(shifts: Sequence[Shift], at: datetime) -> datetime | None:
    """When somebody next comes on or goes off call."""
    edges = (instant for shift in shifts for instant in (shift.from_at, shift.to_at) if instant > at)
    return min(edges, default=None)


def shifts_of(rotation: Rotation, from_at: datetime, to_at: datetime, level: str = "primary") -> tuple[Shift, ...]:
    """The whole shifts of a rotation that touch the time between two instants; each begins where the last ended."""
    first = rotation.starts_on + timedelta(days=(rotation.weekday - rotation.starts_on.weekday()) % 7)
    period = timedelta(weeks=rotation.every)
    turn = max(0, (local_day(from_at, rotation.zone) - first) // period - 1)
    found: list[Shift] = []
    while (begin := to_instant(first + period * turn, rotation.at, rotation.zone)) < to_at:
        end = to_instant(first + period * (turn + 1), rotation.at, rotation.zone)
        if end > from_at:
            staff = rotation.order[turn % len(rotation.order)]
            found.append(Shift(staff=staff, level=level, from_at=begin, to_at=end))
        turn += 1
    return tuple(found)
