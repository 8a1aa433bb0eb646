"""Heartbeats: when each part of the engine last did its work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from store.database import Transaction
from store.schema import heartbeat

POLL = "poll"  # Telegram has answered, and what came is stored


async def beat(tx: Transaction, name: str, now: datetime) -> None:
    """Note that a part did its work now."""
    dialect_insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    statement = dialect_insert(heartbeat).values(name=name, at=now)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


async def last(tx: Transaction) -> dict[str, datetime]:
    """When each part last did its work."""
    return {row.name: row.at for row in await tx.rows(select(heartbeat))}
