"""Sends the prompts that are due, batch by batch, until none is."""

from __future__ import annotations

import asyncio
from datetime import datetime

from services import prompting
from services.clinic import Clinic

BREATH = 0.01  # seconds between two batches, in which the process is everybody else's


async def send_checkins(clinic: Clinic, now: datetime) -> None:
    """Run the pass."""
    while await prompting.send_due(clinic, now):  # noqa: ASYNC110 - it is no waiting for anything
        await asyncio.sleep(BREATH)
