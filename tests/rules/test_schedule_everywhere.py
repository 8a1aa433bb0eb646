"""In every zone of the world: asked exactly once, in order, awake, one daily stream, and over when it should be.

The calculation to compare with knows nothing of the rules: it lists the zone's instants minute by minute around each
wall time, and takes the first that the clock shows or has passed.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from rules.local_time import Hours
from rules.protocol import Protocol, Slot
from rules.schedule import PreviewRow, preview

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = sorted(available_timezones())
GROUPS = 8


def moment(dice: random.Random, start: time, end: time) -> time:
    minutes = range(start.hour * 60 + start.minute, end.hour * 60 + end.minute)
    return time(*divmod(dice.choice(minutes), 60))


def protocol_of(dice: random.Random) -> Protocol:
    """A protocol as clinics write them: a check after some hours, a daily mood, milestones at times of their own."""
    days = dice.choice([7, 14, 21])
    daily = moment(dice, time(0), time(23, 59))
    quiet = Hours(start=moment(dice, time(19), time(23, 59)), end=moment(dice, time(5), time(9)))
    milestones = sorted(dice.sample(range(1, days + 1), 3))
    return Protocol(
        id="random",
        title="Random",
        window=timedelta(days=days),
        overlap=dice.choice(["restart", "merge", "both"]),
        quiet_hours=dice.choice([None, quiet, quiet]),
        slots=(
            Slot(name="settle", after=(dice.randint(1, 40) * HOUR / 2,), asks=("settle",)),
            Slot(name="mood", days=tuple(range(1, days + 1)), asks=("mood",), at=(daily,)),
            *(
                Slot(name=f"milestone-{n}", days=(day,), asks=("gad7",), at=(moment(dice, time(7), time(22)),))
                for n, day in enumerate(milestones)
            ),
        ),
    )


class Clock:
    """A zone's clock, read one minute after the other."""

    def __init__(self, zone: str, quiet: Hours | None) -> None:
        self.zone, self.quiet = ZoneInfo(zone), quiet

    def shows(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def first_at(self, day: date, wall: time) -> datetime:
        """The first whole minute at which the clock shows the wall time, or has jumped over it."""
        naive = datetime.combine(day, wall)
        guess = naive.replace(tzinfo=UTC)
        hour = next(n for n in range(-27, 28) if self.shows(guess + (n + 1) * HOUR) > naive)
        steps = (guess + (hour - 1) * HOUR + n * MINUTE for n in range(4 * 60))
        return next(step for step in steps if self.shows(step) >= naive)

    def sleeps(self, instant: datetime) -> bool:
        wall = self.shows(instant).time().replace(second=0)
        return self.quiet is not None and (wall >= self.quiet.start or wall < self.quiet.end)

    def awake(self, instant: datetime) -> datetime:
        while self.sleeps(instant):  # people are awake for ten hours and more: none of them is jumped over
            instant += HOUR if self.sleeps(instant + HOUR) else MINUTE
        return instant


def expected(protocol: Protocol, infusion_at: datetime, clock: Clock) -> Iterator[tuple[str, datetime]]:
    day_zero = clock.shows(infusion_at).date()
    for slot in protocol.slots:
        for after in slot.after:
            yield slot.name, clock.awake(infusion_at + after)
        for day in slot.days:
            wall = slot.at[0]
            assert isinstance(wall, time)
            yield slot.name, clock.awake(clock.first_at(day_zero + day * DAY, wall))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A protocol, infusions and a clock, always the same for a zone, with what is asked and what each course plans."""

    zone: str
    protocol: Protocol
    clock: Clock
    rows: tuple[PreviewRow, ...]
    plans: list[Counter[tuple[str, datetime]]]


def case_of(zone: str) -> Case:
    """The case of a zone; half of the infusions lie in the months in which clocks change."""
    dice = random.Random(zone)
    protocol = protocol_of(dice)
    clock = Clock(zone, protocol.quiet_hours)
    month = dice.choice([3, 10, dice.randint(1, 12)])
    first = datetime(dice.randint(2005, 2030), month, dice.randint(1, 28), tzinfo=UTC)
    infusions = [first + dice.randint(0, 24 * 60) * MINUTE]
    for _ in range(dice.randint(0, 3)):
        infusions.append(infusions[-1] + dice.randint(2 * 24 * 60, 9 * 24 * 60) * MINUTE)
    rows = preview(protocol, infusions, zone=zone)
    plans = [Counter(expected(protocol, at, clock)) for at in infusions]
    return Case(zone=zone, protocol=protocol, clock=clock, rows=rows, plans=plans)


@pytest.mark.parametrize("group", range(GROUPS))
def test_in_every_zone_a_series_is_asked_as_an_independent_calculation_has_it(group: int) -> None:
    for case in map(case_of, ZONES[group::GROUPS]):
        each_is_asked_once_and_in_order(case)
        if case.protocol.overlap != "both":
            there_is_one_daily_stream_without_a_hole(case)


def each_is_asked_once_and_in_order(case: Case) -> None:
    asked: dict[int, Counter[tuple[str, datetime]]] = defaultdict(Counter)
    for row in case.rows:
        asked[row.course][row.slot, row.due_at] += 1
        assert row.local == case.clock.shows(row.due_at), case.zone
    for course, plan in enumerate(case.plans):
        assert not asked[course] - plan, f"{case.zone}: something was asked that was not planned, or twice"
    newest = len(case.plans) - 1
    assert asked[newest] | taken_by_an_older_course(case) >= case.plans[newest], case.zone
    if case.protocol.overlap == "both":
        assert [asked[course] for course in range(len(case.plans))] == case.plans, case.zone
    assert [row.due_at for row in case.rows] == sorted(row.due_at for row in case.rows), case.zone
    assert not any(case.clock.sleeps(row.due_at) for row in case.rows), case.zone


def taken_by_an_older_course(case: Case) -> Counter[tuple[str, datetime]]:
    """The newest course's moods on a local day on which it is an older one's turn: the infusion's own."""
    older = {on for plan in case.plans[:-1] for on in moods(case, plan)}
    return Counter({key: n for key, n in case.plans[-1].items() if moods(case, [key]) & older})


def there_is_one_daily_stream_without_a_hole(case: Case) -> None:
    courses: dict[date, set[int]] = defaultdict(set)
    for row in case.rows:
        if row.slot == "mood":
            courses[row.local.date()].add(row.course)
    assert all(len(each) == 1 for each in courses.values()), case.zone
    assert set(courses) == {on for plan in case.plans for on in moods(case, plan)}, case.zone


def moods(case: Case, plan: Iterable[tuple[str, datetime]]) -> set[date]:
    """The local days on which a plan asks the mood."""
    return {case.clock.shows(at).date() for slot, at in plan if slot == "mood"}
