"""A series of infusions: its days, and what looks odd about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.clinic_hours import parse_clinic_hours
from rules.local_time import to_local
from rules.series import CLOSE, CLOSED, MOST, Doubt, doubts, instants

ZONE = "Europe/Madrid"
FIRST = datetime(2026, 10, 20, 7, tzinfo=UTC)  # a Tuesday, 09:00 in Madrid; the clocks go back on the 25th
HOURS = parse_clinic_hours("mon-fri", ["09:00", "17:00"], ZONE, ("2026-10-23",))
WEEKDAYS = parse_clinic_hours("mon-fri", ["09:00", "17:00"], ZONE)
DAY = timedelta(days=1)


def days_of(planned: tuple[datetime, ...]) -> list[int]:
    first = to_local(planned[0], ZONE)
    return [(to_local(each, ZONE) - first).days for each in planned]


def test_the_usual_series_is_twice_a_week_for_three_weeks_at_one_time_of_day() -> None:
    planned = instants(FIRST, WEEKDAYS)
    assert days_of(planned) == [0, 3, 7, 10, 14, 17]
    assert {to_local(each, ZONE).time() for each in planned} == {to_local(FIRST, ZONE).time()}
    assert planned[-1] - planned[0] == 17 * DAY + timedelta(hours=1)  # over the end of summer time


@pytest.mark.parametrize(("on", "second"), [(19, 3), (20, 3), (21, 2), (22, 4), (23, 3), (24, 3)])
def test_twice_a_week_falls_on_weekdays_on_which_the_clinic_is_open(on: int, second: int) -> None:
    planned = instants(FIRST.replace(day=on), WEEKDAYS)  # from a Wednesday, the 21st, three days on is a Saturday
    assert days_of(planned)[:3] == [0, second, 7]


def test_the_wall_time_that_was_asked_for_is_kept_though_the_first_day_has_none() -> None:
    first = datetime(2027, 3, 28, 2, 30)  # noqa: DTZ001 - wall time; the clocks of Madrid go from 2 to 3 that night
    planned = [to_local(each, ZONE) for each in instants(first, WEEKDAYS, count=3, every=7 * DAY)]
    assert [f"{each:%d %H:%M}" for each in planned] == ["28 03:00", "04 02:30", "11 02:30"]
    assert instants(datetime(2026, 10, 20, 9), WEEKDAYS) == instants(FIRST, WEEKDAYS)  # noqa: DTZ001 - the same
    later = [to_local(each, ZONE) for each in instants(first - 7 * DAY, WEEKDAYS, count=3, every=7 * DAY)]
    assert [f"{each:%H:%M}" for each in later] == ["02:30", "03:00", "02:30"]


def test_a_holiday_is_gone_round_where_other_weekdays_are_open() -> None:
    assert days_of(instants(FIRST, HOURS)) == [0, 2, 7, 9, 14, 16]


def test_a_series_may_be_so_many_so_many_days_apart() -> None:
    assert days_of(instants(FIRST, HOURS, count=4, every=2 * DAY)) == [0, 2, 4, 6]
    assert instants(FIRST, HOURS, count=1) == (FIRST,)


@pytest.mark.parametrize(("count", "every"), [(0, None), (MOST + 1, None), (3, timedelta(hours=36)), (3, 0 * DAY)])
def test_what_is_no_series_is_refused_with_its_mend(count: int, every: timedelta | None) -> None:
    with pytest.raises(ValueError, match=": give "):
        instants(FIRST, HOURS, count=count, every=every)


def test_a_closed_day_and_a_neighbour_are_odd_and_the_rest_is_not() -> None:
    planned = instants(FIRST, HOURS, count=3, every=3 * DAY)  # Tuesday, Friday the holiday, Monday
    assert doubts(planned, (), HOURS) == (Doubt(at=planned[1], why=CLOSED),)
    beside = planned[2] + DAY
    assert doubts(planned, (beside,), HOURS) == (
        Doubt(at=planned[1], why=CLOSED),
        Doubt(at=planned[2], why=CLOSE),
    )
    assert doubts(planned[:1], (planned[0] + timedelta(hours=2),), HOURS) == (Doubt(at=planned[0], why=CLOSE),)
    assert doubts(planned[:1], (planned[0] + 2 * DAY,), HOURS) == ()
