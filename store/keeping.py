"""What came in and went out, once it is done with: shown in an export, and let go when its time is over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, update

from store.database import Transaction
from store.schema import inbox, link, outbox

EMPTY = b""  # opens as nothing, like what was sealed with a key that is gone
KINDS = ("updates", "dead-letters", "messages", "links")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it was queued; `figures` is none once it was emptied."""

    at: datetime
    kind: str
    state: str
    figures: dict[str, Any] | None


def _over(kind: str, before: datetime) -> tuple[Table, ColumnElement[bool]]:
    settled = outbox.c.state.not_in(["waiting", "sending"])
    return {
        "updates": (inbox, and_(inbox.c.state == "done", inbox.c.received_at < before)),
        "dead-letters": (inbox, and_(inbox.c.state == "dead", inbox.c.received_at < before)),
        "messages": (outbox, and_(settled, outbox.c.created_at < before, outbox.c.body != EMPTY)),
        "links": (link, link.c.expires_at < before),
    }[kind]


async def count_over(tx: Transaction, kind: str, before: datetime) -> int:
    """How many of a kind are from before an instant and done with."""
    table, condition = _over(kind, before)
    row = await tx.row(select(func.count()).select_from(table).where(condition))
    return int(row[0]) if row else 0


async def forget(tx: Transaction, kind: str, before: datetime) -> int:
    """Delete them; of a message only its figures go, for who was paged and asked stays on record. Returns how many."""
    table, condition = _over(kind, before)
    statement = (
        update(table).where(condition).values(body=EMPTY) if kind == "messages" else delete(table).where(condition)
    )
    return (await tx.execute(statement)).rowcount


async def messages_to(tx: Transaction, patient_id: str) -> list[Message]:
    """What was sent to a patient, oldest first."""
    query = select(outbox).where(outbox.c.patient_id == patient_id, outbox.c.staff_id.is_(None)).order_by(outbox.c.id)
    found = []
    for row in await tx.rows(query):
        body = await tx.open(f"outbox.body:{row.id}", row.body)
        figures = None if body is None else json.loads(body)
        found.append(Message(at=row.created_at, kind=row.kind, state=row.state, figures=figures))
    return found


async def updates_of(tx: Transaction, chat_id: int) -> list[tuple[datetime, str | None]]:
    """The updates of a chat that are still kept, oldest first, as Telegram sent them."""
    rows = await tx.rows(select(inbox).where(inbox.c.chat_id == chat_id).order_by(inbox.c.id))
    return [(row.received_at, await tx.open(f"inbox.raw:{row.id}", row.raw)) for row in rows]


async def empty_about(
    tx: Transaction, patient_id: str, chat_id: int | None, *, alert_ids: Sequence[str], kinds: Sequence[str]
) -> set[str]:
    """Leave nothing readable of a patient: their updates, the messages to or about them, and all of some kinds.

    Staff may have written about them: what was handled of anybody's updates is emptied too, only the hashes stay.
    Returns the kinds of the messages that had not gone out, and now do not.
    """
    about = or_(outbox.c.patient_id == patient_id, outbox.c.alert_id.in_(alert_ids), outbox.c.kind.in_(kinds))
    unsent = and_(about, outbox.c.state.in_(["waiting", "sending"]))
    on_their_way = await tx.rows(select(outbox.c.kind).where(unsent))
    await tx.execute(update(outbox).where(unsent).values(state="dropped", outcome="erased", claimed_by=None))
    await tx.execute(update(outbox).where(about).values(body=EMPTY))
    await tx.execute(update(outbox).where(outbox.c.patient_id == patient_id).values(chat_id=None))
    await tx.execute(update(inbox).where(inbox.c.state == "done").values(raw=EMPTY))
    if chat_id is not None:  # but what has not been handled yet, which is heeded as a stranger's
        await tx.execute(delete(inbox).where(inbox.c.chat_id == chat_id, inbox.c.state != "waiting"))
    return {row.kind for row in on_their_way}


async def revoke_links(tx: Transaction, subject_id: str, now: datetime) -> None:
    """Let no link of somebody be opened any more."""
    standing = and_(link.c.subject_id == subject_id, link.c.used_at.is_(None), link.c.revoked_at.is_(None))
    await tx.execute(update(link).where(standing).values(revoked_at=now))
