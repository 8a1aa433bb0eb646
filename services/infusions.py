"""Recording, moving and cancelling infusions, each with its course and its slots."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.local_time import in_words, local_day
from services import protocols, readiness, scheduling
from services.clinic import Clinic
from services.errors import Refused
from store import audit, courses
from store.courses import Course
from store.database import Transaction
from store.patients import Patient

EARLIEST, LATEST = timedelta(days=60), timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An infusion with its course, and how many check-ins it brought."""

    course: Course
    slots: int
    warnings: tuple[str, ...] = ()


async def record(
    clinic: Clinic,
    tx: Transaction,
    patient: Patient,
    *,
    ended_at: datetime,
    dose_mg_per_kg: float,
    protocol_id: str | None,
    uncovered: str | None,
    actor: str,
    now: datetime,
) -> Recorded:
    """Record an infusion that ended, or will end, at `ended_at`. Raises Refused."""
    _refuse_nonsense(patient, ended_at, dose_mg_per_kg, now)
    if uncovered is None:
        await readiness.refuse_uncovered(clinic, tx, ended_at, now)
    await _refuse_twice(tx, patient, ended_at)
    version = await protocols.pin(tx, clinic.protocols, protocol_id, now)
    protocol = protocols.read_body(version.body)
    course = await courses.add(
        tx,
        patient_id=patient.id,
        infusion_at=ended_at,
        infusion_on=local_day(ended_at, patient.timezone),
        dose_mg_per_kg=dose_mg_per_kg,
        protocol_version_id=version.id,
        ends_at=scheduling.ends_at(protocol, patient, ended_at),
        uncovered_reason=uncovered,
        now=now,
    )
    changes = await scheduling.reschedule(tx, patient, now)
    detail = {"dose_mg_per_kg": dose_mg_per_kg, "protocol": version.protocol, "version": version.version}
    await _note(tx, patient, actor, "infusion-recorded", now, {**detail, "uncovered": uncovered is not None})
    return Recorded(course=course, slots=sum(prompt.course == course.id for prompt in changes.add))


async def postpone(
    tx: Transaction,
    patient: Patient,
    course: Course,
    *,
    to: datetime,
    uncovered: str | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Move an infusion that has not been yet; its unsent slots move with it, those that staff moved, too.

    `uncovered` is why its course may start without a tested clinician then. Raises Refused.
    """
    if not _is_ahead(course, now):
        raise been()
    if to <= now:
        mend = "look at the month; one that has taken place already is cancelled, and recorded as it was"
        raise Refused.of("past", mend, at=in_words(to, patient.timezone))
    _refuse_nonsense(patient, to, course.dose_mg_per_kg, now)
    await _refuse_twice(tx, patient, to)
    protocol = await protocols.of_course(tx, course)
    await courses.move(
        tx,
        course,
        infusion_at=to,
        infusion_on=local_day(to, patient.timezone),
        ends_at=scheduling.ends_at(protocol, patient, to),
    )
    if uncovered is not None:
        await courses.allow_uncovered(tx, course.id, uncovered)
    await scheduling.release(tx, patient.id, course.id)
    await scheduling.reschedule(tx, patient, now, moved={course.id})
    detail = {"infusion": course.infusion_id, **_span(course, to), "uncovered": uncovered is not None}
    await _note(tx, patient, actor, "infusion-postponed", now, detail)


async def cancel(tx: Transaction, patient: Patient, course: Course, *, actor: str, now: datetime) -> None:
    """Cancel an infusion that has not been yet; its unsent slots go, older courses get theirs back. Raises Refused."""
    if not _is_ahead(course, now):
        raise been()
    await courses.cancel_infusion(tx, course.infusion_id, now)
    await courses.set_state(tx, course.id, "cancelled")
    await scheduling.cancel_unsent(tx, patient.id, scheduling.STOPPED, course.id)
    await scheduling.reschedule(tx, patient, now)
    await _note(tx, patient, actor, "infusion-cancelled", now, {"infusion": course.infusion_id})


def _refuse_nonsense(patient: Patient, ended_at: datetime, dose: float, now: datetime) -> None:
    if patient.state in ("ended", "erased"):
        raise Refused.of("ended", "`fortnight patient relink` them first", patient=patient.alias)
    if not now - EARLIEST <= ended_at <= now + LATEST:
        raise Refused.of("far", "check --at and its offset")
    if not math.isfinite(dose) or not 0 < dose <= 5:
        raise Refused.of("dose", "give milligrams per kilogram, usually 0.5 to 1", dose=f"{dose:g}")


async def _refuse_twice(tx: Transaction, patient: Patient, at: datetime) -> None:
    await tx.lock(f"patient:{patient.id}")
    if any(course.infusion_at == at for course in await courses.active_of(tx, patient.id)):
        raise Refused.of("same-instant", "see `fortnight patient show`", patient=patient.alias)


def _is_ahead(course: Course, now: datetime) -> bool:
    return course.state == "active" and course.infusion_at > now


def been() -> Refused:
    """That an infusion cannot be changed any more."""
    return Refused.of("been", "record the next one with `fortnight infusion record`")


def _span(course: Course, to: datetime) -> dict[str, object]:
    return {"from": course.infusion_at.isoformat(), "to": to.isoformat()}


async def _note(
    tx: Transaction, patient: Patient, actor: str, action: str, now: datetime, detail: dict[str, object]
) -> None:
    stream = audit.stream_of(patient.id)
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=patient.alias, now=now, detail=detail)
