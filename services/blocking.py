"""Patients who blocked the bot during a course: a clinician looks, and coordinators have a task on the same day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rules.finding import Finding
from rules.permissions import may
from rules.tier import Tier
from services import safety
from services.clinic import Clinic
from services.outgoing import to_staff
from store import alerts, courses, findings, outbox, patients, staff
from store.database import Transaction
from store.patients import Patient

IN_COURSE, WITH_RED = "blocked-course", "blocked-red"  # clinical.md, "Thresholds": amber, or red with an open red
TAKING_PART = ("consented", "paused")


async def blocked(clinic: Clinic) -> Sequence[str]:
    """Patients in a course, or with an alert, who cannot be written to."""
    async with clinic.database.reading() as tx:
        return [patient.id for patient in await patients.blocked(tx)]


async def heed(clinic: Clinic, patient_id: str, now: datetime) -> None:
    """Raise the alert about one blocked patient, and tell coordinators; once a block."""
    async with clinic.database.transaction() as tx:
        await tx.lock(f"patient:{patient_id}")
        patient = await patients.get(tx, patient_id)
        if patient is None or patient.blocked_at is None:
            return
        found = await _found(tx, patient, patient.blocked_at, now)
        if found is not None:
            await safety.act(clinic, tx, patient, [found], now=now)
            await _tell_coordinators(tx, patient, patient.blocked_at, now)


async def _found(tx: Transaction, patient: Patient, since: datetime, now: datetime) -> Finding | None:
    alert = await alerts.unclosed_of(tx, patient_id=patient.id)
    if alert is not None and alert.tier is Tier.RED:
        found = Finding(rule=WITH_RED, tier=Tier.RED)
    elif patient.state in TAKING_PART and any(c.starts_at <= now for c in await courses.active_of(tx, patient.id)):
        found = Finding(rule=IN_COURSE, tier=Tier.AMBER)
    else:
        return None
    known = [await findings.has(tx, patient.id, rule, since) for rule in (WITH_RED, found.rule)]
    return None if any(known) else found


async def _tell_coordinators(tx: Transaction, patient: Patient, since: datetime, now: datetime) -> None:
    drafts = [
        to_staff(
            member,
            "reply",
            "patient-blocked",
            once=f"blocked:{patient.id}:{since.isoformat()}:{member.id}",
            patient=patient.alias,
        )
        for member in await staff.every(tx)
        if member.reachable and may(member.role, "enrol-patient")
    ]
    await outbox.queue(tx, drafts, now)
