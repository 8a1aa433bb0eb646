"""Lets go, once a day, of what has been kept as long as it may be."""

from __future__ import annotations

from datetime import datetime

from services import retention
from services.clinic import Clinic


async def forget_expired(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await retention.forget_tonight(clinic, now)
