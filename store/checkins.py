"""Check-ins: one row a slot, whose state is also the state of the conversation about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, insert, or_, select, update

from store.database import Transaction
from store.ids import CheckinId, new_id
from store.schema import checkin, fixed, patient

PLANNED = and_(checkin.c.state == fixed("scheduled"), checkin.c.queued_at.is_(None))
STANDING = checkin.c.state.in_([fixed("scheduled"), fixed("sent"), fixed("partial")])
UNREMINDED = and_(checkin.c.state == fixed("sent"), checkin.c.reminded_at.is_(None))
REACHABLE = and_(patient.c.state == "consented", patient.c.chat_id.is_not(None), patient.c.blocked_at.is_(None))


def those(condition: ColumnElement[bool]) -> Select[Any]:
    """Asks for the check-ins that a condition holds for, by the time they are due."""
    return select(checkin).where(condition).order_by(checkin.c.due_at, checkin.c.id)


_ADD = insert(checkin)
_OF_ID = those(checkin.c.id == bindparam("id"))
_OF_IDS = those(checkin.c.id.in_(bindparam("ids", expanding=True)))
_OF_PATIENT = those(checkin.c.patient_id == bindparam("patient_id"))
_UNSENT = _OF_PATIENT.where(checkin.c.state == "scheduled")
_OUTSIDE = _OF_PATIENT.where(checkin.c.slot == bindparam("slot"), checkin.c.course_id.is_(None))
_CONVERSATION = _OF_PATIENT.where(checkin.c.silence_at.is_not(None))
_LEAD = select(func.coalesce(checkin.c.lead_id, checkin.c.id)).where(checkin.c.id == bindparam("id")).scalar_subquery()
_OF_PROMPT = those(or_(checkin.c.id == _LEAD, checkin.c.lead_id == _LEAD))
_ASKED_LAST = (
    select(checkin)
    .where(checkin.c.patient_id == bindparam("patient_id"), checkin.c.state != "cancelled")
    .where(checkin.c.asked.is_not(None), checkin.c.asked_at.is_not(None))
    .order_by(checkin.c.asked_at.desc(), checkin.c.id.desc())
    .limit(1)
)
_STILL_WANTED = (
    select(checkin.c.id)
    .join(patient, patient.c.id == checkin.c.patient_id)
    .where(checkin.c.id.in_(bindparam("ids", expanding=True)))
    .where(checkin.c.state.in_(("scheduled", "sent", "missed_by_us")))
    .where(patient.c.state == "consented", patient.c.blocked_at.is_(None))
)
_CHANGE = update(checkin).where(checkin.c.id == bindparam("which"))
_NOW = bindparam("now", type_=checkin.c.sent_at.type)
_SENT = {
    "sent_at": func.coalesce(checkin.c.sent_at, _NOW),
    "message_id": bindparam("message"),
    "state": case((checkin.c.state == fixed("scheduled"), "sent"), else_=checkin.c.state),
    "asked_at": case((checkin.c.asked.is_not(None), func.coalesce(checkin.c.asked_at, _NOW))),
}
_SENDING = [
    update(checkin).where(which == bindparam("lead")).values(_SENT) for which in (checkin.c.id, checkin.c.lead_id)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkin:
    """A check-in. `asks` are instruments in order, `optional` those that may follow.

    `asked` is "instrument/item" of the question asked last.
    """

    id: CheckinId
    patient_id: str
    course_id: str | None
    slot: str
    key: str
    day: int
    in_mood_stream: bool
    summary: bool
    pinned: bool
    cancelled_because: str | None
    asks: tuple[str, ...]
    optional: tuple[str, ...]
    local_at: datetime
    due_at: datetime
    remind_at: datetime | None
    expires_at: datetime
    moved_because: str | None
    state: str
    lead_id: str | None
    queued_at: datetime | None
    sent_at: datetime | None
    reminded_at: datetime | None
    answered_at: datetime | None
    late: bool
    message_id: int | None
    asked: str | None
    asked_at: datetime | None
    cause: str | None
    silence_at: datetime | None

    @property
    def local_on(self) -> date:
        """The patient's local day of it."""
        return self.local_at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCheckin:
    """A check-in to write."""

    patient_id: str
    course_id: str | None
    slot: str
    key: str
    day: int
    asks: tuple[str, ...]
    local_at: datetime
    due_at: datetime
    remind_at: datetime | None
    expires_at: datetime
    optional: tuple[str, ...] = ()
    in_mood_stream: bool = False
    summary: bool = False
    moved_because: str | None = None
    state: str = "scheduled"
    cause: str | None = None
    silence_at: datetime | None = None
    queued_at: datetime | None = None


async def add(tx: Transaction, new: Iterable[NewCheckin]) -> list[CheckinId]:
    """Write check-ins; returns their ids in order."""
    rows = [_values(item) for item in new]
    if rows:
        await tx.execute(_ADD, rows)
    return [CheckinId(row["id"]) for row in rows]


async def get(tx: Transaction, checkin_id: str) -> Checkin | None:
    """The check-in of an id."""
    found = await read(tx, _OF_ID, id=checkin_id)
    return found[0] if found else None


async def of(tx: Transaction, checkin_ids: Collection[str]) -> dict[str, Checkin]:
    """The check-ins of several ids."""
    return {row.id: row for row in await read(tx, _OF_IDS, ids=list(checkin_ids))}


async def of_patient(tx: Transaction, patient_id: str) -> list[Checkin]:
    """Every check-in of a patient by the time it is due."""
    return await read(tx, _OF_PATIENT, patient_id=patient_id)


async def unsent_of(tx: Transaction, patient_id: str) -> list[Checkin]:
    """A patient's check-ins that have not gone out and still may."""
    return await read(tx, _UNSENT, patient_id=patient_id)


async def of_prompt(tx: Transaction, checkin_id: str) -> list[Checkin]:
    """The check-ins that the prompt of this one asks: the leading one first."""
    found = await read(tx, _OF_PROMPT, id=checkin_id)
    return sorted(found, key=lambda item: item.lead_id is not None)


async def asked_last(tx: Transaction, patient_id: str) -> Checkin | None:
    """The check-in whose question was asked last and still waits for an answer, for what a patient types."""
    row = await tx.row(_ASKED_LAST, {"patient_id": patient_id})
    return None if row is None else _checkin(row)


async def last_outside(tx: Transaction, patient_id: str, slot: str) -> Checkin | None:
    """A patient's latest check-in of a slot that belongs to no course, whatever became of it."""
    found = await read(tx, _OUTSIDE, patient_id=patient_id, slot=slot)
    return found[-1] if found else None


async def safety_conversation(tx: Transaction, patient_id: str) -> Checkin | None:
    """The safety conversation in which a question to this patient still waits for its answer."""
    found = await read(tx, _CONVERSATION, patient_id=patient_id)
    return found[-1] if found else None


async def sent(tx: Transaction, messages: Sequence[tuple[str, int]], now: datetime) -> None:
    """Mark the check-ins of sent prompts (id of the leading one, message id) as sent."""
    if not messages:
        return
    values = [{"lead": lead_id, "message": message_id, "now": now} for lead_id, message_id in messages]
    for statement in _SENDING:
        await tx.execute(statement, values)


async def still_wanted(tx: Transaction, checkin_ids: Sequence[str]) -> set[str]:
    """Those of the given check-ins that a prompt or a reminder may still ask, of patients whom it may reach."""
    if not checkin_ids:
        return set()
    return {row.id for row in await tx.rows(_STILL_WANTED, {"ids": list(checkin_ids)})}


async def change(tx: Transaction, checkin_id: str, **values: Any) -> None:
    """Set columns of a check-in."""
    await tx.execute(_CHANGE, {"which": checkin_id, **values})


async def change_unasked(tx: Transaction, checkin_id: str, **values: Any) -> bool:
    """Set columns of a check-in unless its prompt has gone into the outbox meanwhile; whether they were set."""
    unasked = and_(checkin.c.id == checkin_id, PLANNED)
    return (await tx.execute(update(checkin).where(unasked).values(**values))).rowcount == 1


async def change_all(tx: Transaction, checkin_ids: Sequence[str], **values: Any) -> None:
    """Set the same columns of several check-ins."""
    if checkin_ids:
        await tx.execute(update(checkin).where(checkin.c.id.in_(checkin_ids)).values(**values))


async def let_pass(tx: Transaction, now: datetime) -> None:
    """Of all courses, take what has fallen due and was not answered as missed by us, and ask it no more."""
    open_states = ("scheduled", "sent", "partial", "missed_by_us")
    due = and_(checkin.c.course_id.is_not(None), checkin.c.due_at <= now, checkin.c.state.in_(open_states))
    await tx.execute(update(checkin).where(due).values(state="missed_by_us", queued_at=now))


async def read(tx: Transaction, query: Select[Any], **values: Any) -> list[Checkin]:
    """The check-ins that a query asks for."""
    return [_checkin(row) for row in await tx.rows(query, values)]


def _values(new: NewCheckin) -> dict[str, Any]:
    return {
        "id": new_id(),
        "patient_id": new.patient_id,
        "course_id": new.course_id,
        "slot": new.slot,
        "key": new.key,
        "day": new.day,
        "in_mood_stream": new.in_mood_stream,
        "summary": new.summary,
        "pinned": False,
        "asks": list(new.asks),
        "optional": list(new.optional),
        "local_at": new.local_at.strftime("%Y-%m-%dT%H:%M"),
        "due_at": new.due_at,
        "remind_at": new.remind_at,
        "expires_at": new.expires_at,
        "moved_because": new.moved_because,
        "state": new.state,
        "cause": new.cause,
        "silence_at": new.silence_at,
        "queued_at": new.queued_at,
    }


def _checkin(row: Any) -> Checkin:
    return Checkin(
        id=row.id,
        patient_id=row.patient_id,
        course_id=row.course_id,
        slot=row.slot,
        key=row.key,
        day=row.day,
        in_mood_stream=row.in_mood_stream,
        summary=row.summary,
        pinned=row.pinned,
        cancelled_because=row.cancelled_because,
        asks=tuple(row.asks),
        optional=tuple(row.optional),
        local_at=datetime.fromisoformat(row.local_at),
        due_at=row.due_at,
        remind_at=row.remind_at,
        expires_at=row.expires_at,
        moved_because=row.moved_because,
        state=row.state,
        lead_id=row.lead_id,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
        reminded_at=row.reminded_at,
        answered_at=row.answered_at,
        late=row.late,
        message_id=row.message_id,
        asked=row.asked,
        asked_at=row.asked_at,
        cause=row.cause,
        silence_at=row.silence_at,
    )
