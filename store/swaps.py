"""Swaps: a shift that its owner offers, and who took it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from store.database import Transaction
from store.ids import new_id
from store.rota_schema import swap

OPEN = (swap.c.taken_at.is_(None), swap.c.withdrawn_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """An offer of `staff_id`; it stays theirs until somebody takes it."""

    id: str
    staff_id: str
    level: str
    from_at: datetime
    to_at: datetime
    offered_at: datetime
    taken_by: str | None
    taken_at: datetime | None
    withdrawn_at: datetime | None


async def add(tx: Transaction, *, staff_id: str, level: str, from_at: datetime, to_at: datetime, now: datetime) -> str:
    """Offer a shift; returns the offer's id."""
    swap_id = new_id()
    values = {"id": swap_id, "staff_id": staff_id, "level": level, "from_at": from_at, "to_at": to_at}
    await tx.execute(insert(swap), {**values, "offered_at": now})
    return swap_id


async def get(tx: Transaction, swap_id: str) -> Swap | None:
    """The offer of an id."""
    return next(iter(await _those(tx, swap.c.id == swap_id)), None)


async def standing(tx: Transaction, now: datetime) -> list[Swap]:
    """The offers that nobody has taken and whose time is not over, oldest first."""
    return await _those(tx, *OPEN, swap.c.to_at > now)


async def take(tx: Transaction, swap_id: str, staff_id: str, now: datetime) -> bool:
    """Give the shift to a member; False when another was faster, or it is offered no more."""
    return await _close(tx, swap_id, taken_by=staff_id, taken_at=now)


async def withdraw(tx: Transaction, swap_id: str, now: datetime) -> bool:
    """Take an offer back; False when it was taken already."""
    return await _close(tx, swap_id, withdrawn_at=now)


async def _close(tx: Transaction, swap_id: str, **values: object) -> bool:
    return (await tx.execute(update(swap).where(swap.c.id == swap_id, *OPEN).values(**values))).rowcount == 1


async def _those(tx: Transaction, *conditions: ColumnElement[bool]) -> list[Swap]:
    rows = await tx.rows(select(swap).where(*conditions).order_by(swap.c.id))
    return [Swap(**row._asdict()) for row in rows]
