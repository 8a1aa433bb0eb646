"""A series of infusions: on which days the others follow the first, and what looks odd about a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, cycle, islice, pairwise

from rules.clinic_hours import ClinicHours
from rules.durations import format_duration
from rules.local_time import local_day, to_instant, to_local

USUAL_COUNT, MOST = 6, 24
TWICE_A_WEEK = ((3, 4), (4, 3), (2, 5), (5, 2))  # days between, best first; clinical.md, "Who this is for"
CLOSED, CLOSE, CLOCK = "closed", "close", "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What looks odd about a planned infusion: the clinic is closed then, or another is on the same or the next day."""

    at: datetime
    why: str


def instants(
    first: datetime, hours: ClinicHours, *, count: int = USUAL_COUNT, every: timedelta | None = None
) -> tuple[datetime, ...]:
    """`count` infusions at one wall time of the clinic, whole days apart: the `first` is an instant, or that wall time.

    On a day that has no such time, because the clocks change, the next one that there is. Where `every` is none they
    come twice a week, on the two weekdays on which the clinic is closed least. Raises ValueError with the mend.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"{count} is no number of infusions: give 1 to {MOST}")
    if every is not None and (every < timedelta(days=1) or every % timedelta(days=1)):
        raise ValueError(f"infusions come whole days apart, not {format_duration(every)}: give such as 3d or 7d")
    ways = TWICE_A_WEEK if every is None else ((every.days,),)
    plans = [_apart(first, hours.zone, steps, count) for steps in ways]
    return min(plans, key=lambda plan: sum(not hours.is_open(at) for at in plan))


def _apart(first: datetime, zone: str, steps: Sequence[int], count: int) -> tuple[datetime, ...]:
    wall = wall_of(first, zone)
    begins = first if first.tzinfo else to_instant(wall.date(), wall.time(), zone)
    days = islice(accumulate(cycle(steps)), count - 1)
    return (begins, *(to_instant(wall.date() + timedelta(days=each), wall.time(), zone) for each in days))


def wall_of(first: datetime, zone: str) -> datetime:
    """The naive wall time of an instant; that of what is one already."""
    return to_local(first, zone) if first.tzinfo else first


def doubts(planned: Sequence[datetime], others: Iterable[datetime], hours: ClinicHours) -> tuple[Doubt, ...]:
    """What looks odd about planned infusions, beside the `others` that the patient has already."""
    days = sorted(local_day(at, hours.zone) for at in {*planned, *others})
    close = {day for pair in pairwise(days) if pair[1] - pair[0] <= timedelta(days=1) for day in pair}
    return tuple(
        Doubt(at=at, why=why)
        for at in planned
        for why, odd in ((CLOSED, not hours.is_open(at)), (CLOSE, local_day(at, hours.zone) in close))
        if odd
    )
