"""Erasing beside what the patient is writing at this very moment."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from services import erasure, people
from services.clinic import Clinic
from tests.builders import add_patient


@pytest.mark.on("postgresql")
async def test_erasing_waits_until_what_they_wrote_is_handled(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)

    async def erase() -> None:
        async with clinic.database.transaction() as tx:
            await erasure.erase(tx, await people.patient(tx, patient.alias), actor="cli", now=now)

    async with clinic.database.transaction() as handling:
        await handling.lock(f"chat:{patient.user_id}")  # as intake does
        erasing = asyncio.create_task(erase())
        await asyncio.sleep(0.3)
        assert not erasing.done()
    await erasing
