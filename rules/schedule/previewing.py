"""What a patient would be asked after given infusions: the rows of `fortnight protocol preview`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from rules.local_time import local_day
from rules.protocol import Protocol
from rules.schedule.overlap import CoursePlan, combine
from rules.schedule.planning import plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One prompt: `course` is the place of its infusion among those given, by time, from 0; `due_at` UTC."""

    slot: str
    course: int
    local: datetime
    due_at: datetime
    moved_because: str | None


def preview(
    protocol: Protocol, infusions: Sequence[datetime], *, zone: str, preferred: time | None = None
) -> tuple[PreviewRow, ...]:
    """What the courses of all `infusions` ask together, by due instant; raises ValueError for an unknown zone."""
    courses = [
        CoursePlan(
            course=str(place),
            infusion_at=at,
            infusion_on=local_day(at, zone),
            planned=plan(protocol, infusion_at=at, zone=zone, preferred=preferred),
        )
        for place, at in enumerate(sorted(infusions))
    ]
    return tuple(
        PreviewRow(
            slot=each.planned.slot,
            course=int(each.course),
            local=each.planned.local,
            due_at=each.planned.due_at,
            moved_because=each.planned.moved_because,
        )
        for each in combine(protocol, courses)
    )
