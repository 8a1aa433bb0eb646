"""The few facts that belong to a whole database, by key."""

from __future__ import annotations

from sqlalchemy import select

from store.conflicts import insert_into
from store.database import Transaction
from store.schema import meta


async def get(tx: Transaction, key: str) -> str | None:
    """The value of a key, or none."""
    row = await tx.row(select(meta.c.value).where(meta.c.key == key))
    return None if row is None else str(row.value)


async def put(tx: Transaction, key: str, value: str) -> None:
    """Write the value of a key."""
    statement = insert_into(meta, tx.dialect).values(key=key, value=value)
    await tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
