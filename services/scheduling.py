"""Keeps the check-in rows what the rules plan: after an infusion, a new time or zone, a pause, an end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rules.local_time import local_day
from rules.protocol import Protocol
from rules.schedule import CoursePlan, ExistingSlot, Fit, Move, Prompt, fit, passed_over, plan, window_end
from services import protocols
from store import checkins, courses
from store.checkins import Checkin, NewCheckin
from store.database import Transaction
from store.patients import Patient

OVERLAP, PAUSE, STOPPED = "overlap", "pause", "stopped"


async def reschedule(tx: Transaction, patient: Patient, now: datetime) -> Fit:
    """Make the patient's rows what all their active courses ask together; what was asked stays as it is."""
    standing = await courses.active_of(tx, patient.id)
    if not standing:
        return Fit()
    stands_on = await protocols.of_courses(tx, [course.id for course in standing])
    plans = [_plan(stands_on[course.id], patient, course) for course in standing]
    await _move_ends(tx, standing, [window_end(stands_on[each.course], each.planned) for each in plans])
    rows = [row for row in await checkins.of_patient(tx, patient.id) if row.course_id is not None]
    existing = [existing_slot(row) for row in rows if row.cancelled_because != OVERLAP]
    newest = stands_on[standing[-1].id]
    changes = fit(newest, existing, plans, zone=patient.timezone, now=now)
    await _apply(tx, patient, changes, rows)
    return changes


async def skip_what_a_pause_swallowed(tx: Transaction, patient: Patient, now: datetime) -> None:
    """Lay aside what fell due during a pause that ends now: none of it is asked afterwards."""
    rows = [row for row in await checkins.of_patient(tx, patient.id) if row.course_id is not None]
    over = passed_over([existing_slot(row) for row in rows], now=now)
    await checkins.change_all(tx, over, state="cancelled", cancelled_because=PAUSE)


async def cancel_unsent(tx: Transaction, patient_id: str, because: str, course_id: str | None = None) -> None:
    """Take back everything that has not gone out, of one course or of all."""
    unsent = await checkins.unsent_of(tx, patient_id)
    gone = [row.id for row in unsent if course_id in (None, row.course_id)]
    await checkins.change_all(tx, gone, state="cancelled", cancelled_because=because)


def existing_slot(row: Checkin) -> ExistingSlot:
    """A row as the scheduling rules see it: whatever has gone into the outbox is done."""
    return ExistingSlot(
        id=row.id,
        course=row.course_id or "",
        key=row.key,
        asks=row.asks,
        day_on=row.local_on,
        due_at=row.due_at,
        expires_at=row.expires_at,
        in_mood_stream=row.in_mood_stream,
        done=row.state != "scheduled" or row.queued_at is not None,
        pinned=row.pinned,
    )


def _plan(protocol: Protocol, patient: Patient, course: courses.Course) -> CoursePlan:
    planned = plan(
        protocol,
        infusion_at=course.infusion_at,
        infusion_on=course.infusion_on,
        zone=patient.timezone,
        preferred=patient.preferred,
    )
    return CoursePlan(course=course.id, infusion_at=course.infusion_at, infusion_on=course.infusion_on, planned=planned)


async def _move_ends(tx: Transaction, standing: Sequence[courses.Course], ends: Sequence[datetime]) -> None:
    """A course ends when its last slot does, wherever a new zone or a new time has moved that."""
    for course, end in zip(standing, ends, strict=True):
        if end != course.ends_at:
            await courses.set_end(tx, course.id, end)


def ends_at(protocol: Protocol, patient: Patient, infusion_at: datetime) -> datetime:
    """When the course of an infusion is over: its last slot has expired."""
    planned = plan(protocol, infusion_at=infusion_at, zone=patient.timezone, preferred=patient.preferred)
    return window_end(protocol, planned)


async def _apply(tx: Transaction, patient: Patient, changes: Fit, rows: Sequence[Checkin]) -> None:
    cancelled = {(row.course_id, row.key): row.id for row in rows if row.cancelled_because == OVERLAP}
    back = [prompt for prompt in changes.add if (prompt.course, prompt.planned.key) in cancelled]
    new = [prompt for prompt in changes.add if (prompt.course, prompt.planned.key) not in cancelled]
    await checkins.add(tx, [_new(patient, prompt) for prompt in new])
    await checkins.change_all(tx, changes.cancel, state="cancelled", cancelled_because=OVERLAP)
    revived = [Move(id=cancelled[prompt.course, prompt.planned.key], planned=prompt.planned) for prompt in back]
    for move in (*changes.move, *revived):
        await checkins.change(
            tx,
            move.id,
            state="scheduled",
            cancelled_because=None,
            day=move.planned.day,
            local_at=move.planned.local.strftime("%Y-%m-%dT%H:%M"),
            due_at=move.planned.due_at,
            remind_at=move.planned.remind_at,
            expires_at=move.planned.expires_at,
            moved_because=move.planned.moved_because,
        )


def _new(patient: Patient, prompt: Prompt) -> NewCheckin:
    planned = prompt.planned
    return NewCheckin(
        patient_id=patient.id,
        course_id=prompt.course,
        slot=planned.slot,
        key=planned.key,
        day=planned.day,
        asks=planned.asks,
        optional=planned.optional,
        in_mood_stream=planned.in_mood_stream,
        summary=planned.summary,
        local_at=planned.local,
        due_at=planned.due_at,
        remind_at=planned.remind_at,
        expires_at=planned.expires_at,
        moved_because=planned.moved_because,
    )


def local_day_of(patient: Patient, at: datetime) -> str:
    """The patient's local date at an instant, in ISO 8601."""
    return local_day(at, patient.timezone).isoformat()
