"""Tells coordinators of prompts that wait for a patient who has not linked or not consented."""

from __future__ import annotations

from datetime import datetime

from services import nudges
from services.clinic import Clinic


async def tell_unlinked(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await nudges.tell_of_unlinked(clinic, now)
