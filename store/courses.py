"""Infusions, and the course of 14 days after each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, select, update

from store.database import Transaction
from store.ids import CourseId, new_id
from store.schema import course, fixed, infusion, protocol_version

ACTIVE = course.c.state == fixed("active")


def _those(condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(course, infusion.c.ended_at.label("infusion_at"), infusion.c.dose_mg_per_kg)
        .join(infusion, infusion.c.id == course.c.infusion_id)
        .where(condition)
        .order_by(infusion.c.ended_at, course.c.id)
    )


_OF_PATIENT = _those(course.c.patient_id == bindparam("patient_id"))
_ACTIVE_OF = _OF_PATIENT.where(ACTIVE)
_ACTIVE = _those(ACTIVE)
_ENDED = _ACTIVE.where(course.c.ends_at <= bindparam("now"))
_NEXT_END = select(func.min(course.c.ends_at)).where(ACTIVE, course.c.ends_at > bindparam("after"))
_ADD_INFUSION, _ADD = insert(infusion), insert(course)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course with the infusion that it follows; `infusion_on` is the patient's local day of it as recorded, day 0.

    `extra_days`: how many days longer than its protocol says staff let the daily mood go on. `uncovered_reason`: why it
    may start without a tested clinician, if somebody decided that.
    """

    id: CourseId
    patient_id: str
    infusion_id: str
    infusion_at: datetime
    infusion_on: date
    dose_mg_per_kg: float
    protocol_version_id: str
    starts_at: datetime
    ends_at: datetime
    state: str
    extra_days: int = 0
    uncovered_reason: str | None = None


async def add(
    tx: Transaction,
    *,
    patient_id: str,
    infusion_at: datetime,
    infusion_on: date,
    dose_mg_per_kg: float,
    protocol_version_id: str,
    ends_at: datetime,
    uncovered_reason: str | None,
    now: datetime,
) -> Course:
    """Record an infusion and its course."""
    added = Course(
        id=CourseId(new_id()),
        patient_id=patient_id,
        infusion_id=new_id(),
        infusion_at=infusion_at,
        infusion_on=infusion_on,
        dose_mg_per_kg=dose_mg_per_kg,
        protocol_version_id=protocol_version_id,
        starts_at=infusion_at,
        ends_at=ends_at,
        state="active",
        uncovered_reason=uncovered_reason,
    )
    await _write(tx, added, now)
    return added


async def _write(tx: Transaction, added: Course, now: datetime) -> None:
    of_infusion = {
        "id": added.infusion_id,
        "patient_id": added.patient_id,
        "ended_at": added.infusion_at,
        "dose_mg_per_kg": added.dose_mg_per_kg,
        "created_at": now,
    }
    of_course = {
        "id": added.id,
        "patient_id": added.patient_id,
        "infusion_id": added.infusion_id,
        "protocol_version_id": added.protocol_version_id,
        "infusion_on": added.infusion_on.isoformat(),
        "starts_at": added.starts_at,
        "ends_at": added.ends_at,
        "state": added.state,
        "uncovered_reason": added.uncovered_reason,
        "created_at": now,
    }
    await tx.execute(_ADD_INFUSION, of_infusion)
    await tx.execute(_ADD, of_course)


async def of_patient(tx: Transaction, patient_id: str) -> list[Course]:
    """A patient's courses by the time of their infusion."""
    return await _courses(tx, _OF_PATIENT, patient_id=patient_id)


async def active_of(tx: Transaction, patient_id: str) -> list[Course]:
    """A patient's active courses by the time of their infusion."""
    return await _courses(tx, _ACTIVE_OF, patient_id=patient_id)


async def by_infusion(tx: Transaction, infusion_id: str) -> Course | None:
    """The course of an infusion, by the infusion's or the course's id."""
    found = await _courses(tx, _those((course.c.infusion_id == infusion_id) | (course.c.id == infusion_id)))
    return found[0] if found else None


async def by_piece(tx: Transaction, piece: str) -> list[Course]:
    """The courses of the infusions whose id begins or ends with some characters, by the time of their infusion."""
    which = course.c.infusion_id
    return await _courses(tx, _those(which.startswith(piece, autoescape=True) | which.endswith(piece, autoescape=True)))


async def ended(tx: Transaction, now: datetime) -> list[Course]:
    """Active courses whose window has ended."""
    return await _courses(tx, _ENDED, now=now)


async def active(tx: Transaction) -> list[Course]:
    """Every active course."""
    return await _courses(tx, _ACTIVE)


async def active_on(tx: Transaction, protocol: str) -> list[Course]:
    """Every active course that stands on some version of a protocol."""
    versions = select(protocol_version.c.id).where(protocol_version.c.protocol == protocol)
    return await _courses(tx, _ACTIVE.where(course.c.protocol_version_id.in_(versions.scalar_subquery())))


async def last_ends(tx: Transaction) -> dict[str, datetime]:
    """When the last course of each patient ended, of those in none now."""
    ends = func.max(course.c.ends_at, type_=course.c.ends_at.type).label("at")
    query = select(course.c.patient_id, ends).group_by(course.c.patient_id)
    standing = {each.patient_id for each in await active(tx)}
    return {row.patient_id: row.at for row in await tx.rows(query) if row.patient_id not in standing}


async def next_end_at(tx: Transaction, after: datetime) -> datetime | None:
    """When the next active course ends, after an instant."""
    row = await tx.row(_NEXT_END, {"after": after})
    return row[0] if row else None


async def set_state(tx: Transaction, course_id: str, state: str) -> None:
    """End or cancel a course."""
    await tx.execute(update(course).where(course.c.id == course_id).values(state=state))


async def move(tx: Transaction, moved: Course, *, infusion_at: datetime, infusion_on: date, ends_at: datetime) -> None:
    """Move an infusion and its course in time."""
    await tx.execute(update(infusion).where(infusion.c.id == moved.infusion_id).values(ended_at=infusion_at))
    values = {"infusion_on": infusion_on.isoformat(), "starts_at": infusion_at, "ends_at": ends_at}
    await tx.execute(update(course).where(course.c.id == moved.id).values(values))


async def allow_uncovered(tx: Transaction, course_id: str, reason: str | None) -> None:
    """Keep why a course may start without a tested clinician on its first day; none if nobody has decided that."""
    await tx.execute(update(course).where(course.c.id == course_id).values(uncovered_reason=reason))


async def set_end(tx: Transaction, course_id: str, ends_at: datetime) -> None:
    """Let a course end when its last slot does, after that was moved."""
    await tx.execute(update(course).where(course.c.id == course_id).values(ends_at=ends_at))


async def extend(tx: Transaction, extended: Course, extra_days: int) -> None:
    """Let a course go on for so many days more than its protocol says."""
    await tx.execute(update(course).where(course.c.id == extended.id).values(extra_days=extra_days))


async def stand_on(tx: Transaction, course_id: str, version_id: str) -> None:
    """Put a course on another version of its protocol."""
    await tx.execute(update(course).where(course.c.id == course_id).values(protocol_version_id=version_id))


async def cancel_infusion(tx: Transaction, infusion_id: str, now: datetime) -> None:
    """Mark an infusion as one that does not take place."""
    await tx.execute(update(infusion).where(infusion.c.id == infusion_id).values(cancelled_at=now))


async def _courses(tx: Transaction, query: Select[Any], **values: Any) -> list[Course]:
    return [
        Course(
            id=row.id,
            patient_id=row.patient_id,
            infusion_id=row.infusion_id,
            infusion_at=row.infusion_at,
            infusion_on=date.fromisoformat(row.infusion_on),
            dose_mg_per_kg=row.dose_mg_per_kg,
            protocol_version_id=row.protocol_version_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            state=row.state,
            extra_days=row.extra_days,
            uncovered_reason=row.uncovered_reason,
        )
        for row in await tx.rows(query, values)
    ]
