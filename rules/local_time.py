"""Wall time and instants: local date + wall time + IANA zone on one side, UTC on the other, and quiet hours between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_WALL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_MIDNIGHT = time(0)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A stretch of wall time from `start` up to, not including, `end`; over midnight when `end` is the earlier one.

    An `end` of 00:00 is midnight at the end of the day ("24:00"); 00:00 to 00:00 is the whole day.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end != _MIDNIGHT:
            raise ValueError(f"hours from {self.start:%H:%M} to the same time are none: write a later end")

    def __contains__(self, wall: object) -> bool:
        if not isinstance(wall, time):
            return False
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    @property
    def is_whole_day(self) -> bool:
        """No time of the day is outside."""
        return self.start == self.end


def parse_wall_time(text: object) -> time:
    """The time that "HH:MM" says; raises ValueError, with the mend, for anything else."""
    found = _WALL_TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f'{text!r} is no time of day: write hours and minutes, such as "08:00"')
    return time(int(found[1]), int(found[2]))


def parse_hours(pair: object) -> Hours | None:
    """The hours that ["21:00", "08:00"] says, None for []; raises ValueError. "24:00" is allowed as the end."""
    if not isinstance(pair, (list, tuple)) or len(pair) not in (0, 2):
        raise ValueError(f'{pair!r} are no hours: write a start and an end, such as ["21:00", "08:00"], or []')
    if not pair:
        return None
    start, end = pair
    return Hours(start=parse_wall_time(start), end=_MIDNIGHT if end == "24:00" else parse_wall_time(end))


def format_hours(hours: Hours | None) -> list[str]:
    """What `parse_hours` reads as `hours`."""
    if hours is None:
        return []
    return [f"{hours.start:%H:%M}", "24:00" if hours.end == _MIDNIGHT else f"{hours.end:%H:%M}"]


def zone_of(name: str) -> ZoneInfo:
    """The zone that an IANA name means; raises ValueError, with the mend, if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'{name!r} is no time zone: write an IANA name, such as "Europe/Madrid"') from None


def zone_named(text: str) -> str | None:
    """The IANA name of a zone as people write it: "europe/madrid", "Madrid" or "new york"; none if it is not clear."""
    found = _zones().get(text.strip().replace(" ", "_").casefold(), ())
    return found[0] if len({_offsets(name) for name in found}) == 1 else None


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Every zone by its name, and those of a city by the city's, the most telling one first."""
    known = sorted(available_timezones(), key=lambda name: ("/" not in name, len(name), name))
    cities: dict[str, tuple[str, ...]] = {}
    for name in known:
        city = name.rpartition("/")[2].casefold()
        cities[city] = (*cities.get(city, ()), name)
    return cities | {name.casefold(): (name,) for name in known}


def _offsets(name: str) -> tuple[timedelta | None, ...]:
    return tuple(datetime(2026, month, 1, tzinfo=zone_of(name)).utcoffset() for month in (1, 7))


def to_instant(day: date, wall: time, zone: str) -> datetime:
    """The UTC instant of a wall time: of an ambiguous one the first, for a nonexistent one the next valid minute."""
    return resolve(day, wall, zone)[0]


def resolve(day: date, wall: time, zone: str) -> tuple[datetime, bool]:
    """The instant as `to_instant` gives it, and whether the wall time does not exist there and then."""
    naive, info = datetime.combine(day, wall.replace(fold=0)), zone_of(zone)
    instant = naive.replace(tzinfo=info).astimezone(UTC)
    if _wall(instant, info) == naive:
        return instant, False
    return _end_of_gap(naive, info), True


def to_local(instant: datetime, zone: str) -> datetime:
    """The naive wall time at `instant`."""
    return _wall(_aware(instant), zone_of(zone))


def in_words(instant: datetime, zone: str) -> str:
    """An instant as people of any language read it: "2026-11-02 14:30 (Europe/Madrid)"."""
    return f"{to_local(instant, zone):%Y-%m-%d %H:%M} ({zone})"


def local_day(instant: datetime, zone: str) -> date:
    """The local date at `instant`."""
    return to_local(instant, zone).date()


def is_quiet(instant: datetime, zone: str, quiet: Hours | None) -> bool:
    """Whether `instant` falls in the quiet hours."""
    return quiet is not None and to_local(instant, zone).time() in quiet


def next_allowed(instant: datetime, zone: str, quiet: Hours | None) -> datetime:
    """The first instant from `instant` on that is outside the quiet hours; raises ValueError if they never end."""
    if quiet is None:
        return instant
    if quiet.is_whole_day:
        raise ValueError("quiet hours of a whole day leave no time for a prompt: shorten them")
    while is_quiet(instant, zone, quiet):
        instant = _next_wall(instant, quiet.end, zone)
    return instant


def nearest_allowed(wall: time, quiet: Hours | None) -> time:
    """The allowed wall time nearest to `wall`: itself, the end of the quiet hours, or the minute before they start."""
    if quiet is None or wall not in quiet:
        return wall
    if quiet.is_whole_day:
        raise ValueError("quiet hours of a whole day leave no time for a prompt: shorten them")
    start, end, here = (_minutes(each) for each in (quiet.start, quiet.end, wall))
    last = (start - 1) % 1440
    nearest = last if (here - last) % 1440 < (end - here) % 1440 else end
    return time(nearest // 60, nearest % 60)


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _aware(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no offset: an instant is written with one")
    return instant


def _wall(instant: datetime, info: ZoneInfo) -> datetime:
    return instant.astimezone(info).replace(tzinfo=None, fold=0)


def _next_wall(instant: datetime, wall: time, zone: str) -> datetime:
    """The next instant after `instant` at which the clock shows `wall` (in a repeated hour: the one still to come)."""
    here, info = to_local(instant, zone), zone_of(zone)
    day = here.date() if here.time() < wall else here.date() + timedelta(days=1)
    first = to_instant(day, wall, zone)
    if first > instant:
        return first
    return datetime.combine(day, wall).replace(tzinfo=info, fold=1).astimezone(UTC)


def _end_of_gap(naive: datetime, info: ZoneInfo) -> datetime:
    """The first whole minute that the clock shows after jumping over `naive`, found by halving: UTC has no gaps."""
    before = naive.replace(tzinfo=info, fold=1).astimezone(UTC)
    after = naive.replace(tzinfo=info, fold=0).astimezone(UTC)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        before, after = (before, middle) if _wall(middle, info) > naive else (middle, after)
    seconds = _wall(after, info).second
    return after + (_MINUTE - timedelta(seconds=seconds) if seconds else timedelta(0))
