"""Rotations: staff who take turns, handing over at the same wall time of a zone whatever its clocks do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, islice, takewhile

from rules.local_time import local_day, to_instant
from rules.rota import Shift

_EVERY = re.compile(r"(?:(\d{1,3}) )?(day|week)s?", re.ASCII)
DAYS = {"day": 1, "week": 7}
LONGEST = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Staff who take turns at a level, each for so many days, from a wall time of a day on; `ends_at` cuts it off."""

    order: tuple[str, ...]
    level: str = "primary"
    starts_on: date
    at: time
    zone: str
    days: int = 7
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.order or not 1 <= self.days <= LONGEST:
            raise ValueError(f"a rotation needs somebody, and turns of 1 to {LONGEST} days: give them")


def shifts_of(rotation: Rotation, from_at: datetime, to_at: datetime) -> tuple[Shift, ...]:
    """The whole shifts of a rotation that touch the time between two instants; each begins where the last ended."""
    return tuple(takewhile(lambda shift: shift.from_at < to_at, _turns(rotation, from_at)))


def next_turns(rotation: Rotation, from_at: datetime) -> tuple[Shift, ...]:
    """One turn of each, from the one that goes on or is first to begin."""
    return tuple(islice(_turns(rotation, from_at), len(rotation.order)))


def _turns(rotation: Rotation, from_at: datetime) -> Iterator[Shift]:
    """The turns that end after an instant, in their order, without end or to that of the rotation."""
    days_gone = (local_day(from_at, rotation.zone) - rotation.starts_on).days
    for turn in count(max(0, days_gone // rotation.days - 1)):
        begin, end = _begins_at(rotation, turn), _begins_at(rotation, turn + 1)
        if rotation.ends_at is not None:
            if begin >= rotation.ends_at:
                return
            end = min(end, rotation.ends_at)
        if end > from_at:
            staff = rotation.order[turn % len(rotation.order)]
            yield Shift(staff=staff, level=rotation.level, from_at=begin, to_at=end)


def parse_every(text: str) -> int:
    """The days of "week", "day", "2 weeks"; raises ValueError with the mend."""
    found = _EVERY.fullmatch(text.strip().lower())
    days = int(found[1] or 1) * DAYS[found[2]] if found else 0
    if not 1 <= days <= LONGEST:
        raise ValueError(f'{text!r} is no length of a turn: write such as "week", "day" or "2 weeks"')
    return days


def _begins_at(rotation: Rotation, turn: int) -> datetime:
    return to_instant(rotation.starts_on + timedelta(days=rotation.days * turn), rotation.at, rotation.zone)
