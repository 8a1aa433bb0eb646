"""Raises the alert about patients who blocked the bot during a course."""

from __future__ import annotations

from datetime import datetime

from jobs.one_by_one import one_by_one
from services import blocking
from services.clinic import Clinic


async def watch_blocked(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await one_by_one(await blocking.blocked(clinic), lambda patient: blocking.heed(clinic, patient, now))
