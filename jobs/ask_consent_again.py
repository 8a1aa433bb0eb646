"""Asks patients who have agreed to an older version of the consent to read the new one."""

from __future__ import annotations

from datetime import datetime

from services import consent
from services.clinic import Clinic


async def ask_consent_again(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    await consent.ask_again(clinic, now)
