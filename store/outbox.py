"""The outbox: everything that goes out, one row each, claimed on a lease and settled with an outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, exists, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from store.conflicts import unless_there
from store.database import Transaction
from store.errors import WrongKey
from store.ids import OutboxId, new_id
from store.keyring import CLINIC
from store.schema import fixed, outbox
from store.types import canonical

GIVEN_BACK = "given back"  # of a message that was claimed and not tried
LANES = ("page", "crisis", "reply", "bulk")
WAITING = outbox.c.state == fixed("waiting")
UNSETTLED = outbox.c.state.in_([fixed("waiting"), fixed("sending")])

_NEXT_DUE = select(func.min(outbox.c.due_at)).where(WAITING)
_NEXT_DUE_AFTER = _NEXT_DUE.where(outbox.c.due_at > bindparam("after"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to queue: `kind` and `params` are what bot/texts.py makes the words of, in `language`.

    `once` names the message, so that it is queued once whatever is done again; `edits` is the message to edit in place.
    """

    lane: str
    kind: str
    chat_id: int | None
    language: str
    params: Mapping[str, Any] = field(default_factory=dict)
    channel: str = "telegram"
    edits: int | None = None
    patient_id: str | None = None
    staff_id: str | None = None
    alert_id: str | None = None
    checkin_id: str | None = None
    once: str | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message to send now, held until the lease ends."""

    id: OutboxId
    lane: str
    kind: str
    channel: str
    chat_id: int | None
    language: str
    params: Mapping[str, Any]
    edits: int | None
    patient_id: str | None
    staff_id: str | None
    alert_id: str | None
    checkin_id: str | None
    created_at: datetime
    expires_at: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of a claimed message: sent, refused (never again), dropped (no longer wanted) or waiting again."""

    id: OutboxId
    state: str
    outcome: str
    message_id: int | None = None
    again_at: datetime | None = None


async def queue(tx: Transaction, drafts: Sequence[Draft], now: datetime) -> int:
    """Queue messages and wake their lanes after the commit; returns how many were new."""
    if not drafts:
        return 0
    rows = [await _row(tx, draft, now) for draft in drafts]
    added = (await tx.execute(unless_there(outbox, tx.dialect), rows)).rowcount
    for draft in drafts:
        tx.wake(draft.lane)
    return added


async def _row(tx: Transaction, draft: Draft, now: datetime) -> dict[str, Any]:
    row_id = new_id()
    return {
        "id": row_id,
        "lane": draft.lane,
        "kind": draft.kind,
        "channel": draft.channel,
        "chat_id": draft.chat_id,
        "language": draft.language,
        "body": await tx.seal(CLINIC, _place(row_id), canonical(dict(draft.params))),
        "edits": draft.edits,
        "patient_id": draft.patient_id,
        "staff_id": draft.staff_id,
        "alert_id": draft.alert_id,
        "checkin_id": draft.checkin_id,
        "once": draft.once,
        "state": "waiting",
        "created_at": now,
        "due_at": draft.due_at or now,
        "expires_at": draft.expires_at,
    }


async def claim(
    tx: Transaction, lane: str, *, claimer: str, now: datetime, lease: timedelta, limit: int
) -> list[Claimed]:
    """Take up to `limit` messages of a lane that are due, waiting or held on a lapsed lease, oldest first."""
    values = {"at": now, "until": now + lease, "by": claimer, "most": limit}
    rows = sorted(await tx.rows(_claiming(lane), values), key=lambda row: (row.due_at, row.id))
    return [await _claimed(tx, row) for row in rows]


@cache  # it is long, and a page waits while it is put together
def _claiming(lane: str) -> ReturningUpdate[Any]:
    """The statement that claims for `by` what is due `at` an instant, `until` another."""
    at, until = bindparam("at", type_=outbox.c.due_at.type), bindparam("until", type_=outbox.c.due_at.type)
    free = or_(WAITING, outbox.c.leased_until < at)
    due = (
        select(outbox.c.id)
        .where(outbox.c.lane == lane, UNSETTLED, free, outbox.c.due_at <= at, ~_overtakes(lane))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("due")  # read once: PostgreSQL may run a subquery again for each row, and lock more than the limit
    )
    return (
        update(outbox)
        .where(outbox.c.id.in_(select(due.c.id)))
        .values(
            state="sending",
            claimed_by=bindparam("by"),
            leased_until=until,
            attempts=outbox.c.attempts + 1,
        )
        .returning(outbox)
    )


def _overtakes(lane: str) -> ColumnElement[bool]:
    """Whether an older message of the same chat is under way or to be tried again: a chat keeps its order.

    Pages do not wait for each other, only the edits of one and the same page do.
    """
    older = outbox.alias("older")
    same = older.c.edits == outbox.c.edits if lane == "page" else older.c.lane == outbox.c.lane
    return exists().where(
        older.c.chat_id == outbox.c.chat_id,
        older.c.state.in_([fixed("waiting"), fixed("sending")]),
        older.c.id < outbox.c.id,
        older.c.attempts > 0,
        same,
    )


async def _claimed(tx: Transaction, row: Any) -> Claimed:
    try:
        body = await tx.open(_place(row.id), row.body)
    except WrongKey:  # one broken row must not stop its lane: it goes out as the plain text of its kind
        body = None
    return Claimed(
        id=row.id,
        lane=row.lane,
        kind=row.kind,
        channel=row.channel,
        chat_id=row.chat_id,
        language=row.language,
        params=json.loads(body or "{}"),
        edits=row.edits,
        patient_id=row.patient_id,
        staff_id=row.staff_id,
        alert_id=row.alert_id,
        checkin_id=row.checkin_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
    )


async def settle(tx: Transaction, settlements: Sequence[Settlement], *, claimer: str, now: datetime) -> int:
    """Write the outcomes of messages that this claimer still holds; returns how many it did."""
    done = 0
    for state in ("sent", "refused", "dropped", "waiting"):
        batch = [settlement for settlement in settlements if settlement.state == state]
        if not batch:
            continue
        same = {"by": claimer, "at": now if state == "sent" else None}
        values = [
            {"row_id": s.id, "said": s.outcome[:200], "message": s.message_id, "again": s.again_at, **same}
            for s in batch
        ]
        done += (await tx.execute(_settling(state), values)).rowcount
    return done


@cache
def _settling(state: str) -> Any:
    """The statement that lets a message that is `by` somebody's lease be in a state."""
    held = (outbox.c.id == bindparam("row_id"), outbox.c.claimed_by == bindparam("by"), outbox.c.state == "sending")
    return (
        update(outbox)
        .where(*held)
        .values(
            state=state,
            outcome=bindparam("said"),
            message_id=bindparam("message"),
            sent_at=bindparam("at", type_=outbox.c.sent_at.type),
            due_at=func.coalesce(bindparam("again", type_=outbox.c.due_at.type), outbox.c.due_at),
            leased_until=None,
        )
    )


async def move(tx: Transaction, chat_id: int, new_chat_id: int) -> None:
    """Send what is not settled yet to a chat's new id."""
    await tx.execute(update(outbox).where(outbox.c.chat_id == chat_id, UNSETTLED).values(chat_id=new_chat_id))


async def drop(tx: Transaction, *, reason: str, alert_id: str | None = None, checkin_id: str | None = None) -> None:
    """Take back what is still waiting about an alert or a check-in."""
    which = outbox.c.alert_id == alert_id if alert_id else outbox.c.checkin_id == checkin_id
    kind = outbox.c.kind == "page" if alert_id else outbox.c.lane == "bulk"
    await tx.execute(update(outbox).where(which, kind, WAITING).values(state="dropped", outcome=reason))


async def drop_to(tx: Transaction, staff_id: str, reason: str) -> None:
    """Take back all that is still waiting for a member."""
    await tx.execute(
        update(outbox).where(outbox.c.staff_id == staff_id, WAITING).values(state="dropped", outcome=reason)
    )


async def drop_unsettled(tx: Transaction, reason: str) -> None:
    """Drop what has not gone out, as the note says, but pages and crisis replies: they rather come twice than never."""
    less_urgent = (UNSETTLED, outbox.c.lane.in_([fixed("reply"), fixed("bulk")]))
    await tx.execute(update(outbox).where(*less_urgent).values(state="dropped", outcome=reason, claimed_by=None))


async def next_due_at(tx: Transaction, after: datetime | None = None) -> datetime | None:
    """When the next waiting message is due, after an instant if one is given."""
    row = await (tx.row(_NEXT_DUE) if after is None else tx.row(_NEXT_DUE_AFTER, {"after": after}))
    return row[0] if row else None


async def any_unsettled(tx: Transaction, chat_id: int) -> bool:
    """Whether anything is still to go out to a chat."""
    return await tx.row(select(outbox.c.id).where(outbox.c.chat_id == chat_id, UNSETTLED).limit(1)) is not None


def _place(row_id: str) -> str:
    return f"outbox.body:{row_id}"
