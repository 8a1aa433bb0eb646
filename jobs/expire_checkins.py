"""Closes check-ins that are over, and heeds the silence of those who did not answer."""

from __future__ import annotations

from datetime import datetime

from services import expiring
from services.clinic import Clinic


async def expire_checkins(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    while await expiring.expire_due(clinic, now):
        pass
