"""Rotations: a row each; their shifts are worked out when somebody looks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import bindparam, insert, or_, select, update

from rules.local_time import parse_wall_time
from rules.rotation import Rotation
from store.database import Transaction
from store.ids import new_id
from store.rota_schema import rotation

_GOES_ON = or_(rotation.c.ends_at.is_(None), rotation.c.ends_at > bindparam("after"))
_STANDING = select(rotation).where(_GOES_ON).order_by(rotation.c.id)


async def add(tx: Transaction, added: Rotation, now: datetime) -> str:
    """Add a rotation, whose order is of staff ids; returns its id."""
    rotation_id = new_id()
    values = {
        "id": rotation_id,
        "staff_ids": list(added.order),
        "level": added.level,
        "starts_on": added.starts_on.isoformat(),
        "at": f"{added.at:%H:%M}",
        "zone": added.zone,
        "days": added.days,
        "ends_at": added.ends_at,
        "created_at": now,
    }
    await tx.execute(insert(rotation), values)
    return rotation_id


async def standing(tx: Transaction, after: datetime) -> dict[str, Rotation]:
    """The rotations that have not ended by an instant, by id, in the order in which they were made."""
    return {
        row.id: Rotation(
            order=tuple(row.staff_ids),
            level=row.level,
            starts_on=date.fromisoformat(row.starts_on),
            at=parse_wall_time(row.at),
            zone=row.zone,
            days=row.days,
            ends_at=row.ends_at,
        )
        for row in await tx.rows(_STANDING, {"after": after})
    }


async def end(tx: Transaction, rotation_id: str, at: datetime) -> bool:
    """End a rotation at an instant, so that what was stays; False when none of that id goes on."""
    goes_on = or_(rotation.c.ends_at.is_(None), rotation.c.ends_at > at)
    statement = update(rotation).where(rotation.c.id == rotation_id, goes_on).values(ends_at=at)
    return (await tx.execute(statement)).rowcount == 1
