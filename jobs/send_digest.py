"""Tells the clinician in charge, once a clinic day, what patients wrote."""

from __future__ import annotations

from datetime import datetime

from services import digest
from services.clinic import Clinic


async def send_digest(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await digest.tell_due(clinic, now)
