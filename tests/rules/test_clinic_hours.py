"""Clinic hours over weekends, holidays, midnight and both edges of summer time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from rules.clinic_hours import ClinicHours, parse_clinic_hours

WEEK = parse_clinic_hours("mon-fri", ["09:00", "17:00"], "UTC", ("2026-03-05",))
NIGHT = parse_clinic_hours("fri", ["20:00", "04:00"], "Europe/Madrid")
ALWAYS = parse_clinic_hours("mon-sun", ["00:00", "24:00"], "Europe/Madrid")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "opening"),
    [
        (WEEK, at(4, 9), at(4, 9)),
        (WEEK, at(4, 17), at(6, 9)),  # the fifth is a holiday
        (WEEK, at(6, 18), at(9, 9)),
        (NIGHT, at(7, 2), at(7, 2)),  # Saturday, 03:00 in Madrid: Friday's night
        (NIGHT, at(7, 3), at(13, 19)),
        (ALWAYS, at(8, 23), at(8, 23)),
    ],
)
def test_next_opening_is_now_while_open(hours: ClinicHours, now: datetime, opening: datetime) -> None:
    assert hours.next_opening(now) == opening
    assert hours.is_open(now) is (now == opening)


@pytest.mark.parametrize(
    ("hours", "start", "end", "open_hours"),
    [
        (WEEK, at(4, 16), at(6, 10), 2),
        (WEEK, at(6, 18), at(8, 18), 0),
        (WEEK, at(6, 10), at(4, 10), 0),
        (NIGHT, at(6, 0), at(8, 0), 8),
        (ALWAYS, at(28, 0), at(30, 0), 48),  # summer time begins on the 29th
    ],
)
def test_open_time_between(hours: ClinicHours, start: datetime, end: datetime, open_hours: int) -> None:
    assert hours.open_time_between(start, end) == timedelta(hours=open_hours)


def test_after_open_time_runs_over_nights_and_weekends() -> None:
    assert WEEK.after_open_time(at(6, 16, 40), timedelta(minutes=30)) == at(9, 9, 10)


@pytest.mark.parametrize(
    ("hours", "wall", "now", "last", "following"),
    [
        (WEEK, time(9), at(4, 9), at(4, 9), at(6, 9)),  # the fifth is a holiday
        (WEEK, time(9), at(4, 8, 59), at(3, 9), at(4, 9)),
        (WEEK, time(7, 30), at(8, 12), at(6, 7, 30), at(9, 7, 30)),  # a Sunday; out of hours is allowed
        (ALWAYS, time(2, 30), at(29, 12), at(29, 1), at(30, 0, 30)),  # 02:30 does not exist on the 29th
    ],
)
def test_a_wall_time_on_working_days_has_a_last_and_a_next(
    hours: ClinicHours, wall: time, now: datetime, last: datetime, following: datetime
) -> None:
    assert hours.last_at(wall, now) == last
    assert hours.next_at(wall, now) == following
