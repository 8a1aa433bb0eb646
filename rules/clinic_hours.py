"""The hours in which the clinic is staffed, in its own zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rules.local_time import Hours, parse_hours, to_instant, to_local

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD = 400  # days; longer than any run of holidays


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicHours:
    """Weekdays (0 is Monday), hours from a wall time up to, not including, another, and closed dates."""

    days: frozenset[int]
    hours: Hours
    zone: str
    holidays: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Whether the clinic is staffed at an instant; hours over midnight belong to the day on which they began."""
        local = to_local(at, self.zone)
        if self.hours.start < self.hours.end or self.hours.end == time(0):
            return self._works(local.date()) and local.time() in self.hours
        began = local.date() if local.time() >= self.hours.start else local.date() - timedelta(days=1)
        return self._works(began) and local.time() in self.hours

    def next_opening(self, at: datetime) -> datetime:
        """The next instant, `at` included, at which the clinic is staffed; `at` itself if it never opens."""
        if self.is_open(at):
            return at
        today = to_local(at, self.zone).date()
        for ahead in range(LOOK_AHEAD):
            day = today + timedelta(days=ahead)
            opening = to_instant(day, self.hours.start, self.zone)
            if self._works(day) and opening > at:
                return opening
        return at

    def last_at(self, wall: time, at: datetime) -> datetime | None:
        """The last instant, `at` included, at which it was a wall time on a working day; none within 400 days."""
        return next((each for each in self._each(wall, at, days=range(0, -LOOK_AHEAD, -1)) if each <= at), None)

    def next_at(self, wall: time, after: datetime) -> datetime | None:
        """The next instant after another at which it will be a wall time on a working day; none within 400 days."""
        return next((each for each in self._each(wall, after, days=range(LOOK_AHEAD)) if each > after), None)

    def _each(self, wall: time, at: datetime, days: range) -> Iterator[datetime]:
        today = to_local(at, self.zone).date()
        for day in (today + timedelta(days=away) for away in days):
            if self._works(day):
                yield to_instant(day, wall, self.zone)

    def open_time_between(self, a: datetime, b: datetime) -> timedelta:
        """How long the clinic is staffed from `a` to `b`; nothing when `b` is not after `a`."""
        if b <= a:
            return timedelta(0)
        spans = self._spans(a, days=(b - a).days + 3)
        return sum((min(end, b) - max(start, a) for start, end in spans if start < b), timedelta(0))

    def after_open_time(self, at: datetime, length: timedelta) -> datetime | None:
        """When the clinic will have been staffed for `length` since `at`; None if not within 400 days."""
        for start, end in self._spans(at, days=LOOK_AHEAD):
            begin = max(start, at)
            if begin + length <= end:
                return begin + length
            length -= end - begin
        return None

    def _spans(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """The openings that end after `at`, as (from, to) instants in order."""
        day = to_local(at, self.zone).date() - timedelta(days=1)
        for _ in range(days):
            last = day if self.hours.start < self.hours.end else day + timedelta(days=1)
            start, end = to_instant(day, self.hours.start, self.zone), to_instant(last, self.hours.end, self.zone)
            if self._works(day) and at < end:
                yield start, end
            day += timedelta(days=1)

    def _works(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays


def parse_days(text: str) -> frozenset[int]:
    """The weekdays of "mon-fri", "mon,wed,fri" or "daily"; raises ValueError with the mend."""
    if text.strip().lower() == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise ValueError(f'{text!r} are no weekdays: write for example "mon-fri", "mon,wed" or "daily"')
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found |= {(start + i) % 7 for i in range((end - start) % 7 + 1)}
    return frozenset(found)


def parse_clinic_hours(days: str, hours: object, zone: str, holidays: tuple[str, ...] = ()) -> ClinicHours:
    """The hours of a configuration; raises ValueError with the mend."""
    parsed = parse_hours(hours)
    if parsed is None:
        raise ValueError('clinic.hours are empty: write for example ["09:00", "17:00"], or ["00:00", "24:00"]')
    closed = frozenset(date.fromisoformat(day) for day in holidays)
    return ClinicHours(days=parse_days(days), hours=parsed, zone=zone, holidays=closed)


def rings_at(hours: ClinicHours, now: datetime, *, urgent: bool, patience: timedelta = timedelta(hours=12)) -> datetime:
    """When an amber first pages: now in hours or if urgent, at the next opening, but now if that is too far off.

    Source: clinical.md, "Tiers and clocks" (a proposal).
    """
    opening = hours.next_opening(now)
    return now if urgent or opening - now > patience else opening
