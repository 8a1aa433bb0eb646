"""Lets the ladder look at every alert that is due, red ones first."""

from __future__ import annotations

from datetime import datetime

from jobs.one_by_one import one_by_one
from services import overdue
from services.clinic import Clinic


async def climb_ladders(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await one_by_one(await overdue.alerts_due(clinic, now), lambda row: overdue.climb(clinic, row, now))
