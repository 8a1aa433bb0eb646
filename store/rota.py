"""Shifts and overrides of the rota, one row each; rotations and absences have files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, insert, select, update

from store.database import Transaction
from store.ids import new_id
from store.rota_schema import shift

STANDING = shift.c.cancelled_at.is_(None)
_FIELDS = ("id", "staff_id", "level", "from_at", "to_at", "override", "instead_of", "drill_id", "calendar")


def _those(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(*(shift.c[name] for name in _FIELDS)).where(*conditions, STANDING).order_by(shift.c.id)


_BETWEEN = _those(shift.c.to_at > bindparam("from_at"), shift.c.from_at < bindparam("to_at"))
_OF_CALENDAR = _those(shift.c.calendar == bindparam("calendar"), shift.c.to_at > bindparam("after"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShift:
    """A shift: who is on call, at which level, from when to when; an override wins over the rest.

    `instead_of` is whom alone it stands in for, `drill_id` the silence that made it, `calendar` where it came from.
    """

    id: str
    staff_id: str
    level: str
    from_at: datetime
    to_at: datetime
    override: bool
    instead_of: str | None
    drill_id: str | None
    calendar: str | None


async def add(
    tx: Transaction,
    *,
    staff_id: str,
    level: str,
    from_at: datetime,
    to_at: datetime,
    override: bool,
    now: datetime,
    instead_of: str | None = None,
    drill_id: str | None = None,
    calendar: str | None = None,
) -> str:
    """Add a shift or an override; returns its id."""
    shift_id = new_id()
    values = {
        "id": shift_id,
        "staff_id": staff_id,
        "level": level,
        "from_at": from_at,
        "to_at": to_at,
        "override": override,
        "instead_of": instead_of,
        "drill_id": drill_id,
        "calendar": calendar,
        "created_at": now,
    }
    await tx.execute(insert(shift), values)
    return shift_id


async def between(tx: Transaction, from_at: datetime, to_at: datetime) -> list[StoredShift]:
    """The shifts that touch a span of time, in the order in which they were made."""
    return await _all(tx, _BETWEEN, {"from_at": from_at, "to_at": to_at})


async def of_calendar(tx: Transaction, calendar: str, after: datetime) -> list[StoredShift]:
    """The shifts that were imported from a calendar and end after an instant."""
    return await _all(tx, _OF_CALENDAR, {"calendar": calendar, "after": after})


async def cancel(tx: Transaction, shift_id: str, now: datetime) -> bool:
    """Take a shift off the rota; False when there is none of that id."""
    which = (shift.c.id == shift_id) & STANDING
    return (await tx.execute(update(shift).where(which).values(cancelled_at=now))).rowcount == 1


async def end_of_drill(tx: Transaction, drill_id: str, at: datetime) -> int:
    """End at an instant what a silence has made, so that what was stays; returns how many shifts it was."""
    which = (shift.c.drill_id == drill_id) & (shift.c.to_at > at) & STANDING
    return (await tx.execute(update(shift).where(which).values(to_at=at))).rowcount


async def _all(tx: Transaction, query: Select[Any], values: Mapping[str, Any]) -> list[StoredShift]:
    return [StoredShift(**row._asdict()) for row in await tx.rows(query, values)]
