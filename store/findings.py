"""Findings: what the rules saw, with the place in the text and the figures behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, insert, select

from rules.finding import Finding
from rules.tier import Tier
from store.database import Transaction
from store.ids import new_id
from store.schema import finding

_HAS = (
    select(finding.c.id)
    .where(finding.c.patient_id == bindparam("patient_id"), finding.c.rule == bindparam("rule"))
    .where(finding.c.at >= bindparam("since"))
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """A finding as it was stored, and when."""

    finding: Finding
    at: datetime


async def add(
    tx: Transaction,
    found: Sequence[Finding],
    *,
    now: datetime,
    patient_id: str | None,
    alert_id: str | None = None,
    inbox_id: str | None = None,
    checkin_id: str | None = None,
    ruleset: str | None = None,
) -> None:
    """Store findings; `ruleset` is the hash of the screening rules that made them."""
    rows = [
        {
            "id": new_id(),
            "patient_id": patient_id,
            "alert_id": alert_id,
            "inbox_id": inbox_id,
            "checkin_id": checkin_id,
            "rule": item.rule,
            "tier": item.tier.word,
            "span_start": item.span[0] if item.span else None,
            "span_end": item.span[1] if item.span else None,
            "detail": dict(item.detail),
            "ruleset": ruleset,
            "at": now,
        }
        for item in found
    ]
    if rows:
        await tx.execute(insert(finding), rows)


async def of_alert(tx: Transaction, alert_id: str) -> list[StoredFinding]:
    """The findings that an alert rests on, oldest first."""
    return await _all(tx, finding.c.alert_id == alert_id)


async def of_patient(tx: Transaction, patient_id: str) -> list[StoredFinding]:
    """Everything that was seen about a patient, oldest first."""
    return await _all(tx, finding.c.patient_id == patient_id)


async def gravest_on(tx: Transaction, inbox_id: str) -> Tier:
    """The highest tier that was found in an update."""
    rows = await tx.rows(select(finding.c.tier).where(finding.c.inbox_id == inbox_id))
    return max((Tier.of(row.tier) for row in rows), default=Tier.NONE)


async def last_at(tx: Transaction, patient_id: str, *tiers: Tier) -> datetime | None:
    """When a finding of one of these tiers was last stored for a patient."""
    query = select(func.max(finding.c.at)).where(
        finding.c.patient_id == patient_id, finding.c.tier.in_([tier.word for tier in tiers])
    )
    row = await tx.row(query)
    return row[0] if row else None


async def last_alarms(
    tx: Transaction, patient_ids: Collection[str], since: datetime, *, without: str
) -> dict[str, datetime]:
    """When an amber or red was last found for each patient since an instant, by a rule that does not start so."""
    query = (
        select(finding.c.patient_id, func.max(finding.c.at).label("at"))
        .where(finding.c.patient_id.in_(patient_ids), finding.c.at >= since)
        .where(finding.c.tier.in_(["amber", "red"]), finding.c.rule.not_like(f"{without}%"))
        .group_by(finding.c.patient_id)
    )
    return {row.patient_id: row.at for row in await tx.rows(query)}


async def has(tx: Transaction, patient_id: str, rule: str, since: datetime) -> bool:
    """Whether a rule has found something for a patient since an instant."""
    return await tx.row(_HAS, {"patient_id": patient_id, "rule": rule, "since": since}) is not None


async def _all(tx: Transaction, condition: ColumnElement[bool]) -> list[StoredFinding]:
    rows = await tx.rows(select(finding).where(condition).order_by(finding.c.at, finding.c.id))
    return [
        StoredFinding(
            finding=Finding(
                rule=row.rule,
                tier=Tier.of(row.tier),
                span=None if row.span_start is None else (row.span_start, row.span_end),
                detail=row.detail,
            ),
            at=row.at,
        )
        for row in rows
    ]
