"""What happens to outgoing messages: claimed after one more look, settled with what that means for other rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rules.local_time import next_allowed
from rules.tier import Tier
from services import digest, nudges, pages, protocols
from services.clinic import Clinic
from store import alerts, audit, checkins, failpoints, outbox, patients, versions
from store.alerts import Alert
from store.database import Transaction
from store.errors import UnreachableDatabase
from store.ids import OutboxId
from store.outbox import GIVEN_BACK, Claimed, Draft, Settlement

__all__ = [
    "GIVEN_BACK",
    "Claimed",
    "Result",
    "Settlement",
    "UnreachableDatabase",
    "claim",
    "patient_unreachable",
    "settle",
    "unstored",
]

HELD_UP = timedelta(seconds=10)  # how long Telegram may hold a page up before it goes by the second channel too
PROMPTS = ("prompt", "catch-up")
OVERDUE = timedelta(minutes=5)  # since it was queued: a prompt then looks anew whether it may still go out today
AFTER_SAFETY = timedelta(minutes=5)  # when a prompt looks again whether the safety conversation is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one claimed message.

    `unreachable` when Telegram says that this person cannot be written to, `trouble` when Telegram itself is to blame.
    """

    message: Claimed
    settlement: Settlement
    unreachable: bool = False
    trouble: bool = False
    moved_to: int | None = None


async def claim(
    clinic: Clinic, lane: str, *, claimer: str, now: datetime, lease: timedelta, limit: int
) -> list[Claimed]:
    """Take the next messages of a lane; those no longer wanted are dropped on the way, those ill-timed put back."""
    async with clinic.database.transaction(gives_way=lane == "bulk") as tx:
        claimed = await outbox.claim(tx, lane, claimer=claimer, now=now, lease=lease, limit=limit)
        if not claimed:
            return []
        stale, early = await _stale(clinic, tx, claimed, now), await _ill_timed(tx, claimed, now)
        aside = [Settlement(id=i, state="dropped", outcome=reason) for i, reason in stale.items()]
        aside += [each for each in early if each.id not in stale]
        await outbox.settle(tx, aside, claimer=claimer, now=now)
        put_aside = {each.id for each in aside}
        return [message for message in claimed if message.id not in put_aside]


async def _stale(clinic: Clinic, tx: Transaction, claimed: Sequence[Claimed], now: datetime) -> dict[OutboxId, str]:
    """Messages that nobody wants any more: expired, about an alert that is taken, a check-in that is answered."""
    stale = {m.id: "expired" for m in claimed if m.expires_at is not None and m.expires_at <= now}
    for message in claimed:
        if message.kind == "page" and message.edits is None and message.alert_id and not message.params.get("owned"):
            alert = await alerts.get(tx, message.alert_id)
            if alert is None or alert.state != "open":
                stale[message.id] = "acknowledged meanwhile"
    prompts = [m for m in claimed if m.kind in (*PROMPTS, "reminder") and m.checkin_id]
    wanted = await checkins.still_wanted(tx, [m.checkin_id for m in prompts if m.checkin_id])
    stale |= {m.id: "answered or cancelled meanwhile" for m in prompts if m.checkin_id not in wanted}
    asked = [m for m in claimed if m.kind == "consent-again" and m.lane == "bulk"]
    missing = await patients.still_to_agree(tx, clinic.consent_version, [m.patient_id for m in asked if m.patient_id])
    stale |= {m.id: "agreed or left meanwhile" for m in asked if m.patient_id not in missing}
    return stale


async def _ill_timed(tx: Transaction, claimed: Sequence[Claimed], now: datetime) -> list[Settlement]:
    """Prompts that wait: for a red alert about their patient that nobody has taken, or for the end of quiet hours."""
    prompts = [m for m in claimed if m.lane == "bulk" and m.patient_id]
    alarmed = await alerts.with_open(tx, Tier.RED, [m.patient_id for m in prompts if m.patient_id])
    night = await _until_morning(tx, [m for m in prompts if now - m.created_at >= OVERDUE], now)
    put_back = {m.id: (now + AFTER_SAFETY, "a safety conversation is open") for m in prompts if m.patient_id in alarmed}
    put_back |= {message_id: (at, "quiet hours have begun") for message_id, at in night.items()}
    return [Settlement(id=i, state="waiting", outcome=why, again_at=at) for i, (at, why) in put_back.items()]


async def _until_morning(tx: Transaction, overdue: Sequence[Claimed], now: datetime) -> dict[OutboxId, datetime]:
    """The prompts and reminders that were held up until their patient's quiet hours began, and when these end.

    Of a course whose version cannot be read any more nobody knows the quiet hours: it must not stop the others.
    """
    if not overdue:
        return {}
    people = await patients.of(tx, {m.patient_id for m in overdue if m.patient_id})
    rows = await checkins.of(tx, {m.checkin_id for m in overdue if m.checkin_id})
    stands_on = await versions.of_courses(tx, {row.course_id for row in rows.values() if row.course_id})
    ends = {}
    for message in overdue:
        patient, row = people.get(message.patient_id or ""), rows.get(message.checkin_id or "")
        version = stands_on.get(row.course_id or "") if row else None
        protocol = protocols.readable(version.body) if version else None
        if patient is not None and protocol is not None:
            ends[message.id] = next_allowed(now, patient.timezone, protocol.quiet_hours)
    return {message_id: at for message_id, at in ends.items() if at > now}


async def settle(clinic: Clinic, results: Sequence[Result], *, claimer: str, now: datetime) -> None:
    """Write outcomes, all of them in one transaction."""
    if any(result.message.kind == "page" and result.settlement.state == "sent" for result in results):
        failpoints.reached("page-sent")
    bulk = all(result.message.lane == "bulk" for result in results)
    async with clinic.database.transaction(gives_way=bulk) as tx:
        await outbox.settle(tx, [result.settlement for result in results], claimer=claimer, now=now)
        sent = [result for result in results if result.settlement.state == "sent"]
        prompts = [
            (result.message.checkin_id, result.settlement.message_id)
            for result in sent
            if result.message.kind in PROMPTS and result.message.checkin_id and result.settlement.message_id
        ]
        await checkins.sent(tx, prompts, now)
        for result in results:
            await _consequences(clinic, tx, result, now)


async def _consequences(clinic: Clinic, tx: Transaction, result: Result, now: datetime) -> None:
    message = result.message
    if message.kind == "page" and message.edits is None and message.alert_id:
        alert = await alerts.get(tx, message.alert_id)
        await _note_page(tx, result, alert, now)
        if alert is not None:
            await _follow_page(clinic, tx, result, alert, now)
    if result.moved_to is not None and message.chat_id is not None:
        await outbox.move(tx, message.chat_id, result.moved_to)
    if not result.unreachable:
        return
    if message.staff_id:
        await nudges.note_lost(tx, message.staff_id, now)
        if message.kind == "digest":
            await digest.tell_next(tx, now)
        await alerts.look_again(tx, now)  # at once, and it finds the next person
    if message.patient_id:
        await patient_unreachable(tx, message.patient_id, now)


async def _note_page(tx: Transaction, result: Result, alert: Alert | None, now: datetime) -> None:
    message = result.message
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


async def _follow_page(clinic: Clinic, tx: Transaction, result: Result, alert: Alert, now: datetime) -> None:
    """A page that Telegram holds up goes another way too; one that came after an acknowledgement shows it."""
    message, settlement = result.message, result.settlement
    held_up = max(now, settlement.again_at or now) - message.created_at >= HELD_UP
    refused = settlement.state == "refused" and not result.unreachable
    if clinic.second_channel and message.channel != "second" and (refused or (result.trouble and held_up)):
        await outbox.queue(tx, [_another_way(alert)], now)
    if settlement.state == "sent" and message.staff_id:
        await pages.fold_earlier(tx, alert, message.staff_id, message.id, now)
    if settlement.state == "sent" and alert.state != "open" and not message.params.get("owned"):
        await pages.show_everywhere(tx, alert, now)


def _another_way(alert: Alert) -> Draft:
    return Draft(
        lane="page",
        kind="page",
        channel="second",
        chat_id=None,
        language="en",
        alert_id=alert.id,
        once=f"another-way:{alert.id}",
        params={"second": "page", "alert": alert.alias, "tier": alert.tier.word},
    )


def unstored(
    *,
    lane: str,
    kind: str,
    chat_id: int,
    language: str,
    now: datetime,
    channel: str = "telegram",
    params: Mapping[str, Any] | None = None,
) -> Claimed:
    """A message that no row stands behind, for when there is no database to hold one."""
    return Claimed(
        id=OutboxId("unstored"),
        lane=lane,
        kind=kind,
        channel=channel,
        chat_id=chat_id,
        language=language,
        params=params or {},
        edits=None,
        patient_id=None,
        staff_id=None,
        alert_id=None,
        checkin_id=None,
        created_at=now,
        expires_at=None,
        attempts=1,
    )


async def patient_unreachable(tx: Transaction, patient_id: str, now: datetime) -> None:
    """Note that a patient cannot be written to; the pass that watches blocked patients raises the alert."""
    patient = await patients.get(tx, patient_id)
    if patient is None or patient.blocked_at is not None:
        return
    await patients.change(tx, patient_id, blocked_at=now)
    stream = audit.stream_of(patient_id)
    await audit.record(tx, stream=stream, actor="engine", action="patient-unreachable", subject=patient.alias, now=now)
    tx.wake("blocked")
