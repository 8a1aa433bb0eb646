"""Sends the reminders that are due, one a prompt."""

from __future__ import annotations

from datetime import datetime

from services import prompting
from services.clinic import Clinic


async def send_reminders(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    while await prompting.remind_due(clinic, now):
        pass
