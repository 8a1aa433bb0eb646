"""What time brings to check-ins, over all patients: prompts, reminders, expiries, and when the next of them is due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, union_all, update

from store import patients
from store.checkins import PLANNED, REACHABLE, STANDING, UNREMINDED, Checkin, read, those
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


def _locking(condition: ColumnElement[bool]) -> Select[Any]:
    """Asks for the patients of the `most` check-ins that have been due longest and whom a prompt may reach; locks them.

    The rows of a patient are read only once the patient is locked: two processes never make two prompts of them.
    """
    ids = (
        select(checkin.c.patient_id)
        .join(patient, patient.c.id == checkin.c.patient_id)
        .where(condition, REACHABLE, ~_held())
        .order_by(checkin.c.due_at, checkin.c.id)
        .limit(bindparam("most"))
    )
    return patients.locking(patient.c.id.in_(ids.scalar_subquery()))


def _firsts(after: ColumnElement[datetime]) -> Select[Any]:
    """Asks when each sort of thing next falls due for check-ins, after an instant."""
    table = checkin.c
    events = (
        (table.due_at, PLANNED),
        (table.remind_at, UNREMINDED),
        (table.expires_at, STANDING),
        (table.silence_at, table.silence_at.is_not(None)),
    )
    return select(*(select(func.min(at)).where(which, at > after).scalar_subquery() for at, which in events))


_NOW = bindparam("now", type_=checkin.c.due_at.type)
_TO_ASK = _locking(and_(PLANNED, checkin.c.due_at <= _NOW, checkin.c.expires_at > _NOW))
_TO_REMIND = _locking(and_(UNREMINDED, checkin.c.remind_at <= _NOW, checkin.c.expires_at > _NOW))
_MISSED_LONGEST = select(checkin.c.patient_id).where(MISSED).order_by(checkin.c.due_at).limit(bindparam("most"))
_TO_CATCH_UP = patients.locking(patient.c.id.in_(_MISSED_LONGEST.scalar_subquery()))
_OF_THEM = checkin.c.patient_id.in_(bindparam("patient_ids", expanding=True))
_UNASKED = those(and_(PLANNED, checkin.c.due_at <= bindparam("until"), _OF_THEM))
_UNREMINDED = those(and_(UNREMINDED, checkin.c.remind_at <= bindparam("until"), _OF_THEM))
_MISSED = those(and_(MISSED, _OF_THEM))
_OVER = those(and_(STANDING, checkin.c.expires_at <= _NOW)).limit(bindparam("most")).with_for_update(skip_locked=True)
_SILENT = (
    select(checkin.c.id)
    .where(checkin.c.silence_at.is_not(None), checkin.c.silence_at <= _NOW)
    .order_by(checkin.c.silence_at)
    .limit(bindparam("most"))
)
_HELD = select(patient.c.id).where(patient.c.id.in_(bindparam("patient_ids", expanding=True)), _held())
_WAITING = select(checkin.c.patient_id).where(PLANNED, checkin.c.due_at <= _NOW)
_UNLINKED = (
    select(patient)
    .where(patient.c.id.in_(_WAITING.scalar_subquery()), patient.c.state.in_(("enrolled", "linked")))
    .order_by(patient.c.number)
)
_FIRSTS = _firsts(bindparam("after", type_=checkin.c.due_at.type))
_QUEUED = (
    update(checkin)
    .where(checkin.c.id == bindparam("row"))
    .values(queued_at=_NOW, lead_id=bindparam("lead"), asked=bindparam("asks_first"))
)


async def to_ask(tx: Transaction, now: datetime, limit: int) -> list[Patient]:
    """Patients who have a check-in that is due and whom a prompt may reach now; locked for this transaction.

    The patients of the `limit` check-ins that have been due longest.
    """
    return await patients.found(tx, _TO_ASK, now=now, most=limit)


async def to_remind(tx: Transaction, now: datetime, limit: int) -> list[Patient]:
    """Patients who have a sent check-in whose reminder is due and whom it may reach now; locked."""
    return await patients.found(tx, _TO_REMIND, now=now, most=limit)


async def to_catch_up(tx: Transaction, limit: int) -> list[Patient]:
    """Patients of check-ins missed by us for which nothing was done yet; locked. A prompt may reach them or not."""
    return await patients.found(tx, _TO_CATCH_UP, most=limit)


async def unasked_of(tx: Transaction, patient_ids: Collection[str], until: datetime) -> dict[str, list[Checkin]]:
    """What was not asked yet and is due until an instant, by patient."""
    return _by_patient(await read(tx, _UNASKED, until=until, patient_ids=list(patient_ids)))


async def unreminded_of(tx: Transaction, patient_ids: Collection[str], until: datetime) -> dict[str, list[Checkin]]:
    """What was sent and is wholly unanswered, its reminder due until an instant, by patient."""
    return _by_patient(await read(tx, _UNREMINDED, until=until, patient_ids=list(patient_ids)))


async def missed_of(tx: Transaction, patient_ids: Collection[str]) -> dict[str, list[Checkin]]:
    """What was missed by us and nothing was done about yet, by patient."""
    return _by_patient(await read(tx, _MISSED, patient_ids=list(patient_ids)))


async def queued(tx: Transaction, leads: Sequence[tuple[str, str | None, str | None]], now: datetime) -> None:
    """Mark check-ins as gone into the outbox: each with the leading one's id, or with the first question it asks."""
    rows = [{"row": row, "lead": lead, "asks_first": asked, "now": now} for row, lead, asked in leads]
    if rows:
        await tx.execute(_QUEUED, rows)


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
    return await read(tx, _OVER, now=now, most=limit)


async def held(tx: Transaction, patient_ids: Collection[str]) -> set[str]:
    """Those of the patients who are in a safety conversation."""
    return {row.id for row in await tx.rows(_HELD, {"patient_ids": list(patient_ids)})}


async def silent(tx: Transaction, now: datetime, limit: int) -> list[str]:
    """Safety conversations in which silence is due to set the tier, by id."""
    return [row.id for row in await tx.rows(_SILENT, {"now": now, "most": limit})]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A check-in of a course that was sent, and whether anything of it was answered."""

    checkin: Checkin
    answered: bool


async def asked_of(tx: Transaction, patient_ids: Collection[str], since: datetime) -> dict[str, list[Asked]]:
    """What was sent in courses since an instant, by patient, oldest first."""
    sent = and_(checkin.c.due_at >= since, checkin.c.sent_at.is_not(None), checkin.c.course_id.is_not(None))
    rows = await read(tx, those(and_(_OF_THEM, sent)), patient_ids=list(patient_ids))
    query = select(answer.c.checkin_id).where(answer.c.checkin_id.in_([row.id for row in rows])).distinct()
    answered = {row.checkin_id for row in await tx.rows(query)}
    found: dict[str, list[Asked]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(Asked(checkin=row, answered=row.id in answered))
    return found


async def unlinked(tx: Transaction, now: datetime) -> list[Patient]:
    """Patients for whom a prompt is due, and who have not opened their link or not consented."""
    return await patients.found(tx, _UNLINKED, now=now)


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
    row = await tx.row(_FIRSTS, {"after": after})
    return min((at for at in row or () if at is not None), default=None)


def _by_patient(rows: Sequence[Checkin]) -> dict[str, list[Checkin]]:
    found: dict[str, list[Checkin]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return found
