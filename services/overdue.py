"""What is overdue one by one: alerts for the ladder to look at, safety questions whose silence is to be heeded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services import alerting, conversation
from services.clinic import Clinic
from store import alerts, checkins, patients, prompts
from store.database import Transaction

AT_ONCE = 200


async def alerts_due(clinic: Clinic, now: datetime) -> Sequence[str]:
    """Alerts at which the ladder must look, red ones first."""
    async with clinic.database.reading() as tx:
        return await alerts.due(tx, now, AT_ONCE)


async def climb(clinic: Clinic, alert_id: str, now: datetime) -> None:
    """One look of the ladder at an alert, in a transaction of its own; nothing if another process was faster."""
    async with clinic.database.transaction() as tx:
        alert = await alerts.get(tx, alert_id, lock=True)
        if alert is not None and alert.due_at is not None and alert.due_at <= now:
            await alerting.climb(clinic, tx, alert_id, now)


async def silences_due(clinic: Clinic, now: datetime) -> Sequence[str]:
    """Safety conversations in which silence is due to set the tier."""
    async with clinic.database.reading() as tx:
        return await prompts.silent(tx, now, AT_ONCE)


async def heed_silence(clinic: Clinic, checkin_id: str, now: datetime) -> None:
    """Heed the silence in one safety conversation; nothing if the patient, or another process, was faster."""
    async with clinic.database.transaction() as tx:
        await tx.lock(f"chat:{await _user_of(tx, checkin_id)}")
        row = await checkins.get(tx, checkin_id)
        if row is not None and row.silence_at is not None and row.silence_at <= now:
            await conversation.heed_silence(clinic, tx, row, now)


async def _user_of(tx: Transaction, checkin_id: str) -> int | None:
    """Whose chat it is: what they write is handled under the same lock."""
    row = await checkins.get(tx, checkin_id)
    patient = await patients.get(tx, row.patient_id) if row else None
    return patient.user_id if patient else None
