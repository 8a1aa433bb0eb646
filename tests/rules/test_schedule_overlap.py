"""However many courses overlap: one mood stream, milestones from the newest, and never a week without a PHQ-9."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_protocols import infusions, preferred, protocols, zones

from content.protocols import shipped
from rules.local_time import is_quiet, local_day
from rules.protocol import Protocol
from rules.schedule import Asked, CoursePlan, PreviewRow, combine, plan, preview

DEFAULT = shipped()["ketamine-14d"]
START = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def course_of(name: str, at: datetime, protocol: Protocol = DEFAULT) -> CoursePlan:
    planned = plan(protocol, infusion_at=at, zone="UTC", preferred=None)
    return CoursePlan(course=name, infusion_at=at, infusion_on=at.date(), planned=planned)


def rows_of(*days: int, overlap: str = "restart") -> tuple[PreviewRow, ...]:
    protocol = replace(DEFAULT, overlap=overlap)
    return preview(protocol, [START + day * DAY for day in days], zone="Europe/Madrid")


def placed(rows: tuple[PreviewRow, ...], slot: str) -> list[tuple[int, int]]:
    """(day since the first infusion, course) of the rows of a slot."""
    return [((row.local.date() - START.date()).days, row.course) for row in rows if row.slot == slot]


def test_the_older_mood_stays_on_the_day_of_a_new_infusion() -> None:
    moods = placed(rows_of(0, 5), "mood")
    assert moods == [*((day, 0) for day in range(1, 6)), *((day, 1) for day in range(6, 20))]


def test_milestones_give_way_to_the_newest_course_save_what_keeps_the_phq9_weekly() -> None:
    rows = rows_of(0, 5)
    assert placed(rows, "week-1") == [(7, 0), (12, 1)]
    assert placed(rows, "week-2") == [(19, 1)]
    assert placed(rows, "side-effects") == [(1, 0), (3, 0), (6, 1), (8, 1)]


def test_a_milestone_before_the_newer_infusion_stays() -> None:
    assert placed(rows_of(0, 9), "week-1") == [(7, 0), (16, 1)]
    assert placed(rows_of(0, 20), "week-2") == [(14, 0), (34, 1)]


def test_settle_is_asked_after_every_infusion() -> None:
    assert placed(rows_of(0, 2, 4), "settle") == [(0, 0), (2, 1), (4, 2)]


def test_both_keeps_every_prompt_of_every_course() -> None:
    assert Counter(row.course for row in rows_of(0, 3, overlap="both")) == {0: 19, 1: 19}


def test_merge_keeps_milestones_and_asks_the_same_once_a_day() -> None:
    rows = rows_of(0, 7, overlap="merge")
    assert placed(rows, "mood") == [*((day, 0) for day in range(1, 8)), *((day, 1) for day in range(8, 22))]
    assert [*placed(rows, "week-1"), *placed(rows, "week-2")] == [(7, 0), (14, 1), (21, 1)]


series = st.lists(st.integers(2, 4), min_size=1, max_size=5).map(lambda gaps: [0, *accumulate(gaps)])
any_series = st.lists(st.integers(1, 14), min_size=1, max_size=5).map(lambda gaps: [0, *accumulate(gaps)])


def phq9_days(rows: tuple[PreviewRow, ...]) -> list[date]:
    return sorted({row.local.date() for row in rows if row.slot in ("week-1", "week-2")})


@settings(max_examples=60, deadline=None)
@given(infusions, series | any_series, zones, st.sampled_from([None, time(8), time(15, 30), time(20, 59)]))
def test_a_series_is_one_stream_with_a_weekly_phq9(
    first_at: datetime, days: list[int], zone: str, own: time | None
) -> None:
    given_at = [first_at + day * DAY for day in days]
    rows = preview(DEFAULT, given_at, zone=zone, preferred=own)
    streams: dict[date, set[int]] = defaultdict(set)
    for row in rows:
        if row.slot == "mood":
            streams[row.local.date()].add(row.course)
    assert all(len(courses) == 1 for courses in streams.values())
    asked = [local_day(first_at, zone), *phq9_days(rows)]
    assert all((two - one).days <= 7 + (zone_skips(rows)) for one, two in pairwise(asked))
    assert rows[-1].local.date() == local_day(given_at[-1], zone) + 14 * DAY
    last = local_day(given_at[-1], zone)
    assert {last + 7 * DAY, last + 14 * DAY} <= set(asked) or zone_skips(rows)


def zone_skips(rows: tuple[PreviewRow, ...]) -> int:
    """1 if a row had to leave a wall time that does not exist."""
    return int(any(row.moved_because == "dst-gap" for row in rows))


@settings(max_examples=80, deadline=None)
@given(protocols(), infusions, st.lists(st.integers(0, 20 * 24), max_size=5), zones, preferred)
def test_any_protocol_in_any_series_is_in_order_awake_and_asked_once(
    protocol: Protocol, first_at: datetime, gaps: list[int], zone: str, own: time | None
) -> None:
    given_at = [first_at + timedelta(hours=hours) for hours in accumulate(gaps, initial=0)]
    rows = preview(protocol, given_at, zone=zone, preferred=own)
    everything = preview(replace(protocol, overlap="both"), given_at, zone=zone, preferred=own)
    assert [row.due_at for row in rows] == sorted(row.due_at for row in rows)
    assert not any(is_quiet(row.due_at, zone, protocol.quiet_hours) for row in rows)
    assert not Counter(rows) - Counter(everything)
    newest = [
        row
        for row in everything
        if row.course == len(given_at) - 1 and row.local.date() > local_day(given_at[-1], zone)
    ]
    assert not Counter(newest) - Counter(rows)


def with_slots(**changes: dict[str, object]) -> Protocol:
    """The default with some of its slots changed, by name."""
    changed = tuple(replace(slot, **changes.get(slot.name.replace("-", "_"), {})) for slot in DEFAULT.slots)
    return replace(DEFAULT, slots=changed)


def test_the_older_mood_stays_on_a_new_infusions_day_even_if_the_new_course_has_one() -> None:
    protocol = with_slots(mood={"days": tuple(range(15))})
    moods = placed(preview(protocol, [START, START + 5 * DAY], zone="Europe/Madrid"), "mood")
    assert moods == [*((day, 0) for day in range(6)), *((day, 1) for day in range(6, 20))]


def test_a_milestone_that_also_asks_the_mood_is_still_a_milestone() -> None:
    protocol = with_slots(week_1={"asks": ("mood", "phq9")}, week_2={"asks": ("mood", "phq9")})
    rows = preview(protocol, [START, START + 5 * DAY], zone="Europe/Madrid")
    assert [*placed(rows, "week-1"), *placed(rows, "week-2")] == [(7, 0), (12, 1), (19, 1)]


def test_a_hole_that_cannot_be_closed_in_time_is_closed_as_soon_as_may_be() -> None:
    courses = [course_of(name, at) for name, at in (("a", START), ("b", START + 11 * DAY))]
    prompts = combine(DEFAULT, courses, settled={("a", "week-1/7/0")})
    asked = [(each.course, each.planned.slot) for each in prompts if "phq9" in each.planned.asks]
    assert asked == [("a", "week-2"), ("b", "week-1"), ("b", "week-2")]


def test_what_was_asked_already_that_day_is_not_asked_again_by_a_course_recorded_late() -> None:
    courses = [course_of(name, at) for name, at in (("a", START), ("b", START + 4 * DAY))]
    asked = Asked(course="a", asks=("mood",), day_on=(START + 5 * DAY).date(), in_mood_stream=True)
    settled = {("a", "mood/5/0")}
    prompts = combine(DEFAULT, courses, asked=[asked], settled=settled)
    moods = [each.planned.local.day for each in prompts if each.planned.slot == "mood"]
    assert (START + 5 * DAY).day not in moods
    assert (START + 6 * DAY).day in moods


def test_every_prompt_closes_when_the_next_of_its_kind_is_due_in_whichever_course() -> None:
    long = replace(DEFAULT, slots=tuple(replace(slot, expires_after=3 * DAY) for slot in DEFAULT.slots))
    courses = [course_of(name, at, long) for name, at in (("a", START), ("b", START + 2 * DAY))]
    prompts = combine(long, courses)
    for slot in ("mood", "settle", "side-effects"):
        same = [each.planned for each in prompts if each.planned.slot == slot]
        assert all(one.expires_at <= two.due_at for one, two in pairwise(same))


def test_a_retained_milestone_does_not_close_the_course() -> None:
    courses = [course_of(str(day), at) for day in (0, 3, 6, 9, 12, 15) for at in [START + day * DAY]]
    closing = [each.course for each in combine(DEFAULT, courses) if each.planned.summary]
    assert closing == ["15"]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="is no time zone"):
        preview(DEFAULT, [START], zone="Nowhere")
