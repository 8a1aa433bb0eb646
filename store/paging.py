"""What the outbox knows of pages: to whom they went, where they stand, and which of them wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update

from store.database import Transaction
from store.ids import OutboxId
from store.outbox import GIVEN_BACK, UNSETTLED, WAITING
from store.schema import fixed, outbox

_HELD_UP = (
    select(outbox.c.id)
    .where(outbox.c.lane.in_([fixed("page"), fixed("crisis")]), outbox.c.channel != "second")
    .where(WAITING, outbox.c.attempts > 0, outbox.c.outcome != GIVEN_BACK)
    .limit(1)
)
_PAGES = (outbox.c.alert_id == bindparam("alert_id"), outbox.c.kind == "page")
_PAGED = select(outbox.c.staff_id).distinct().where(*_PAGES, outbox.c.attempts > 0, outbox.c.staff_id.is_not(None))
_PAGE_BEFORE = (
    select(outbox.c.message_id)
    .where(*_PAGES, outbox.c.staff_id == bindparam("staff_id"), outbox.c.id < bindparam("later"))
    .where(outbox.c.message_id.is_not(None), outbox.c.edits.is_(None))
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_SENT_PAGES = (
    select(outbox.c.staff_id, outbox.c.chat_id, outbox.c.message_id, outbox.c.language)
    .where(*_PAGES, outbox.c.message_id.is_not(None))
    .where(outbox.c.edits.is_(None), outbox.c.channel != "second")
    .order_by(outbox.c.id)
)


async def oldest_unsent_page_at(tx: Transaction) -> datetime | None:
    """Since when the oldest page has been waiting."""
    query = select(func.min(outbox.c.created_at)).where(outbox.c.lane == "page", UNSETTLED)
    row = await tx.row(query)
    return row[0] if row else None


async def first_page_sent_at(tx: Transaction, alert_id: str) -> datetime | None:
    """When the first page of an alert went out."""
    first = select(func.min(outbox.c.sent_at)).where(outbox.c.alert_id == alert_id, outbox.c.kind == "page")
    row = await tx.row(first.where(outbox.c.state == "sent", outbox.c.edits.is_(None)))
    return row[0] if row else None


async def any_held_up(tx: Transaction) -> bool:
    """Whether something urgent waits because Telegram did not take it."""
    return await tx.row(_HELD_UP) is not None


async def pages_of(tx: Transaction, alert_ids: Sequence[str]) -> dict[str, int]:
    """How many pages each alert has sent or has under way."""
    query = (
        select(outbox.c.alert_id, func.count().label("pages"))
        .where(outbox.c.alert_id.in_(alert_ids), outbox.c.kind == "page", outbox.c.state.not_in(("refused", "dropped")))
        .group_by(outbox.c.alert_id)
    )
    return {row.alert_id: row.pages for row in await tx.rows(query)}


async def paged(tx: Transaction, alert_id: str) -> set[str]:
    """Whom pages of an alert have gone out to, or may have: a button can be pressed before its page is settled."""
    return {row.staff_id for row in await tx.rows(_PAGED, {"alert_id": alert_id})}


async def arrived(tx: Transaction, alert_id: str, *, chat_id: int, message_id: int, now: datetime) -> None:
    """Settle an alert's page whose button was pressed: it stands there, though its sender died before noting it."""
    await tx.execute(_arrival(), {"about": alert_id, "chat": chat_id, "message": message_id, "now": now})


@cache
def _arrival() -> Any:
    other = outbox.alias("other")
    known = exists().where(other.c.chat_id == bindparam("chat"), other.c.message_id == bindparam("message"))
    page = (outbox.c.alert_id == bindparam("about"), outbox.c.chat_id == bindparam("chat"), outbox.c.kind == "page")
    under_way = (*page, UNSETTLED, outbox.c.attempts > 0, outbox.c.edits.is_(None))
    oldest = select(func.min(outbox.c.id)).where(*under_way).scalar_subquery()
    news = {"state": "sent", "outcome": "its button was pressed", "message_id": bindparam("message")}
    news["sent_at"] = bindparam("now", type_=outbox.c.sent_at.type)
    return update(outbox).where(outbox.c.id == oldest, UNSETTLED, ~known).values(news)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPage:
    """A page that stands in a clinician's chat and can be edited there."""

    staff_id: str
    chat_id: int
    message_id: int
    language: str


async def sent_pages(tx: Transaction, alert_id: str) -> list[SentPage]:
    """The latest page of an alert in each clinician's chat."""
    latest = {row.staff_id: SentPage(**row._asdict()) for row in await tx.rows(_SENT_PAGES, {"alert_id": alert_id})}
    return list(latest.values())


async def page_before(tx: Transaction, alert_id: str, staff_id: str, later: OutboxId) -> int | None:
    """The message of the page of an alert that a member got before another one; none if that was the first."""
    row = await tx.row(_PAGE_BEFORE, {"alert_id": alert_id, "staff_id": staff_id, "later": later})
    return int(row.message_id) if row else None
