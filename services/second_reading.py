"""What a second reader may do: raise a text in which the screening saw nothing or a note, never lower, never to red."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rules.finding import Finding
from rules.tier import Tier
from services import conversation, safety
from services.clinic import Clinic
from store import answers, findings, patients
from store.answers import Text
from store.database import Transaction

__all__ = ["Text", "due", "take"]

WITHIN = timedelta(hours=1)  # what was written earlier is left to the digest
MOST = Tier.AMBER


async def due(clinic: Clinic, now: datetime, limit: int) -> Sequence[Text]:
    """The oldest texts that are still to be read; those that reached a clinician already are passed over for good."""
    async with clinic.database.reading() as tx:
        texts = await answers.for_second_reader(tx, now - WITHIN, limit)
        graver = [text for text in texts if await _seen(tx, text) >= MOST]
    if graver:
        async with clinic.database.transaction() as tx:
            for text in graver:
                await answers.second_read(tx, text.id, now)
    return [text for text in texts if text not in graver]


async def take(clinic: Clinic, text: Text, said: Tier | None, now: datetime) -> None:
    """Note that a text was read, and act on what the reader said; none when that could not be understood."""
    async with clinic.database.transaction() as tx:
        patient = await patients.get(tx, text.patient_id)
        if patient is None:
            return
        await tx.lock(f"chat:{patient.user_id}")
        if not await answers.second_read(tx, text.id, now) or said is None:
            return
        tier = min(said, MOST)
        if tier <= await _seen(tx, text):
            return
        found = [Finding(rule="second-reader", tier=tier)]
        await safety.act(clinic, tx, patient, found, now=now, inbox_id=text.inbox_id)
        await conversation.ask_gently(clinic, tx, patient, tier, now)


async def _seen(tx: Transaction, text: Text) -> Tier:
    return await findings.gravest_on(tx, text.inbox_id) if text.inbox_id else Tier.NONE
