"""What a patient would be asked after given infusions: the rows of `fortnight protocol preview`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from rules.local_time import local_day, to_instant
from rules.protocol import Protocol
from rules.schedule.overlap import CoursePlan, Prompt, combine
from rules.schedule.planning import Span, plan, runs_into, window_end


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One prompt: `course` is the place of its infusion among those given, by time, from 0; `due_at` UTC.

    `meant` is the wall time that quiet hours or daylight saving moved it from.
    """

    slot: str
    course: int
    local: datetime
    due_at: datetime
    moved_because: str | None
    meant: datetime | None
    asks: tuple[str, ...]


def preview(
    protocol: Protocol, infusions: Sequence[datetime], *, zone: str, preferred: time | None = None
) -> tuple[PreviewRow, ...]:
    """What the courses of all `infusions` ask together, by due instant; raises ValueError for an unknown zone."""
    courses: list[CoursePlan] = []
    spans: list[Span] = []
    for place, at in enumerate(sorted(infusions)):
        later = runs_into(at, spans)
        planned = plan(protocol, infusion_at=at, zone=zone, preferred=preferred, is_later=later)
        spans.append((at, window_end(protocol, planned)))
        courses.append(CoursePlan(course=str(place), infusion_at=at, infusion_on=local_day(at, zone), planned=planned))
    return tuple(_row(each) for each in combine(protocol, courses))


def clock_changes(first: date, last: date, zone: str) -> tuple[tuple[date, timedelta], ...]:
    """The days from `first` to `last` on which the clock of a zone changes, and by how much."""
    noons = [_noon(first + timedelta(days=n), zone) for n in range(-1, (last - first).days + 1)]
    gaps = [(local_day(two, zone), timedelta(days=1) - (two - one)) for one, two in pairwise(noons)]
    return tuple((day, by) for day, by in gaps if by)


def _noon(day: date, zone: str) -> datetime:
    return to_instant(day, time(12), zone)


def _row(prompt: Prompt) -> PreviewRow:
    planned = prompt.planned
    return PreviewRow(
        slot=planned.slot,
        course=int(prompt.course),
        local=planned.local,
        due_at=planned.due_at,
        moved_because=planned.moved_because,
        meant=planned.meant,
        asks=planned.asks,
    )
