"""Answers, append-only: a correction is a new row that names the one it corrects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, insert, select, update

from store.database import Transaction
from store.ids import new_id
from store.schema import answer, checkin

DATE = len("2026-03-02")  # at the head of a local time
_PLAIN = (  # columns that are read as they are
    answer.c.id,
    answer.c.patient_id,
    answer.c.checkin_id,
    answer.c.instrument,
    answer.c.item,
    answer.c.value,
    answer.c.via,
    answer.c.at,
    answer.c.stored_at,
    answer.c.late,
    answer.c.corrects,
    answer.c.message_id,
)


def _those(condition: ColumnElement[bool]) -> Select[Any]:
    has_words = answer.c.words.is_not(None).label("has_words")
    return select(*_PLAIN, has_words).where(condition).order_by(answer.c.at, answer.c.id)


_ADD = insert(answer)
_OF_CHECKINS = _those(answer.c.checkin_id.in_(bindparam("checkin_ids", expanding=True)))
_OF_PATIENT = _those(answer.c.patient_id == bindparam("patient_id"))
_GIVEN_BY = (
    select(
        answer.c.checkin_id,
        answer.c.instrument,
        answer.c.item,
        answer.c.value,
        answer.c.at,
        *(checkin.c.course_id, checkin.c.slot, checkin.c.day, checkin.c.local_at, checkin.c.due_at),
    )
    .join(checkin, checkin.c.id == answer.c.checkin_id)
    .where(answer.c.patient_id == bindparam("patient_id"), answer.c.value.is_not(None))
    .order_by(answer.c.at, answer.c.id)
)
_OF_PATIENT_SINCE = _OF_PATIENT.where(answer.c.at >= bindparam("since"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: a value, words, or both. `at` is when the patient said it, `via` how (button, typed, chat)."""

    id: str
    patient_id: str
    checkin_id: str | None
    instrument: str
    item: str
    value: int | None
    has_words: bool
    via: str
    at: datetime
    stored_at: datetime
    late: bool
    corrects: str | None
    message_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A value that a patient gave, with what counts of the check-in that asked for it; `local_on` is its local day."""

    checkin_id: str
    course_id: str | None
    slot: str
    day: int
    local_on: date
    due_at: datetime
    instrument: str
    item: str
    value: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a patient wrote, unsealed: for a reveal that the caller logs, or for the second reader."""

    id: str
    patient_id: str
    inbox_id: str | None
    at: datetime
    words: str


async def add(
    tx: Transaction,
    *,
    patient_id: str,
    checkin_id: str | None,
    instrument: str,
    item: str,
    via: str,
    at: datetime,
    now: datetime,
    value: int | None = None,
    words: str | None = None,
    late: bool = False,
    corrects: str | None = None,
    inbox_id: str | None = None,
    message_id: int | None = None,
) -> Answer:
    """Store an answer; words are sealed with the patient's key."""
    given = Answer(
        id=new_id(),
        patient_id=patient_id,
        checkin_id=checkin_id,
        instrument=instrument,
        item=item,
        value=value,
        has_words=words is not None,
        via=via,
        at=at,
        stored_at=now,
        late=late,
        corrects=corrects,
        message_id=message_id,
    )
    row = {column.name: getattr(given, column.name) for column in _PLAIN}
    sealed = await tx.seal(patient_id, _place(given.id), words)
    await tx.execute(_ADD, {**row, "words": sealed, "inbox_id": inbox_id})
    return given


async def of_checkins(tx: Transaction, checkin_ids: Collection[str]) -> list[Answer]:
    """The answers of check-ins in the order in which the patient gave them."""
    return await _all(tx, _OF_CHECKINS, {"checkin_ids": list(checkin_ids)})


async def of_patient(tx: Transaction, patient_id: str, since: datetime | None = None) -> list[Answer]:
    """A patient's answers in the order in which they were given."""
    mine = {"patient_id": patient_id}
    return await (
        _all(tx, _OF_PATIENT, mine) if since is None else _all(tx, _OF_PATIENT_SINCE, {**mine, "since": since})
    )


async def given_by(tx: Transaction, patient_id: str) -> list[Given]:
    """The values that a patient gave, in the order in which they were given."""
    return [
        Given(
            checkin_id=row.checkin_id,
            course_id=row.course_id,
            slot=row.slot,
            day=row.day,
            local_on=date.fromisoformat(row.local_at[:DATE]),
            due_at=row.due_at,
            instrument=row.instrument,
            item=row.item,
            value=row.value,
            at=row.at,
        )
        for row in await tx.rows(_GIVEN_BY, {"patient_id": patient_id})
    ]


async def of_message(tx: Transaction, patient_id: str, message_id: int) -> Answer | None:
    """The latest value that a typed message gave, for an edit of it."""
    mine = and_(answer.c.patient_id == patient_id, answer.c.message_id == message_id, answer.c.value.is_not(None))
    found = await _all(tx, _those(mine))
    return found[-1] if found else None


async def words_of(tx: Transaction, patient_id: str, *, since: datetime) -> list[tuple[datetime, str]]:
    """What a patient wrote since an instant, for a reveal that the caller logs."""
    query = (
        select(answer.c.id, answer.c.at, answer.c.words)
        .where(answer.c.patient_id == patient_id, answer.c.words.is_not(None), answer.c.at >= since)
        .order_by(answer.c.at, answer.c.id)
    )
    opened = [(row.at, await tx.open(_place(row.id), row.words)) for row in await tx.rows(query)]
    return [(at, words) for at, words in opened if words is not None]


async def texts(tx: Transaction, condition: ColumnElement[bool], limit: int | None = None) -> list[Text]:
    """What patients wrote, oldest first; without what was erased."""
    columns = (answer.c.id, answer.c.patient_id, answer.c.inbox_id, answer.c.at, answer.c.words)
    query = select(*columns).where(condition, answer.c.words.is_not(None)).order_by(answer.c.at, answer.c.id)
    found = []
    for row in await tx.rows(query.limit(limit)):
        words = await tx.open(_place(row.id), row.words)
        if words is not None:
            found.append(Text(id=row.id, patient_id=row.patient_id, inbox_id=row.inbox_id, at=row.at, words=words))
    return found


async def texts_of(tx: Transaction, patient_id: str) -> list[Text]:
    """All that a patient wrote, for an export that the caller logs."""
    return await texts(tx, answer.c.patient_id == patient_id)


async def for_second_reader(tx: Transaction, since: datetime, limit: int) -> list[Text]:
    """The oldest words since an instant that the second reader has not read."""
    return await texts(tx, (answer.c.stored_at >= since) & answer.c.second_read_at.is_(None), limit)


async def second_read(tx: Transaction, answer_id: str, now: datetime) -> bool:
    """Note that the second reader is done with a text; False when it was noted already."""
    unread = (answer.c.id == answer_id) & answer.c.second_read_at.is_(None)
    return (await tx.execute(update(answer).where(unread).values(second_read_at=now))).rowcount == 1


async def _all(tx: Transaction, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[Answer]:
    return [Answer(**row._asdict()) for row in await tx.rows(query, values)]


def _place(answer_id: str) -> str:
    return f"answer.words:{answer_id}"
