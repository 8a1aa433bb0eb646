"""A course's prompts stand where the protocol says, in every zone, against a naive calculation of its own."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_protocols import infusions, preferred, protocols, zones

from content.protocols import shipped
from rules.local_time import Hours
from rules.protocol import Protocol, Slot, parse
from rules.schedule import DST_GAP, QUIET_HOURS, PlannedSlot, plan, window_end

DEFAULT = shipped()["ketamine-14d"]
MINUTE = timedelta(minutes=1)


class Walker:
    """The naive calculation: walks UTC minute by minute and looks at the patient's clock."""

    def __init__(self, zone: str, quiet: Hours | None) -> None:
        self.zone, self.quiet = ZoneInfo(zone), quiet

    def clock(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def on(self, day: date, wall: time) -> datetime:
        naive = datetime.combine(day, wall)
        steps = [naive.replace(tzinfo=UTC) + n * MINUTE for n in range(-16 * 60, 16 * 60)]
        clock = [self.clock(step) for step in steps]
        if naive in clock:
            return steps[clock.index(naive)]
        return steps[next(n for n, (one, two) in enumerate(pairwise(clock), start=1) if one < naive < two)]

    def awake(self, instant: datetime) -> datetime:
        while self.is_quiet(instant):
            instant += MINUTE
        return instant

    def is_quiet(self, instant: datetime) -> bool:
        if self.quiet is None:
            return False
        wall, start, end = self.clock(instant).time(), self.quiet.start, self.quiet.end
        return start <= wall < end if start < end else not end <= wall < start


def instants_by_walking(slot: Slot, infusion_at: datetime, own: time, walker: Walker) -> list[datetime]:
    day_zero = walker.clock(infusion_at).date()
    walls = [own if at == "preferred" else at for at in (slot.at or ["preferred"])]
    if slot.infusions == "later":
        return []
    days = {day: {walker.awake(walker.on(day_zero + timedelta(days=day), wall)) for wall in walls} for day in slot.days}
    by_day = [at for day, instants in days.items() for at in instants if day >= 0 or at < infusion_at]
    return sorted({*by_day, *(walker.awake(infusion_at + after) for after in slot.after)})


@settings(max_examples=70, deadline=None)
@given(protocols(), infusions, zones, preferred)
def test_every_prompt_is_asked_once_where_walking_finds_it(
    protocol: Protocol, infusion_at: datetime, zone: str, own: time | None
) -> None:
    walker = Walker(zone, protocol.quiet_hours)
    planned = plan(protocol, infusion_at=infusion_at, zone=zone, preferred=own)
    for slot in protocol.slots:
        found = [each.due_at for each in planned if each.slot == slot.name]
        assert found == instants_by_walking(slot, infusion_at, own or time(10), walker)
    assert max(Counter(each.key for each in planned).values()) == 1


@settings(max_examples=150, deadline=None)
@given(protocols(), infusions, zones, preferred)
def test_the_plan_is_in_order_awake_and_closed(
    protocol: Protocol, infusion_at: datetime, zone: str, own: time | None
) -> None:
    walker = Walker(zone, protocol.quiet_hours)
    planned = plan(protocol, infusion_at=infusion_at, zone=zone, preferred=own)
    for one, two in pairwise(planned):
        assert (one.due_at, "mood" not in one.asks) <= (two.due_at, "mood" not in two.asks)
    for each in planned:
        _is_sound(each, walker, infusion_at)
        later = [other.due_at for other in planned if other.slot == each.slot and other.due_at > each.due_at]
        assert all(each.expires_at <= due_at for due_at in later)
    assert window_end(protocol, planned) == max(each.expires_at for each in planned)
    assert window_end(protocol, planned, infusion_at=infusion_at) >= infusion_at + protocol.window


def _is_sound(each: PlannedSlot, walker: Walker, infusion_at: datetime) -> None:
    assert each.due_at.tzinfo is UTC
    assert each.local == walker.clock(each.due_at)
    assert each.day == (each.local.date() - walker.clock(infusion_at).date()).days
    assert not walker.is_quiet(each.due_at)
    assert each.due_at < each.expires_at
    if each.remind_at is not None:
        assert each.due_at < each.remind_at < each.expires_at
        assert not walker.is_quiet(each.remind_at)


@settings(max_examples=60, deadline=None)
@given(infusions, zones, st.none() | st.times(time(8), time(20, 59)))
def test_the_default_course_asks_every_day_once(infusion_at: datetime, zone: str, own: time | None) -> None:
    planned = plan(DEFAULT, infusion_at=infusion_at, zone=zone, preferred=own and own.replace(second=0, microsecond=0))
    assert Counter(each.slot for each in planned) == {
        "settle": 1,
        "mood": 14,
        "side-effects": 2,
        "week-1": 1,
        "week-2": 1,
    }


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_evening_infusion_settles_next_morning() -> None:
    settle = plan(DEFAULT, infusion_at=at("2026-05-01T18:00+02:00"), zone="Europe/Madrid", preferred=None)[0]
    assert (settle.slot, settle.local, settle.day) == ("settle", datetime(2026, 5, 2, 8), 1)  # noqa: DTZ001
    assert (settle.moved_because, settle.remind_at) == (QUIET_HOURS, at("2026-05-02T09:00+02:00"))


def test_slots_at_one_time_are_asked_mood_first() -> None:
    planned = plan(DEFAULT, infusion_at=at("2026-05-01T12:00+02:00"), zone="Europe/Madrid", preferred=time(9))
    assert [each.slot for each in planned if each.day == 1] == ["mood", "side-effects"]
    assert [each.slot for each in planned if each.day == 7] == ["mood", "week-1"]


@pytest.mark.parametrize(
    ("infusion", "utc_hours"),
    [("2026-03-27T12:00+01:00", [9, 8, 8]), ("2026-10-23T12:00+02:00", [8, 9, 9])],
)
def test_ten_in_the_morning_stays_ten_over_daylight_saving(infusion: str, utc_hours: list[int]) -> None:
    moods = [
        each
        for each in plan(DEFAULT, infusion_at=at(infusion), zone="Europe/Madrid", preferred=None)
        if each.slot == "mood"
    ]
    assert {each.local.time() for each in moods} == {time(10)}
    assert [each.due_at.hour for each in moods[:3]] == utc_hours


GAPS = """
id = "gaps"
title = "At night"
window = "14d"
quiet_hours = []
[[slot]]
name = "mood"
days = "1-3"
at = ["02:30", "10:00"]
asks = ["mood"]
"""


def test_a_time_that_does_not_exist_moves_to_the_next_valid_minute() -> None:
    planned = plan(parse(GAPS, "gaps"), infusion_at=at("2026-03-27T12:00+01:00"), zone="Europe/Madrid", preferred=None)
    moved = [each for each in planned if each.moved_because]
    assert [(each.local, each.moved_because) for each in moved] == [(datetime(2026, 3, 29, 3), DST_GAP)]  # noqa: DTZ001
    assert len(planned) == 6


def test_a_day_that_a_zone_skipped_is_asked_at_the_first_allowed_minute_after() -> None:
    planned = plan(DEFAULT, infusion_at=at("2011-12-29T12:00-10:00"), zone="Pacific/Apia", preferred=None)
    moods = [each for each in planned if each.slot == "mood"]
    assert [(each.local.isoformat(), each.moved_because) for each in moods[:2]] == [
        ("2011-12-31T08:00:00", DST_GAP),
        ("2011-12-31T10:00:00", None),
    ]
    assert len(moods) == 14


SECONDS = """
id = "rehearsal"
title = "In seconds"
window = "20s"
quiet_hours = []
[[slot]]
name = "mood"
after = ["1s", "2s", "3s"]
asks = ["mood"]
remind_after = "1s"
expires_after = "5s"
[[slot]]
name = "week-1"
after = "3s"
asks = ["phq9"]
expires_after = "4s"
"""


def test_a_whole_protocol_runs_in_seconds() -> None:
    start = at("2026-05-01T23:59:58+00:00")
    planned = plan(parse(SECONDS, "seconds"), infusion_at=start, zone="Asia/Tokyo", preferred=None)
    assert [(each.slot, (each.due_at - start).seconds, (each.expires_at - start).seconds) for each in planned] == [
        ("mood", 1, 2),
        ("mood", 2, 3),
        ("mood", 3, 8),
        ("week-1", 3, 7),
    ]
    assert window_end(DEFAULT, planned) == start + timedelta(seconds=8)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="is no time zone"):
        plan(DEFAULT, infusion_at=at("2026-05-01T12:00+00:00"), zone="Mars/Olympus", preferred=None)
    with pytest.raises(ValueError, match="has no offset"):
        plan(DEFAULT, infusion_at=at("2026-05-01T12:00"), zone="Europe/Madrid", preferred=None)
    with pytest.raises(ValueError, match="without slots"):
        window_end(DEFAULT, ())
