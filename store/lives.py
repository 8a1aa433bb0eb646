"""The lives of alerts, for reports: when each was opened, paged about, taken, acted on and closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from rules.tier import Tier
from store.alerts import REAL
from store.database import Transaction
from store.schema import alert, alert_event, outbox

KINDS = ("opened", "rang", "acknowledged", "called")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is kept of an alert's life. `rings` are whom each ring paged, and whether everybody had to be tried.

    `tier` is the gravest that it had, `opened_as` the one it was opened with.
    """

    tier: Tier
    opened_as: Tier
    opened_at: datetime
    at_any_hour: bool
    paged_at: datetime | None
    acknowledged_at: datetime | None
    called_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    rings: tuple[tuple[frozenset[str], bool], ...]


async def of_alerts(tx: Transaction, from_at: datetime, to_at: datetime) -> list[Stored]:
    """Every alert about somebody that was opened in a span of time, oldest first."""
    meant = and_(REAL, alert.c.opened_at >= from_at, alert.c.opened_at < to_at)
    happened = await _events(tx, meant)
    paged_at = await _first_pages(tx, meant)
    rows = await tx.rows(select(alert).where(meant).order_by(alert.c.number))
    return [_life(row, happened[row.id], paged_at.get(row.id)) for row in rows]


async def _events(tx: Transaction, meant: Any) -> dict[str, list[Any]]:
    query = select(alert_event).join(alert, alert.c.id == alert_event.c.alert_id)
    query = query.where(meant, alert_event.c.kind.in_(KINDS)).order_by(alert_event.c.at, alert_event.c.id)
    happened: dict[str, list[Any]] = defaultdict(list)
    for row in await tx.rows(query):
        happened[row.alert_id].append(row)
    return happened


async def _first_pages(tx: Transaction, meant: Any) -> dict[str, datetime]:
    """When the first page of each alert went out, by any channel."""
    query = select(outbox.c.alert_id, func.min(outbox.c.sent_at).label("at")).join(
        alert, alert.c.id == outbox.c.alert_id
    )
    query = query.where(meant, outbox.c.kind == "page", outbox.c.state == "sent", outbox.c.edits.is_(None))
    return {row.alert_id: row.at for row in await tx.rows(query.group_by(outbox.c.alert_id))}


def _life(row: Any, happened: list[Any], paged_at: datetime | None) -> Stored:
    first = {each.kind: each.at for each in reversed(happened)}
    rings = [each.detail for each in happened if each.kind == "rang"]
    opened: Mapping[str, Any] = next((each.detail for each in happened if each.kind == "opened"), {})
    return Stored(
        tier=Tier.of(row.tier),
        opened_as=Tier.of(opened.get("tier", row.tier)),
        opened_at=row.opened_at,
        at_any_hour=row.at_any_hour,
        paged_at=paged_at,
        acknowledged_at=first.get("acknowledged"),
        called_at=first.get("called"),
        closed_at=row.closed_at,
        outcome=row.outcome,
        rings=tuple((frozenset(each.get("to", ())), bool(each.get("nobody"))) for each in rings),
    )
