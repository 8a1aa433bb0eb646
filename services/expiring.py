"""Check-ins that are over: missed by the patient or by us, what silence means, and the one prompt that catches up."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rules import silence
from rules.permissions import may
from rules.prompting import CANCELLED, EXPIRED, NEAR, Reachability, catch_up, together, what_became
from rules.silence import AskedPrompt
from services import downtime, protocols, safety
from services.clinic import Clinic
from services.outgoing import to_staff
from services.prompting import Batch, Round, laid_aside, round_of, write
from store import checkins, findings, outbox, patients, prompts, staff
from store.checkins import Checkin
from store.database import Transaction
from store.patients import Patient
from store.prompts import Asked

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=30)


async def expire_due(clinic: Clinic, now: datetime) -> int:
    """Close one batch of check-ins that are over, and heed the silence of their patients; 0 when there are none."""
    async with clinic.database.transaction(gives_way=True) as tx:
        rows = await prompts.over(tx, now, clinic.bulk_limit)
        if not rows:
            return 0
        people = await patients.of(tx, {row.patient_id for row in rows})
        await _close(tx, rows, people)
        silent = {row.patient_id: people[row.patient_id] for row in rows if _counts(row, people[row.patient_id])}
        await _heed(clinic, tx, silent, {row.id for row in rows}, now)
    return len(rows)


async def _close(tx: Transaction, rows: Sequence[Checkin], people: Mapping[str, Patient]) -> None:
    held = await prompts.held(tx, people.keys())
    ids: dict[tuple[str, str | None], list[str]] = {}
    for row in rows:
        patient = people[row.patient_id]
        stood = Reachability(state=patient.state, blocked=patient.blocked_at is not None, held=patient.id in held)
        state = what_became(sent=row.state != "scheduled", patient=stood)
        because = ("pause" if patient.state == "paused" else "safety") if state == CANCELLED else None
        ids.setdefault((state, because), []).append(row.id)
    for (state, because), closed in ids.items():
        changes = {"state": state} if state == EXPIRED else {"state": state, "queued_at": None}
        await checkins.change_all(tx, closed, **changes, cancelled_because=because)


def _counts(row: Checkin, patient: Patient) -> bool:
    """Whether leaving it unanswered is silence: a prompt of a course to somebody who takes part and can be reached."""
    return row.state == "sent" and row.course_id is not None and patient.reachable


async def _heed(clinic: Clinic, tx: Transaction, people: Mapping[str, Patient], over: set[str], now: datetime) -> None:
    asked = await prompts.asked_of(tx, people.keys(), now - LOOK_BACK)
    alarms = await findings.last_alarms(tx, people.keys(), now - LOOK_BACK, without="missed-")
    standing = await protocols.of_courses(tx, {row.checkin.course_id or "" for rows in asked.values() for row in rows})
    for patient_id, rows in asked.items():
        thresholds = standing[rows[-1].checkin.course_id or ""].thresholds
        found = silence.assess(prompts_of(rows, over), thresholds, last_alarm_at=alarms.get(patient_id))
        if found is None:
            continue
        try:
            async with tx.part():
                await safety.act(clinic, tx, people[patient_id], [found], now=now)
        except Exception as error:  # one patient's row must not keep the others' open
            log.error("silence", extra={"action": "silence-failed", "patient": patient_id}, exc_info=error)
            tx.wake("laid-aside")


def prompts_of(rows: Iterable[Asked], over: Collection[str] = ()) -> list[AskedPrompt]:
    """The prompts that are over, of the check-ins that each asked; answering any of it is no silence.

    Those in `over` have ended just now.
    """
    by_prompt: dict[str, list[Asked]] = {}
    for row in rows:
        by_prompt.setdefault(row.checkin.lead_id or row.checkin.id, []).append(row)
    return [
        AskedPrompt(
            due_at=asked[0].checkin.due_at,
            missed=all(row.checkin.state == "expired" and not row.answered for row in asked),
            fresh=any(row.checkin.id in over for row in asked),
        )
        for asked in by_prompt.values()
        if all(row.checkin.state not in ("sent", "scheduled") for row in asked)
    ]


async def catch_up_due(clinic: Clinic, now: datetime) -> int:
    """Make up for what was missed by us: at most one prompt a patient, and the list to staff; 0 when nothing was."""
    async with clinic.database.transaction(gives_way=True) as tx:
        people = await prompts.to_catch_up(tx, clinic.bulk_limit)
        if not people:
            return 0
        ids = [patient.id for patient in people]
        missed, waiting = await prompts.missed_of(tx, ids), await prompts.unasked_of(tx, ids, now + NEAR)
        this = await round_of(clinic, tx, missed, now)
        batch, held = Batch(), await prompts.held(tx, ids)
        for patient in people:
            if patient.reachable and patient.id not in held:
                with laid_aside(batch, ()):
                    _catch_up(this, batch, patient, missed[patient.id], waiting.get(patient.id, []))
        await checkins.change_all(tx, [row.id for rows in missed.values() for row in rows], queued_at=now)
        await write(tx, batch, now)
        await _tell_staff(tx, people, now)
    return len(people)


def _catch_up(
    this: Round, batch: Batch, patient: Patient, missed: Sequence[Checkin], waiting: Sequence[Checkin]
) -> None:
    near = any(row.in_mood_stream for row in waiting)
    open_ = [row for row in waiting if row.expires_at > this.goes_out_at(row, patient)]
    asked = catch_up(together(open_, this.now), missed, mood_is_near=near)
    if not asked:
        return
    batch.ask(this, patient, asked, "catch-up")
    if asked[0] in missed:
        open_for = asked[0].expires_at - asked[0].due_at
        batch.drafts[-1] = replace(batch.drafts[-1], expires_at=this.now + open_for)


async def _tell_staff(tx: Transaction, people: Sequence[Patient], now: datetime) -> None:
    figures: dict[str, Any] = {"count": len(people), "patients": downtime.listed([patient.alias for patient in people])}
    drafts = [
        to_staff(member, "reply", "missed-by-us", **figures)
        for member in await staff.every(tx)
        if member.reachable and may(member.role, "caseload")
    ]
    await outbox.queue(tx, drafts, now)
