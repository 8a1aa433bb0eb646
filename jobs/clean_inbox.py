"""Forgets updates that were handled more than two days ago."""

from __future__ import annotations

from datetime import datetime

from services import housekeeping
from services.clinic import Clinic


async def clean_inbox(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await housekeeping.clean_inbox(clinic, now)
