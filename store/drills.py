"""Drills: each question whether somebody can be reached, and when it was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, update

from store.conflicts import unless_there
from store.database import Transaction
from store.ids import new_id
from store.rota_schema import drill

UNANSWERED = drill.c.answered_at.is_(None)
UNHEEDED = (UNANSWERED, drill.c.missed_at.is_(None))


def _those(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(drill).where(*conditions).order_by(drill.c.id)


_OF_ID = _those(drill.c.id == bindparam("id"))
_OF_STAFF = _those(drill.c.staff_id == bindparam("staff_id"), UNANSWERED)
_OVERDUE = _those(*UNHEEDED, drill.c.answer_by <= bindparam("now"))
_SINCE = _those(drill.c.asked_at >= bindparam("since"))
_OF_SHIFTS = select(drill.c.staff_id, drill.c.level, drill.c.from_at).where(
    drill.c.why == "shift", drill.c.from_at >= bindparam("since")
)
_LAST_ASKED = select(drill.c.staff_id, func.max(drill.c.asked_at).label("at")).group_by(drill.c.staff_id)
_NEXT = select(func.min(drill.c.answer_by)).where(*UNHEEDED, drill.c.answer_by > bindparam("after"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill. `why`: link, request, schedule, shift, stand-in; the last two are about a shift, with its span.

    `missed_at` is when it was not answered in time; it may be answered later.
    """

    id: str
    staff_id: str
    why: str
    level: str | None
    from_at: datetime | None
    to_at: datetime | None
    asked_at: datetime
    answer_by: datetime | None
    answered_at: datetime | None
    missed_at: datetime | None


async def add(
    tx: Transaction,
    *,
    staff_id: str,
    why: str,
    now: datetime,
    level: str | None = None,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    answer_by: datetime | None = None,
    answered_at: datetime | None = None,
) -> str | None:
    """Note a drill; returns its id, none when it was asked for this shift before."""
    drill_id = new_id()
    values = {
        "id": drill_id,
        "staff_id": staff_id,
        "why": why,
        "level": level,
        "from_at": from_at,
        "to_at": to_at,
        "asked_at": now,
        "answer_by": answer_by,
        "answered_at": answered_at,
    }
    added = (await tx.execute(unless_there(drill, tx.dialect), values)).rowcount
    return drill_id if added == 1 else None


async def get(tx: Transaction, drill_id: str) -> Drill | None:
    """The drill of an id."""
    return next(iter(await _all(tx, _OF_ID, id=drill_id)), None)


async def unanswered(tx: Transaction, staff_id: str) -> list[Drill]:
    """What a member has not answered yet, oldest first."""
    return await _all(tx, _OF_STAFF, staff_id=staff_id)


async def answered(tx: Transaction, staff_id: str, now: datetime) -> None:
    """A member has answered all that was asked."""
    await tx.execute(update(drill).where(drill.c.staff_id == staff_id, UNANSWERED).values(answered_at=now))


async def overdue(tx: Transaction, now: datetime) -> list[Drill]:
    """Those that were to be answered by now, and whose silence nobody has heeded."""
    return await _all(tx, _OVERDUE, now=now)


async def missed(tx: Transaction, drill_id: str, now: datetime) -> bool:
    """Note that a drill was not answered in time; False when it was, or somebody has noted it."""
    return (
        await tx.execute(update(drill).where(drill.c.id == drill_id, *UNHEEDED).values(missed_at=now))
    ).rowcount == 1


async def silent(tx: Transaction, now: datetime) -> set[str]:
    """The staff who have not answered in time about a shift that goes on."""
    about = (drill.c.answer_by <= now, UNANSWERED, drill.c.to_at > now)
    return {row.staff_id for row in await tx.rows(select(drill.c.staff_id).where(*about))}


async def asked_of_shifts(tx: Transaction, since: datetime) -> set[tuple[str, str, datetime]]:
    """For which shifts, by member, level and start, was asked since an instant."""
    return {(row.staff_id, row.level, row.from_at) for row in await tx.rows(_OF_SHIFTS, {"since": since})}


async def last_asked(tx: Transaction) -> dict[str, datetime]:
    """When each member was last asked anything."""
    return {row.staff_id: row.at for row in await tx.rows(_LAST_ASKED)}


async def since(tx: Transaction, at: datetime) -> Sequence[Drill]:
    """All drills since an instant, oldest first."""
    return await _all(tx, _SINCE, since=at)


async def next_at(tx: Transaction, after: datetime) -> datetime | None:
    """When the next silence is to be heeded, after an instant."""
    row = await tx.row(_NEXT, {"after": after})
    return row[0] if row else None


async def _all(tx: Transaction, query: Select[Any], **values: Any) -> list[Drill]:
    return [Drill(**row._asdict()) for row in await tx.rows(query, values)]
