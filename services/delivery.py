"""What happens to outgoing messages: claimed with one more look, settled with what it means for the rows behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.clinic import Clinic
from store import alerts, audit, checkins, outbox, patients, staff
from store.database import Transaction
from store.outbox import Claimed, Settlement



@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one claimed message; `unreachable` when Telegram says that this person cannot be written to."""

    message: Claimed
    settlement: Settlement
    unreachable: bool = False
    moved_to: int | None = None


async def claim(
    clinic: Clinic, lane: str, *, claimer: str, now: datetime, lease: timedelta, limit: int
) -> list[Claimed]:
    """Take the next messages of a lane, those that are no longer wanted dropped on the way."""
    async with clinic.database.transaction() as tx:
        claimed = await outbox.claim(tx, lane, claimer=claimer, now=now, lease=lease, limit=limit)
        if not claimed:
            return []
        stale = await _stale(tx, claimed, now)
        if stale:
            drops = [Settlement(id=i, state="dropped", outcome=reason) for i, reason in stale.items()]
            await outbox.settle(tx, drops, claimer=claimer, now=now)
        return [message for message in claimed if message.id not in stale]


async def _stale(tx: Transaction, claimed: Sequence[Claimed], now: datetime) -> dict[outbox.OutboxId, str]:
    """Messages that nobody wants any more: expired, about an alert that is taken, a check-in that is answered."""
    stale = {m.id: "expired" for m in claimed if m.expires_at is not None and m.expires_at <= now}
    for message in claimed:
        if message.kind == "page" and message.edits is None and message.alert_id and not message.params.get("owned"):
            alert = await alerts.get(tx, message.alert_id)
            if alert is None or alert.state != "open":
                stale[message.id] = "acknowledged meanwhile"
    prompts = [m for m in claimed if m.kind in ("prompt", "reminder") and m.checkin_id]
    wanted = await checkins.still_wanted(tx, [m.checkin_id for m in prompts if m.checkin_id])
    stale |= {m.id: "answered or cancelled meanwhile" for m in prompts if m.checkin_id not in wanted}
    return stale


async def settle(clinic: Clinic, results: Sequence[Result], *, claimer: str, now: datetime) -> None:
    """Write outcomes, all of them in one transaction."""
    async with clinic.database.transaction() as tx:
        await outbox.settle(tx, [result.settlement for result in results], claimer=claimer, now=now)
        sent = [result for result in results if result.settlement.state == "sent"]
        prompts = [
            (result.message.checkin_id, result.settlement.message_id)
            for result in sent
            if result.message.kind == "prompt" and result.message.checkin_id and result.settlement.message_id
        ]
        await checkins.sent(tx, prompts, now)
        for result in results:
            await _consequences(tx, result, now)


async def _consequences(tx: Transaction, result: Result, now: datetime) -> None:
    message = result.message
    if message.kind == "page" and message.edits is None and message.alert_id:
        await _page_settled(tx, result, now)
    if result.moved_to is not None and message.staff_id:
        await staff.change(tx, message.staff_id, chat_id=result.moved_to)
    if not result.unreachable:
        return
    if message.staff_id:
        await staff.change(tx, message.staff_id, blocked_at=now)
        if message.alert_id:  # the ladder looks again at once, and finds the next person
            await alerts.change(tx, message.alert_id, due_at=now)
        tx.wake("alert")
    if message.patient_id:
        await patient_unreachable(tx, message.patient_id, now)


async def _page_settled(tx: Transaction, result: Result, now: datetime) -> None:
    message = result.message
    assert message.alert_id is not None  # noqa: S101 - the caller looked
    alert = await alerts.get(tx, message.alert_id)
    detail = {"outcome": result.settlement.outcome, "channel": message.channel, "attempt": message.attempts}
    await audit.record(
        tx,
        stream=audit.stream_of(alert.patient_id if alert else None),
        actor="engine",
        action=f"page-{result.settlement.state}",
        subject=message.staff_id or message.channel,
        now=now,
        detail=detail,
    )


async def patient_unreachable(tx: Transaction, patient_id: str, now: datetime) -> None:
    """Note that a patient cannot be written to; the pass that watches blocked patients raises the alert."""
    patient = await patients.get(tx, patient_id)
    if patient is None or patient.blocked_at is not None:
        return
    await patients.change(tx, patient_id, blocked_at=now)
    stream = audit.stream_of(patient_id)
    await audit.record(
        tx, stream=stream, actor="engine", action="patient-unreachable", subject=patient.alias, now=now
    )
    tx.wake("blocked")


