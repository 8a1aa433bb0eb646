"""Tells those who keep the rota of gaps ahead."""

from __future__ import annotations

from datetime import datetime

from services import nudges
from services.clinic import Clinic


async def watch_rota(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await nudges.tell_of_gaps(clinic, now)
