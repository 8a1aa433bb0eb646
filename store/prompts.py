"""What time brings to check-ins, over all patients: prompts, reminders, expiries, and when the next of them is due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, union_all, update

from store import patients
from store.checkins import PLANNED, REACHABLE, STANDING, UNREMINDED, Checkin, matching
from store.database import Transaction
from store.patients import Patient
from store.schema import alert, answer, checkin, course, fixed, patient

_conversation = checkin.alias()
MISSED = and_(checkin.c.state == fixed("missed_by_us"), checkin.c.queued_at.is_(None))


def _held() -> ColumnElement[bool]:
    """Patients in a safety conversation: a red alert that nobody has taken, or a safety question still open."""
    untaken = (alert.c.state != fixed("closed")) & (alert.c.state == "open") & (alert.c.tier == "red")
    conversations = union_all(
        select(alert.c.patient_id).where(untaken, alert.c.patient_id.is_not(None)),
        select(_conversation.c.patient_id).where(_conversation.c.silence_at.is_not(None)),
    )
    return patient.c.id.in_(conversations.scalar_subquery())


async def to_ask(tx: Transaction, now: datetime, limit: int) -> list[Patient]:
    """Patients who have a check-in that is due and whom a prompt may reach now; locked for this transaction.

    The patients of the `limit` check-ins that have been due longest.
    """
    return await _locked(tx, and_(PLANNED, checkin.c.due_at <= now, checkin.c.expires_at > now), limit)


async def to_remind(tx: Transaction, now: datetime, limit: int) -> list[Patient]:
    """Patients who have a sent check-in whose reminder is due and whom it may reach now; locked."""
    return await _locked(tx, and_(UNREMINDED, checkin.c.remind_at <= now, checkin.c.expires_at > now), limit)


async def to_catch_up(tx: Transaction, limit: int) -> list[Patient]:
    """Patients of check-ins missed by us for which nothing was done yet; locked. A prompt may reach them or not."""
    ids = select(checkin.c.patient_id).where(MISSED).order_by(checkin.c.due_at).limit(limit)
    return await patients.locked(tx, patient.c.id.in_(ids.scalar_subquery()))


async def _locked(tx: Transaction, condition: ColumnElement[bool], limit: int) -> list[Patient]:
    """The rows of a patient are read only once the patient is locked: two processes never make two prompts of them."""
    ids = (
        select(checkin.c.patient_id)
        .join(patient, patient.c.id == checkin.c.patient_id)
        .where(condition, REACHABLE, ~_held())
        .order_by(checkin.c.due_at, checkin.c.id)
        .limit(limit)
    )
    return await patients.locked(tx, patient.c.id.in_(ids.scalar_subquery()))


async def unasked_of(tx: Transaction, patient_ids: Collection[str], until: datetime) -> dict[str, list[Checkin]]:
    """What was not asked yet and is due until an instant, by patient."""
    return _by_patient(await matching(tx, and_(PLANNED, checkin.c.due_at <= until, _of(patient_ids))))


async def unreminded_of(tx: Transaction, patient_ids: Collection[str], until: datetime) -> dict[str, list[Checkin]]:
    """What was sent and is wholly unanswered, its reminder due until an instant, by patient."""
    return _by_patient(await matching(tx, and_(UNREMINDED, checkin.c.remind_at <= until, _of(patient_ids))))


async def missed_of(tx: Transaction, patient_ids: Collection[str]) -> dict[str, list[Checkin]]:
    """What was missed by us and nothing was done about yet, by patient."""
    return _by_patient(await matching(tx, and_(MISSED, _of(patient_ids))))


async def queued(tx: Transaction, leads: Sequence[tuple[str, str | None, str | None]], now: datetime) -> None:
    """Mark check-ins as gone into the outbox: each with the leading one's id, or with the first question it asks."""
    statement = (
        update(checkin)
        .where(checkin.c.id == bindparam("row"))
        .values(queued_at=now, lead_id=bindparam("lead"), asked=bindparam("asks_first"))
    )
    if leads:
        await tx.execute(statement, [{"row": row, "lead": lead, "asks_first": asked} for row, lead, asked in leads])


async def move(tx: Transaction, moves: Sequence[tuple[str, datetime]], because: str) -> None:
    """Let check-ins be due later (id, instant)."""
    statement = (
        update(checkin)
        .where(checkin.c.id == bindparam("row"))
        .values(due_at=bindparam("until", type_=checkin.c.due_at.type), moved_because=because)
    )
    if moves:
        await tx.execute(statement, [{"row": row, "until": until} for row, until in moves])


async def remind_at(tx: Transaction, reminders: Sequence[tuple[str, datetime]]) -> None:
    """Let reminders be due at other instants (id, instant)."""
    statement = (
        update(checkin)
        .where(checkin.c.id == bindparam("row"))
        .values(remind_at=bindparam("at", type_=checkin.c.remind_at.type))
    )
    if reminders:
        await tx.execute(statement, [{"row": row, "at": at} for row, at in reminders])


async def over(tx: Transaction, now: datetime, limit: int) -> list[Checkin]:
    """Check-ins that are over and not answered; locked for this transaction."""
    return await matching(tx, and_(STANDING, checkin.c.expires_at <= now), limit=limit, lock=True)


async def held(tx: Transaction, patient_ids: Collection[str]) -> set[str]:
    """Those of the patients who are in a safety conversation."""
    return {row.id for row in await tx.rows(select(patient.c.id).where(patient.c.id.in_(patient_ids), _held()))}


async def silent(tx: Transaction, now: datetime, limit: int) -> list[str]:
    """Safety conversations in which silence is due to set the tier, by id."""
    query = select(checkin.c.id).where(checkin.c.silence_at.is_not(None), checkin.c.silence_at <= now)
    return [row.id for row in await tx.rows(query.order_by(checkin.c.silence_at).limit(limit))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A check-in of a course that was sent, and whether anything of it was answered."""

    checkin: Checkin
    answered: bool


async def asked_of(tx: Transaction, patient_ids: Collection[str], since: datetime) -> dict[str, list[Asked]]:
    """What was sent in courses since an instant, by patient, oldest first."""
    condition = and_(
        _of(patient_ids), checkin.c.due_at >= since, checkin.c.sent_at.is_not(None), checkin.c.course_id.is_not(None)
    )
    rows = await matching(tx, condition)
    query = select(answer.c.checkin_id).where(answer.c.checkin_id.in_([row.id for row in rows])).distinct()
    answered = {row.checkin_id for row in await tx.rows(query)}
    found: dict[str, list[Asked]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(Asked(checkin=row, answered=row.id in answered))
    return found


async def unlinked(tx: Transaction, now: datetime) -> list[Patient]:
    """Patients for whom a prompt is due, and who have not opened their link or not consented."""
    waiting = select(checkin.c.patient_id).where(PLANNED, checkin.c.due_at <= now)
    return await patients.matching(
        tx, and_(patient.c.id.in_(waiting.scalar_subquery()), patient.c.state.in_(("enrolled", "linked")))
    )


async def forgotten(tx: Transaction, now: datetime) -> list[str]:
    """The aliases of patients who take part in a course that goes on, and for whom nothing is planned or asked."""
    running = select(course.c.patient_id).where(course.c.state == fixed("active"), course.c.ends_at > now)
    ahead = exists().where(
        checkin.c.patient_id == patient.c.id,
        checkin.c.expires_at > now,
        checkin.c.course_id.is_not(None),
        or_(checkin.c.state != "cancelled", checkin.c.cancelled_because != "overlap"),
    )
    lost = and_(patient.c.state == "consented", patient.c.id.in_(running.scalar_subquery()), ~ahead)
    return [each.alias for each in await patients.matching(tx, lost)]


async def next_at(tx: Transaction, after: datetime) -> datetime | None:
    """When anything next falls due for check-ins, strictly after an instant."""
    table = checkin.c
    events = (
        (table.due_at, PLANNED),
        (table.remind_at, UNREMINDED),
        (table.expires_at, STANDING),
        (table.silence_at, table.silence_at.is_not(None)),
    )
    firsts = [
        select(func.min(column)).where(condition, column > after).scalar_subquery() for column, condition in events
    ]
    row = await tx.row(select(*firsts))
    return min((at for at in row or () if at is not None), default=None)


def _of(patient_ids: Collection[str]) -> ColumnElement[bool]:
    return checkin.c.patient_id.in_(patient_ids)


def _by_patient(rows: Sequence[Checkin]) -> dict[str, list[Checkin]]:
    found: dict[str, list[Checkin]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return found
