"""Heeds the silence in safety conversations that nobody answered in time."""

from __future__ import annotations

from datetime import datetime

from jobs.one_by_one import one_by_one
from services import overdue
from services.clinic import Clinic


async def heed_silence(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await one_by_one(await overdue.silences_due(clinic, now), lambda row: overdue.heed_silence(clinic, row, now))
