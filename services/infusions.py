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
TAKE_BACK = 'if it was recorded by mistake: `fortnight infusion cancel` with --reason "why", then record it anew'


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
    though_over: bool = False,
) -> Recorded:
    """Record an infusion that ended, or will end, at `ended_at`; one whose course is over only if `though_over`.

    So long ago is most likely a mistyped month. Raises Refused.
    """
    _refuse_nonsense(patient, ended_at, dose_mg_per_kg, now)
    version = await protocols.pin(tx, clinic.protocols, protocol_id, now)
    ends_at = scheduling.ends_at(protocols.read_body(version.body), patient, ended_at)
    if not though_over:
        _refuse_over(patient, ended_at, ends_at, now)
    if uncovered is None:
        await readiness.refuse_uncovered(clinic, tx, ended_at, now)
    await _refuse_twice(tx, patient, ended_at)
    course = await courses.add(
        tx,
        patient_id=patient.id,
        infusion_at=ended_at,
        infusion_on=local_day(ended_at, patient.timezone),
        dose_mg_per_kg=dose_mg_per_kg,
        protocol_version_id=version.id,
        ends_at=ends_at,
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

    `uncovered` is why its course may start without a tested clinician then; the reason for the old time counts no more,
    and stays in the audit. Raises Refused.
    """
    if not _is_ahead(course, now):
        raise been(course)
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
    await courses.allow_uncovered(tx, course.id, uncovered)
    await scheduling.release(tx, patient.id, course.id)
    await scheduling.reschedule(tx, patient, now, moved={course.id})
    detail = {"infusion": course.infusion_id, **_span(course, to), "uncovered": uncovered is not None}
    if course.uncovered_reason not in (None, uncovered):
        detail["reason_before"] = course.uncovered_reason
    await _note(tx, patient, actor, "infusion-postponed", now, detail)


async def cancel(
    tx: Transaction, patient: Patient, course: Course, *, actor: str, now: datetime, reason: str | None = None
) -> None:
    """Cancel an infusion; its unsent slots go, older courses get theirs back. Raises Refused.

    One that has been is taken back only with a `reason`: it was recorded by mistake. What was asked stays as it is, and
    what is or will be answered of it is judged; open alerts stay open.
    """
    ahead = _is_ahead(course, now)
    if course.state == "cancelled" or not (ahead or reason):
        raise been(course)
    await courses.cancel_infusion(tx, course.infusion_id, now)
    await courses.set_state(tx, course.id, "cancelled")
    await scheduling.cancel_unsent(tx, patient.id, scheduling.STOPPED, course.id)
    await scheduling.remind_no_more(tx, patient.id, course.id)
    await scheduling.reschedule(tx, patient, now)
    detail: dict[str, object] = {"infusion": course.infusion_id}
    if reason:
        detail["reason"] = reason
    await _note(tx, patient, actor, "infusion-cancelled" if ahead else "infusion-withdrawn", now, detail)


def _refuse_nonsense(patient: Patient, ended_at: datetime, dose: float, now: datetime) -> None:
    if patient.state in ("ended", "erased"):
        raise Refused.of("ended", "`fortnight patient relink` them first", patient=patient.alias)
    if not now - EARLIEST <= ended_at <= now + LATEST:
        raise Refused.of("far", "check its date and its offset", at=in_words(ended_at, patient.timezone))
    if not math.isfinite(dose) or not 0 < dose <= 5:
        raise Refused.of("dose", "give milligrams per kilogram, usually 0.5 to 1", dose=f"{dose:g}")


def _refuse_over(patient: Patient, ended_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= now:
        mend = "look at the month; if it is meant, add --date-is-right"
        raise Refused.of("over", mend, at=in_words(ended_at, patient.timezone))


async def _refuse_twice(tx: Transaction, patient: Patient, at: datetime) -> None:
    await tx.lock(f"patient:{patient.id}")
    if any(course.infusion_at == at for course in await courses.active_of(tx, patient.id)):
        raise Refused.of("same-instant", "see `fortnight patient show`", patient=patient.alias)


def _is_ahead(course: Course, now: datetime) -> bool:
    return course.state == "active" and course.infusion_at > now


def been(course: Course | None = None) -> Refused:
    """That an infusion cannot be changed any more; of one that has been, with how it is taken back."""
    next_one = "record the next one with `fortnight infusion record`"
    return Refused.of("been", next_one if course is None or course.state == "cancelled" else TAKE_BACK)


def _span(course: Course, to: datetime) -> dict[str, object]:
    return {"from": course.infusion_at.isoformat(), "to": to.isoformat()}


async def _note(
    tx: Transaction, patient: Patient, actor: str, action: str, now: datetime, detail: dict[str, object]
) -> None:
    stream = audit.stream_of(patient.id)
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=patient.alias, now=now, detail=detail)
