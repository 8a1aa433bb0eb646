"""Ends the courses whose window is over."""

from __future__ import annotations

from datetime import datetime

from services import housekeeping
from services.clinic import Clinic


async def end_courses(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await housekeeping.end_courses(clinic, now)
