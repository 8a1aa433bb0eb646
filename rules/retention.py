"""Retention: how long each kind of record is kept, and what is over at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

UPDATES_AT_LEAST = timedelta(hours=48)  # so long an update that comes again is known: ids restart after an idle week


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept once they are done with; `patients` counts from the end of the last course."""

    updates: timedelta = UPDATES_AT_LEAST
    dead_letters: timedelta = timedelta(days=90)
    messages: timedelta = timedelta(days=90)
    links: timedelta = timedelta(days=90)
    patients: timedelta | None = None  # until somebody erases them


def is_over(kept: timedelta | None, done_at: datetime | None, now: datetime) -> bool:
    """Whether what was done with at an instant is to go; what is not done with, or kept for good, never is."""
    return kept is not None and done_at is not None and done_at <= now - kept
