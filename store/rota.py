"""The rota: shifts and overrides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from store.database import Transaction
from store.ids import new_id
from store.schema import shift


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShift:
    """A shift: who is on call, at which level, from when to when; an override wins over the rest."""

    id: str
    staff_id: str
    level: str
    from_at: datetime
    to_at: datetime
    override: bool


async def add(
    tx: Transaction, *, staff_id: str, level: str, from_at: datetime, to_at: datetime, override: bool, now: datetime
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
        "created_at": now,
    }
    await tx.execute(insert(shift), values)
    return shift_id


async def between(tx: Transaction, from_at: datetime, to_at: datetime) -> list[StoredShift]:
    """The shifts that touch a span of time, by their start."""
    query = (
        select(shift)
        .where(shift.c.to_at > from_at, shift.c.from_at < to_at, shift.c.cancelled_at.is_(None))
        .order_by(shift.c.from_at, shift.c.id)
    )
    return [
        StoredShift(
            id=row.id,
            staff_id=row.staff_id,
            level=row.level,
            from_at=row.from_at,
            to_at=row.to_at,
            override=row.override,
        )
        for row in await tx.rows(query)
    ]


async def cancel(tx: Transaction, shift_id: str, now: datetime) -> bool:
    """Take a shift off the rota; False when there is none of that id."""
    standing = (shift.c.id == shift_id) & shift.c.cancelled_at.is_(None)
    return (await tx.execute(update(shift).where(standing).values(cancelled_at=now))).rowcount == 1
