"""Makes up for what was missed by us: at most one prompt a patient, and the list to staff."""

from __future__ import annotations

from datetime import datetime

from services import expiring
from services.clinic import Clinic


async def catch_up(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    while await expiring.catch_up_due(clinic, now):
        pass
