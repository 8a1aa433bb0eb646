"""Sends the prompts that are due, batch by batch, until none is."""

from __future__ import annotations

from datetime import datetime

from services import prompting
from services.clinic import Clinic


async def send_checkins(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    while await prompting.send_due(clinic, now):
        pass
