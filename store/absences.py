"""Absences: when staff are on holiday or away, whatever the rota says."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from rules.rota import Absence
from store.database import Transaction
from store.ids import new_id
from store.rota_schema import absence

_BETWEEN = (
    select(absence)
    .where(absence.c.to_at > bindparam("from_at"), absence.c.from_at < bindparam("to_at"))
    .where(absence.c.cancelled_at.is_(None))
    .order_by(absence.c.from_at, absence.c.id)
)


async def add(tx: Transaction, added: Absence, now: datetime) -> str:
    """Add an absence; returns its id."""
    absence_id = new_id()
    values = {"id": absence_id, "staff_id": added.staff, "from_at": added.from_at, "to_at": added.to_at}
    await tx.execute(insert(absence), {**values, "created_at": now})
    return absence_id


async def between(tx: Transaction, from_at: datetime, to_at: datetime) -> dict[str, Absence]:
    """The absences that touch a span of time, by id, by their start."""
    rows = await tx.rows(_BETWEEN, {"from_at": from_at, "to_at": to_at})
    return {row.id: Absence(staff=row.staff_id, from_at=row.from_at, to_at=row.to_at) for row in rows}


async def cancel(tx: Transaction, absence_id: str, now: datetime) -> bool:
    """Somebody is there after all; False when there is no absence of that id."""
    standing = (absence.c.id == absence_id) & absence.c.cancelled_at.is_(None)
    return (await tx.execute(update(absence).where(standing).values(cancelled_at=now))).rowcount == 1
