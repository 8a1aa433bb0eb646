"""Heartbeats: when each part of the engine last did its work."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from store.conflicts import insert_into
from store.database import Transaction
from store.schema import heartbeat

POLL = "poll"  # Telegram has answered, and what came is stored
SILENT = timedelta(seconds=90)  # how long a part may show no sign of life; a poll waits up to 25 s by itself
SET_BACK = timedelta(seconds=60)  # a sign so far ahead is from before the clock was set back

_EVERY = select(heartbeat)


async def beat(tx: Transaction, name: str, now: datetime) -> None:
    """Note that a part did its work now."""
    await tx.execute(_beating(tx.dialect), {"name": name, "at": now})


@cache
def _beating(dialect: str) -> Any:
    statement = insert_into(heartbeat, dialect)
    return statement.on_conflict_do_update(index_elements=["name"], set_={"at": statement.excluded.at})


def is_lively(at: datetime, now: datetime) -> bool:
    """Whether a part that did its work at an instant has done so lately; one ahead of `now` says nothing of it."""
    return now - SILENT <= at < now + SET_BACK


async def last(tx: Transaction) -> dict[str, datetime]:
    """When each part last did its work."""
    return {row.name: row.at for row in await tx.rows(_EVERY)}
