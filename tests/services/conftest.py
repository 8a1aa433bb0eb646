"""Fixtures for the use cases: a patient in a course, their chat, and somebody on call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from services.clinic import Clinic
from store import checkins
from store.checkins import Checkin
from tests.builders import add_member, add_patient, record_infusion
from tests.services.chat import Chat

Prompt = Callable[[str], Awaitable[Checkin]]


@pytest.fixture
async def chat(clinic: Clinic, now: datetime) -> Chat:
    """A patient on the first morning after an infusion, with a clinician on call."""
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now)
    chat = Chat(clinic, patient, now + timedelta(days=1))
    await chat.said()
    return chat


@pytest.fixture
def prompted(chat: Chat) -> Prompt:
    """Makes the next check-in of a slot one whose prompt has been sent, and gives it."""

    async def prompt(slot: str, at: datetime | None = None) -> Checkin:
        chat.now = at or chat.now
        async with chat.clinic.database.transaction() as tx:
            rows = await checkins.of_patient(tx, chat.patient.id)
            row = next(row for row in rows if row.slot == slot and row.state == "scheduled")
            chat.now = max(chat.now, row.due_at)
            first = f"{row.asks[0]}/{chat.clinic.instruments[row.asks[0]].items[0].id}"
            await checkins.change(
                tx, row.id, state="sent", queued_at=chat.now, sent_at=chat.now, asked=first, asked_at=chat.now
            )
            found = await checkins.get(tx, row.id)
        assert found is not None
        return found

    return prompt
