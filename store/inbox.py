"""The durable inbox: every update as it came, stored before Telegram is told that it was received."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from store.conflicts import unless_there
from store.database import Transaction
from store.errors import WrongKey
from store.ids import InboxId, new_id
from store.keyring import CLINIC
from store.schema import fixed, inbox

WAITING = inbox.c.state == fixed("waiting")
IN_A_ROW = 20  # of one chat, before the others have had their turn

_NOW = bindparam("now", type_=inbox.c.retry_at.type)
_HELD = select(inbox.c.chat_id).where(WAITING, inbox.c.retry_at > _NOW, inbox.c.chat_id.is_not(None))
_FREE = or_(inbox.c.chat_id.is_(None), inbox.c.chat_id.not_in(_HELD))
_PLACE = func.row_number().over(partition_by=inbox.c.chat_id, order_by=inbox.c.id).label("place")
_LINES = (
    select(inbox.c.id, _PLACE)
    .where(WAITING, _FREE, or_(inbox.c.retry_at.is_(None), inbox.c.retry_at <= _NOW))
    .subquery()
)
_READY = (
    select(inbox)
    .join(_LINES, _LINES.c.id == inbox.c.id)
    .where(_LINES.c.place <= IN_A_ROW)
    .order_by(_LINES.c.place, inbox.c.id)
    .limit(bindparam("most"))
)
_UNTAKEN = (inbox.c.id == bindparam("row_id"), inbox.c.state == "waiting")
_TAKE = update(inbox).where(*_UNTAKEN).values(state="done", handled_at=bindparam("now"))
_NEXT_RETRY = select(func.min(inbox.c.retry_at)).where(WAITING, inbox.c.retry_at > bindparam("after"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One update off the wire: `raw` is its JSON text, `chat_id` the chat whose order it keeps (none if unknown)."""

    bot: str
    update_id: int
    chat_id: int | None
    raw: str

    @property
    def hash(self) -> str:
        """Tells an update from another one that bears the same id, since ids restart after an idle week."""
        return hashlib.sha256(self.raw.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An inbox row that is still to be handled."""

    id: InboxId
    bot: str
    update_id: int
    chat_id: int | None
    raw: str
    received_at: datetime
    attempts: int


async def add(tx: Transaction, batch: Sequence[Received], now: datetime) -> int:
    """Store a batch; returns how many were new. An update that is there already is passed over."""
    if not batch:
        return 0
    rows = []
    for received in batch:
        row_id = new_id()
        rows.append(
            {
                "id": row_id,
                "bot": received.bot,
                "update_id": received.update_id,
                "hash": received.hash,
                "chat_id": received.chat_id,
                "raw": await tx.seal(CLINIC, _place(row_id), received.raw),
                "received_at": now,
                "state": "waiting",
            }
        )
    result = await tx.execute(unless_there(inbox, tx.dialect), rows)
    tx.wake("inbox")
    return result.rowcount


async def waiting(tx: Transaction, now: datetime, limit: int = 500) -> list[Waiting]:
    """Rows to handle: the oldest of every chat, then their next, so that a flood in one chat holds up no other.

    Of a chat whose first row is waiting for its next attempt, none.
    """
    return [await _waiting(tx, row) for row in await tx.rows(_READY, {"now": now, "most": limit})]


async def _waiting(tx: Transaction, row: Any) -> Waiting:
    try:
        raw = await tx.open(_place(row.id), row.raw)
    except WrongKey:  # one broken row must not hold up the others: what cannot be read is laid aside and said
        raw = None
    return Waiting(
        id=row.id,
        bot=row.bot,
        update_id=row.update_id,
        chat_id=row.chat_id,
        raw=raw or "",
        received_at=row.received_at,
        attempts=row.attempts,
    )


async def take(tx: Transaction, row_id: InboxId, now: datetime) -> bool:
    """Mark a row as done, inside the transaction that does it; False when another did it already."""
    return (await tx.execute(_TAKE, {"row_id": row_id, "now": now})).rowcount == 1


async def fail(tx: Transaction, row_id: InboxId, error: str, now: datetime, again_in: timedelta | None) -> None:
    """Count a failed attempt; `again_in` none lays the row aside as a dead letter."""
    values = {"attempts": inbox.c.attempts + 1, "error": error[:200]}
    if again_in is None:
        values |= {"state": "dead", "handled_at": now}
    else:
        values |= {"retry_at": now + again_in}
    await tx.execute(update(inbox).where(inbox.c.id == row_id, inbox.c.state == "waiting").values(**values))


async def next_retry_at(tx: Transaction, after: datetime) -> datetime | None:
    """When the next update that failed is tried again, after an instant."""
    row = await tx.row(_NEXT_RETRY, {"after": after})
    return row[0] if row else None


async def oldest_waiting_at(tx: Transaction) -> datetime | None:
    """When the oldest unhandled update came in."""
    row = await tx.row(select(func.min(inbox.c.received_at)).where(WAITING))
    return row[0] if row else None


async def counts(tx: Transaction) -> dict[str, int]:
    """How many rows are waiting, done and dead."""
    rows = await tx.rows(select(inbox.c.state, func.count().label("n")).group_by(inbox.c.state))
    return {row.state: row.n for row in rows}


def _place(row_id: str) -> str:
    return f"inbox.raw:{row_id}"
