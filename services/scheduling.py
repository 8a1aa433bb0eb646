"""Keeps the check-in rows what the rules plan: after an infusion, a new time or zone, a pause, an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from rules.local_time import local_day
from rules.protocol import Protocol
from rules.schedule import CoursePlan, ExistingSlot, Fit, Move, Prompt, fit, passed_over, plan, runs_into, window_end
from services import protocols
from store import checkins, courses
from store.checkins import Checkin, NewCheckin
from store.courses import Course
from store.database import Transaction
from store.patients import Patient

OVERLAP, PAUSE, STOPPED = "overlap", "pause", "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a patient's active courses ask together, and how their rows would change; `ends` are the courses' new ends.

    `rows` are the check-ins of all the patient's courses as they stand.
    """

    standing: Sequence[Course]
    ends: Sequence[datetime]
    rows: Sequence[Checkin]
    changes: Fit


async def foresee(
    tx: Transaction,
    patient: Patient,
    now: datetime,
    *,
    instead: Mapping[str, Protocol] | None = None,
    moved: AbstractSet[str] = frozenset(),
) -> Outlook:
    """How the patient's rows must change; `instead` are other protocols for some of the courses, by their id.

    `moved` are the courses whose infusion has just been given another time.
    """
    every = await courses.of_patient(tx, patient.id)
    known = [course for course in every if course.state != "cancelled"]
    standing = [course for course in known if course.state == "active"]
    rows = [row for row in await checkins.of_patient(tx, patient.id) if row.course_id is not None]
    if not standing:
        return Outlook(standing=(), ends=(), rows=rows, changes=Fit())
    stands_on = dict(instead or {})
    stands_on |= await protocols.of_courses(tx, [course.id for course in standing if course.id not in stands_on])
    spans = [(course.infusion_at, course.ends_at) for course in known]
    plans = [_plan(stands_on[course.id], patient, course, spans) for course in standing]
    fallen = {course.id for course in every if course.state == "cancelled"}
    existing = [existing_slot(row) for row in rows if not _never_was(row, fallen)]
    changes = fit(stands_on[standing[-1].id], existing, plans, zone=patient.timezone, now=now, moved=moved)
    ends = [max([window_end(stands_on[each.course], each.planned), *_pinned(rows, each.course)]) for each in plans]
    return Outlook(standing=standing, ends=ends, rows=rows, changes=changes)


async def reschedule(tx: Transaction, patient: Patient, now: datetime, *, moved: AbstractSet[str] = frozenset()) -> Fit:
    """Make the patient's rows what all their active courses ask together; what was asked stays as it is.

    `moved` are the courses whose infusion has just been given another time.
    """
    outlook = await foresee(tx, patient, now, moved=moved)
    await carry_out(tx, patient, outlook)
    return outlook.changes


async def carry_out(tx: Transaction, patient: Patient, outlook: Outlook) -> None:
    """Write what was foreseen."""
    await _move_ends(tx, outlook.standing, outlook.ends)
    await _apply(tx, patient, outlook.changes, outlook.rows)


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


async def remind_no_more(tx: Transaction, patient_id: str, course_id: str) -> None:
    """Bring nothing of a course up again that was asked and is still open."""
    asked = [row for row in await checkins.of_patient(tx, patient_id) if row.state in ("sent", "partial")]
    await checkins.change_all(tx, [row.id for row in asked if row.course_id == course_id], remind_at=None)


async def release(tx: Transaction, patient_id: str, course_id: str) -> None:
    """Let the times that staff gave to unsent slots of a course count no more: its infusion is at another time."""
    unsent = await checkins.unsent_of(tx, patient_id)
    await checkins.change_all(tx, [row.id for row in unsent if row.course_id == course_id], pinned=False)


def existing_slot(row: Checkin) -> ExistingSlot:
    """A row as the scheduling rules see it: whatever has gone into the outbox is done."""
    return ExistingSlot(
        id=row.id,
        course=row.course_id or "",
        key=row.key,
        asks=row.asks,
        optional=row.optional,
        summary=row.summary,
        day_on=row.local_on,
        due_at=row.due_at,
        remind_at=row.remind_at,
        expires_at=row.expires_at,
        in_mood_stream=row.in_mood_stream,
        done=row.state != "scheduled" or row.queued_at is not None,
        pinned=row.pinned,
    )


def _never_was(row: Checkin, fallen: AbstractSet[str]) -> bool:
    """Whether a row stands for nothing: it gave way, or its course was cancelled (`fallen`) before it was asked."""
    return row.cancelled_because == OVERLAP or (
        row.course_id in fallen and row.cancelled_because == STOPPED and row.sent_at is None
    )


def _plan(
    protocol: Protocol, patient: Patient, course: Course, spans: Sequence[tuple[datetime, datetime]]
) -> CoursePlan:
    planned = plan(
        protocol,
        infusion_at=course.infusion_at,
        infusion_on=course.infusion_on,
        zone=patient.timezone,
        preferred=patient.preferred,
        extra_days=course.extra_days,
        is_later=runs_into(course.infusion_at, spans),
    )
    return CoursePlan(course=course.id, infusion_at=course.infusion_at, infusion_on=course.infusion_on, planned=planned)


def _pinned(rows: Sequence[Checkin], course_id: str) -> list[datetime]:
    """When what staff gave its time in a course is over, as far as it has not been asked."""
    return [row.expires_at for row in rows if row.course_id == course_id and row.pinned and row.state == "scheduled"]


async def _move_ends(tx: Transaction, standing: Sequence[Course], ends: Sequence[datetime]) -> None:
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
            asks=list(move.planned.asks),
            optional=list(move.planned.optional),
            in_mood_stream=move.planned.in_mood_stream,
            summary=move.planned.summary,
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
