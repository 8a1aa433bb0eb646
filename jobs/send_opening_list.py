"""Tells whoever is in charge, when the clinic opens, which alerts wait."""

from __future__ import annotations

from datetime import datetime

from services import opening
from services.clinic import Clinic


async def send_opening_list(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await opening.tell_due(clinic, now)
