"""The rota: overlaps, overrides, swaps, absences, disabled staff, and gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.rota import LEVELS, Absence, Gap, Shift, actual_shifts, gaps, gaps_of_levels, next_change, on_duty

EVERYBODY = frozenset({"ann", "bob", "cyd", "dee"})


def at(hour: int) -> datetime:
    return datetime(2026, 3, 4, tzinfo=UTC) + timedelta(hours=hour)


def shift(
    staff: str, start: int, end: int, *, level: str = "primary", override: bool = False, instead_of: str | None = None
) -> Shift:
    override = override or instead_of is not None
    return Shift(staff=staff, level=level, from_at=at(start), to_at=at(end), override=override, instead_of=instead_of)


def away(staff: str, start: int, end: int) -> Absence:
    return Absence(staff=staff, from_at=at(start), to_at=at(end))


def hours_of(*planned: Shift, able: frozenset[str] = EVERYBODY, absences: tuple[Absence, ...] = ()) -> dict[int, str]:
    """Who is primary at each hour of a day, by their initials."""
    actual = actual_shifts(planned, at(0), at(24), able=able, absences=absences)
    return {hour: "".join(sorted(who[0] for who in on_duty(actual, "primary", at(hour)))) for hour in range(24)}


def spans(hours: dict[int, str]) -> list[tuple[int, str]]:
    """The hours at which the people change, with who comes on."""
    return [(hour, who) for hour, who in hours.items() if hour == 0 or hours[hour - 1] != who]


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
    actual = actual_shifts(ROTA, at(-2), at(14), able=EVERYBODY - {left})
    assert on_duty(actual, level, at(hour)) == expected


def test_gaps_are_joined_and_count_disabled_staff_as_nobody() -> None:
    actual = actual_shifts(ROTA, at(-2), at(14), able=EVERYBODY)
    assert gaps(actual, at(-2), at(14)) == (
        Gap(level="primary", from_at=at(-2), to_at=at(0)),
        Gap(level="primary", from_at=at(12), to_at=at(14)),
    )
    assert gaps(actual, at(-2), at(14), level="backup") == (
        Gap(level="backup", from_at=at(-2), to_at=at(0)),
        Gap(level="backup", from_at=at(12), to_at=at(14)),
    )
    without_bob = gaps(actual_shifts(ROTA, at(0), at(12), able={"ann", "dee"}), at(0), at(12))
    assert without_bob == (Gap(level="primary", from_at=at(8), to_at=at(12)),)
    assert gaps((), at(0), at(12)) == (Gap(level="primary", from_at=at(0), to_at=at(12)),)
    assert next_change(actual, at(8)) == at(9)
    assert next_change(actual, at(12)) is None


def levels_empty(*planned: Shift, absences: tuple[Absence, ...] = ()) -> list[tuple[str, int, int]]:
    """The gaps of a day, as level and hours, of a rota that is looked at from the day before on."""
    actual = actual_shifts(planned, at(0), at(24), able=EVERYBODY, absences=absences)
    hours = [
        (gap.from_at - at(0), gap.to_at - at(0), gap.level) for gap in gaps_of_levels(planned, actual, at(0), at(24))
    ]
    return [(level, start // timedelta(hours=1), end // timedelta(hours=1)) for start, end, level in hours]


def test_a_primary_is_always_wanted_and_a_backup_from_the_first_one_on() -> None:
    primary = shift("ann", 0, 24)
    assert levels_empty() == [("primary", 0, 24)]
    assert levels_empty(primary) == []  # a clinic without backups has no gaps of them
    assert levels_empty(primary, shift("bob", 6, 12, level="backup")) == [("backup", 12, 24)]
    assert levels_empty(primary, shift("bob", -12, 6, level="backup")) == [("backup", 6, 24)]
    assert levels_empty(primary, shift("bob", -12, -6, level="backup")) == [("backup", 0, 24)]
    weekends = (shift("bob", -12, -6, level="backup"), shift("bob", 12, 18, level="backup"))
    assert levels_empty(primary, *weekends) == [("backup", 0, 12), ("backup", 18, 24)]
    on_holiday = levels_empty(primary, shift("bob", 0, 24, level="backup"), absences=(away("bob", 6, 12),))
    assert on_holiday == [("backup", 6, 12)]


def test_gaps_of_both_levels_come_by_their_start_the_primary_first() -> None:
    both = (shift("ann", 0, 6), shift("bob", 0, 6, level="backup"), shift("bob", 9, 24, level="backup"))
    assert levels_empty(*both) == [("primary", 6, 24), ("backup", 6, 9)]


def test_a_swap_stands_in_for_one_person_and_a_later_one_is_about_what_it_left() -> None:
    both = (shift("ann", 0, 24), shift("bob", 0, 24))
    assert spans(hours_of(*both, shift("cyd", 6, 12, instead_of="ann"))) == [(0, "ab"), (6, "bc"), (12, "ab")]
    passed_on = (shift("ann", 0, 24), shift("bob", 0, 24, instead_of="ann"), shift("cyd", 6, 12, instead_of="bob"))
    assert spans(hours_of(*passed_on)) == [(0, "b"), (6, "c"), (12, "b")]
    assert spans(hours_of(*passed_on, shift("ann", 6, 12, instead_of="cyd"))) == [(0, "b"), (6, "a"), (12, "b")]
    assert spans(hours_of(*passed_on, shift("dee", 0, 24, instead_of="ann"))) == [(0, "b"), (6, "c"), (12, "b")]


def test_a_swap_is_about_nothing_while_the_other_is_not_on_call() -> None:
    assert spans(hours_of(shift("ann", 0, 8), shift("cyd", 6, 12, instead_of="ann"))) == [(0, "a"), (6, "c"), (8, "")]


def test_whoever_took_a_shift_keeps_it_when_the_giver_is_away_or_disabled() -> None:
    taken = (shift("ann", 0, 24), shift("bob", 6, 12, instead_of="ann"))
    assert spans(hours_of(*taken, absences=(away("ann", 0, 12),))) == [(0, ""), (6, "b"), (12, "a")]
    assert spans(hours_of(*taken, able=frozenset({"bob"}))) == [(0, ""), (6, "b"), (12, "")]


def test_a_taker_who_is_away_or_disabled_gives_the_shift_back() -> None:
    taken = (shift("ann", 0, 24), shift("bob", 6, 12, instead_of="ann"))
    assert spans(hours_of(*taken, absences=(away("bob", 8, 10),))) == [
        (0, "a"),
        (6, "b"),
        (8, "a"),
        (10, "b"),
        (12, "a"),
    ]
    assert spans(hours_of(*taken, able=frozenset({"ann"}))) == [(0, "a")]


def test_one_on_holiday_leaves_a_gap_and_comes_back_by_the_same_shift() -> None:
    actual = actual_shifts([shift("ann", 0, 24)], at(0), at(24), able=EVERYBODY, absences=[away("ann", 6, 12)])
    assert [(each.from_at, each.to_at) for each in actual] == [(at(0), at(6)), (at(12), at(24))]
    assert gaps(actual, at(0), at(24)) == (Gap(level="primary", from_at=at(6), to_at=at(12)),)


def test_two_shifts_of_one_person_in_a_row_stay_two() -> None:
    actual = actual_shifts([shift("ann", 0, 6), shift("ann", 6, 12)], at(0), at(24), able=EVERYBODY)
    assert [(each.from_at, each.to_at) for each in actual] == [(at(0), at(6)), (at(6), at(12))]


def test_nobody_is_primary_and_backup_at_once_and_what_that_leaves_is_a_gap_of_the_backup() -> None:
    rota = (shift("ann", 0, 24), shift("bob", 0, 24, level="backup"))
    assert levels_empty(*rota, shift("bob", 6, 12, instead_of="ann")) == [("backup", 6, 12)]
    assert levels_empty(*rota, shift("bob", 6, 12, override=True)) == [("backup", 6, 12)]
    assert levels_empty(shift("ann", 0, 24), shift("ann", 0, 24, level="backup")) == [("backup", 0, 24)]
    by_override = actual_shifts(
        [*rota, shift("ann", 6, 12, level="backup", override=True)], at(0), at(24), able=EVERYBODY
    )
    assert on_duty(by_override, "backup", at(8)) == ("bob",)  # it gives way, as one whose person is away does
    changed_places = (shift("bob", 6, 12, instead_of="ann"), shift("ann", 6, 12, level="backup", instead_of="bob"))
    assert levels_empty(*rota, *changed_places) == []


STAFF = st.sampled_from(sorted(EVERYBODY))
HOURS = st.tuples(st.integers(-3, 20), st.integers(1, 12))
PLANNED = st.builds(
    lambda who, level, hours, override, giver: shift(
        who, hours[0], sum(hours), level=level, override=override, instead_of=giver if giver != who else None
    ),
    STAFF,
    st.sampled_from(LEVELS),
    HOURS,
    st.booleans(),
    st.none() | STAFF,
)
ABSENT = st.builds(lambda who, hours: away(who, hours[0], sum(hours)), STAFF, HOURS)


@given(st.lists(PLANNED, max_size=8), st.lists(ABSENT, max_size=3), st.sets(STAFF))
def test_every_minute_is_covered_by_somebody_there_or_is_a_gap(
    planned: list[Shift], absences: list[Absence], able: set[str]
) -> None:
    actual = actual_shifts(planned, at(0), at(24), able=able, absences=absences)
    found = gaps(actual, at(0), at(24))
    for hour in range(24):
        on = on_duty(actual, "primary", at(hour))
        absent = {each.staff for each in absences if each.from_at <= at(hour) < each.to_at}
        assert set(on) <= able - absent
        assert not set(on) & set(on_duty(actual, "backup", at(hour)))
        assert bool(on) != any(gap.from_at <= at(hour) < gap.to_at for gap in found)
        planned_then = [each for each in planned if each.level == "primary" and each.from_at <= at(hour) < each.to_at]
        there = {each.staff for each in planned_then if not each.override} & (able - absent)
        assert on or not there  # no override and no swap ever makes a gap
    assert all(a.from_at <= b.from_at for a, b in pairwise(actual))
