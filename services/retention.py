"""Retention: what is past its time goes, or is only counted; patients, where a clinic has set a time, are erased."""

from __future__ import annotations

from datetime import datetime

from rules.forms import GIVEN_UP_AFTER
from rules.retention import is_over
from services import erasure
from services.clinic import Clinic
from store import alerts, audit, courses, forms, keeping, patients
from store.database import Transaction


async def over(clinic: Clinic, tx: Transaction, now: datetime) -> dict[str, int]:
    """How much of each kind is past its time: the dry run."""
    counted = {kind: await keeping.count_over(tx, kind, before) for kind, before in _cutoffs(clinic, now).items()}
    return {**counted, "patients": len(await _patients_over(clinic, tx, now))}


async def forget(clinic: Clinic, tx: Transaction, now: datetime, *, actor: str) -> dict[str, int]:
    """Let go of it; returns how much of each kind went."""
    gone = {kind: await keeping.forget(tx, kind, before) for kind, before in _cutoffs(clinic, now).items()}
    past = await _patients_over(clinic, tx, now)
    for patient in past:
        await erasure.erase(tx, patient, actor=actor, now=now)
    gone["patients"] = len(past)
    if any(gone.values()):
        detail = {kind: count for kind, count in gone.items() if count}
        subject, action = "retention", "retention-over"
        stream = audit.CLINIC_STREAM
        await audit.record(tx, stream=stream, actor=actor, action=action, subject=subject, now=now, detail=detail)
    return gone


async def forget_tonight(clinic: Clinic, now: datetime) -> dict[str, int]:
    """The nightly pass, in a transaction of its own; conversations that staff have left are forgotten too."""
    async with clinic.database.transaction(gives_way=True) as tx:
        await forms.forget(tx, now - GIVEN_UP_AFTER)
        return await forget(clinic, tx, now, actor="engine")


def _cutoffs(clinic: Clinic, now: datetime) -> dict[str, datetime]:
    kept = clinic.retention
    spans = (kept.updates, kept.dead_letters, kept.messages, kept.links)
    return {kind: now - span for kind, span in zip(keeping.KINDS, spans, strict=True)}


async def _patients_over(clinic: Clinic, tx: Transaction, now: datetime) -> list[patients.Patient]:
    """Those whose last course ended too long ago and about whom nothing is open."""
    if clinic.retention.patients is None:
        return []
    ended = await courses.last_ends(tx)
    return [
        patient
        for patient in await patients.every(tx)
        if is_over(clinic.retention.patients, ended.get(patient.id), now)
        and await alerts.unclosed_of(tx, patient_id=patient.id) is None
    ]
