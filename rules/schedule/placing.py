"""Where a check-in stands that staff give its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rules.local_time import Hours, next_allowed, to_local
from rules.schedule.fitting import ExistingSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The new times of a check-in: `local` is naive wall time of the patient, the instants are UTC."""

    local: datetime
    due_at: datetime
    remind_at: datetime | None
    expires_at: datetime


def place(row: ExistingSlot, to: datetime, *, zone: str, quiet: Hours | None, following: datetime | None) -> Placement:
    """`row` at another instant, as long open as it was, closed when the next of its kind is due (`following`).

    The reminder comes as long after it as before, never in quiet hours nor after the end.
    """
    until = to + (row.expires_at - row.due_at)
    expires_at = min(until, following) if following and following > to else until
    remind_at = row.remind_at and next_allowed(to + (row.remind_at - row.due_at), zone, quiet)
    return Placement(
        local=to_local(to, zone),
        due_at=to,
        remind_at=remind_at if remind_at and remind_at < expires_at else None,
        expires_at=expires_at,
    )
