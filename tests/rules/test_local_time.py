"""Wall time becomes one instant in every zone, on both edges of daylight saving, and quiet hours are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.local_time import (
    Hours,
    format_hours,
    is_quiet,
    local_day,
    nearest_allowed,
    next_allowed,
    parse_hours,
    parse_wall_time,
    resolve,
    to_instant,
    to_local,
    zone_named,
    zone_of,
)

ZONES = sorted(available_timezones())
NIGHT = Hours(start=time(21), end=time(8))
MINUTE = timedelta(minutes=1)

zones = st.sampled_from(ZONES)
walls = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
days = st.dates(date(1975, 1, 2), date(2037, 12, 1))
hours = (
    st.tuples(walls, walls).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Hours(start=pair[0], end=pair[1]))
)
instants = st.datetimes(datetime(1975, 1, 2), datetime(2037, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


def first_minute_by_walking(day: date, wall: time, zone: str) -> datetime:
    """The independent answer: walk UTC minute by minute and look at the clock on the wall."""
    naive, info = datetime.combine(day, wall), ZoneInfo(zone)
    minutes = [naive.replace(tzinfo=UTC) + n * MINUTE for n in range(-16 * 60, 16 * 60)]
    clock = [minute.astimezone(info).replace(tzinfo=None) for minute in minutes]
    if naive in clock:
        return minutes[clock.index(naive)]
    jump = next(n for n in range(1, len(clock)) if clock[n - 1] < naive < clock[n])
    return minutes[jump]


@pytest.mark.parametrize(
    ("zone", "day", "wall", "instant", "in_gap"),
    [
        ("Europe/Madrid", (2026, 3, 29), (2, 30), "2026-03-29T01:00Z", True),
        ("Europe/Madrid", (2026, 10, 25), (2, 30), "2026-10-25T00:30Z", False),
        ("America/New_York", (2026, 3, 8), (2, 0), "2026-03-08T07:00Z", True),
        ("America/New_York", (2026, 11, 1), (1, 0), "2026-11-01T05:00Z", False),
        ("Australia/Lord_Howe", (2026, 10, 4), (2, 10), "2026-10-03T15:30Z", True),
        ("Australia/Lord_Howe", (2026, 4, 5), (1, 45), "2026-04-04T14:45Z", False),
        ("America/Sao_Paulo", (2018, 11, 4), (0, 0), "2018-11-04T03:00Z", True),
        ("Africa/Cairo", (2026, 4, 24), (0, 30), "2026-04-23T22:00Z", True),
        ("America/Havana", (2026, 11, 1), (0, 30), "2026-11-01T04:30Z", False),
        ("Antarctica/Troll", (2026, 3, 29), (1, 30), "2026-03-29T01:00Z", True),
        ("Pacific/Apia", (2011, 12, 30), (10, 0), "2011-12-30T10:00Z", True),
        ("Pacific/Kwajalein", (1993, 8, 21), (10, 0), "1993-08-21T12:00Z", True),
        ("Asia/Kathmandu", (2026, 5, 1), (10, 0), "2026-05-01T04:15Z", False),
        ("Africa/Monrovia", (1972, 1, 7), (0, 20), "1972-01-07T00:45Z", True),
    ],
)
def test_a_wall_time_on_the_edge(zone: str, day: tuple, wall: tuple, instant: str, in_gap: bool) -> None:
    assert resolve(date(*day), time(*wall), zone) == (datetime.fromisoformat(instant), in_gap)


@settings(max_examples=250, deadline=None)
@given(zones, days, walls)
def test_every_wall_time_in_every_zone_is_what_walking_finds(zone: str, day: date, wall: time) -> None:
    assert to_instant(day, wall, zone) == first_minute_by_walking(day, wall, zone)


def transitions(zone: str, year: int) -> list[datetime]:
    """The first minute after each change of the zone's offset within a year, found by looking every half day."""
    info, found = ZoneInfo(zone), []
    half_days = [datetime(year, 1, 1, tzinfo=UTC) + n * timedelta(hours=12) for n in range(732)]
    for before, after in pairwise(half_days):
        if before.astimezone(info).utcoffset() != after.astimezone(info).utcoffset():
            minutes = [before + n * MINUTE for n in range(721)]
            found += [
                m for m in minutes if (m - MINUTE).astimezone(info).utcoffset() != m.astimezone(info).utcoffset()
            ][:1]
    return found


@pytest.mark.parametrize("zone", [ZONES[n] for n in range(0, len(ZONES), 6)])
def test_every_edge_of_a_year_is_what_walking_finds(zone: str) -> None:
    for edge in transitions(zone, 2026):
        for nudge in (-45, -15, 0, 15, 45):
            local = to_local(edge, zone) + timedelta(minutes=nudge)
            assert to_instant(local.date(), local.time(), zone) == first_minute_by_walking(
                local.date(), local.time(), zone
            )


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Madrid", "Europe/Madrid"),
        (" europe/madrid ", "Europe/Madrid"),
        ("new york", "America/New_York"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
        ("Madrid", "Europe/Madrid"),
        ("west", None),  # of Brazil, or of Australia
        ("Marte", None),
        ("", None),
    ],
)
def test_a_zone_is_named_as_people_write_it(text: str, zone: str | None) -> None:
    assert zone_named(text) == zone


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "Europe", "../etc/passwd", "a\0b", "europe madrid"])
def test_an_unknown_zone_is_refused_with_its_mend(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone: write an IANA name"):
        zone_of(name)


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="has no offset"):
        local_day(datetime(2026, 5, 1, 10), "Europe/Madrid")  # noqa: DTZ001


def test_the_local_day_is_the_patients() -> None:
    instant = datetime(2026, 5, 1, 23, 30, tzinfo=UTC)
    assert local_day(instant, "America/Los_Angeles") == date(2026, 5, 1)
    assert local_day(instant, "Asia/Tokyo") == date(2026, 5, 2)


@pytest.mark.parametrize(
    ("wall", "quiet"), [((20, 59), False), ((21, 0), True), ((0, 0), True), ((7, 59), True), ((8, 0), False)]
)
def test_quiet_hours_run_over_midnight(wall: tuple[int, int], quiet: bool) -> None:
    assert (time(*wall) in NIGHT) is quiet
    assert is_quiet(datetime(2026, 5, 1, *wall, tzinfo=UTC), "UTC", NIGHT) is quiet


def test_hours_may_end_at_24() -> None:
    evening = parse_hours(["18:00", "24:00"])
    assert evening is not None
    assert [time(23, 59) in evening, time(0) in evening, time(17, 59) in evening] == [True, False, False]
    assert format_hours(evening) == ["18:00", "24:00"]
    assert parse_hours([]) is None
    whole = parse_hours(["00:00", "24:00"])
    assert whole is not None
    assert whole.is_whole_day


@pytest.mark.parametrize(
    "pair", [["24:00", "08:00"], ["21:00"], ["9:00", "10:00"], "21:00", [1, 2], ["10:00", "10:00"], None]
)
def test_nonsense_hours_are_refused(pair: object) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_hours(pair)


@pytest.mark.parametrize("text", ["24:00", "9:00", "25:00", "10:60", "10:00:00", "", None, 10])
def test_nonsense_times_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match='such as "08:00"'):
        parse_wall_time(text)


@settings(max_examples=200, deadline=None)
@given(zones, instants, hours)
def test_the_next_allowed_instant_is_the_first(zone: str, instant: datetime, quiet: Hours) -> None:
    allowed = next_allowed(instant, zone, quiet)
    assert allowed >= instant
    assert not is_quiet(allowed, zone, quiet)
    if allowed > instant:
        assert is_quiet(allowed - timedelta(seconds=1), zone, quiet)
        minutes = int((allowed - instant) / MINUTE)
        assert all(is_quiet(instant + n * MINUTE, zone, quiet) for n in range(minutes))


def test_quiet_hours_that_end_in_a_repeated_hour_hold_until_the_second_end() -> None:
    quiet = Hours(start=time(21), end=time(2, 30))
    second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert next_allowed(second, "Europe/Madrid", quiet) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_quiet_hours_of_a_whole_day_are_refused() -> None:
    with pytest.raises(ValueError, match="shorten"):
        next_allowed(datetime(2026, 5, 1, tzinfo=UTC), "UTC", Hours(start=time(0), end=time(0)))


@given(walls, hours)
def test_the_nearest_allowed_time_is_the_nearest(wall: time, quiet: Hours) -> None:
    def away(other: time) -> int:
        minutes = abs(other.hour * 60 + other.minute - wall.hour * 60 - wall.minute)
        return min(minutes, 1440 - minutes)

    every = [time(n // 60, n % 60) for n in range(1440)]
    nearest = nearest_allowed(wall, quiet)
    assert nearest not in quiet
    assert away(nearest) == min(away(other) for other in every if other not in quiet)
