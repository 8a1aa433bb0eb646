"""Asks whoever comes on call, or was not drilled for long, whether they can be reached, and heeds their silence."""

from __future__ import annotations

from datetime import datetime

from jobs.one_by_one import one_by_one
from services import drills
from services.clinic import Clinic


async def drill_staff(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await one_by_one(await drills.overdue(clinic, now), lambda row: drills.heed_silence(clinic, row, now))
    await drills.ask_due(clinic, now)
