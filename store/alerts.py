"""Alerts: one open at most for a person, owned by a clinician once acknowledged, closed with an outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, insert, select, true, update

from rules.tier import Tier
from store.counters import next_number
from store.database import Transaction
from store.ids import SYNTHETIC, AlertId, new_id
from store.keyring import CLINIC
from store.schema import alert, alert_event, fixed

OPEN_STATES = ("open", "acknowledged")
UNCLOSED = alert.c.state != fixed("closed")
REAL = alert.c.patient_id.is_distinct_from(SYNTHETIC)  # about somebody; the auditor's own stand in no list

_OF_ID = select(alert).where(alert.c.id == bindparam("id"))
_OF_NUMBER = select(alert).where(alert.c.number == bindparam("number"))
_OF_PATIENT = select(alert).where(alert.c.patient_id == bindparam("patient_id"), UNCLOSED)
_OF_STRANGER = select(alert).where(alert.c.stranger_id == bindparam("stranger_id"), UNCLOSED)
_WITH_OPEN = select(alert.c.patient_id).where(
    alert.c.patient_id.in_(bindparam("patient_ids", expanding=True)),
    alert.c.state == "open",
    alert.c.tier == bindparam("tier"),
)
_DUE = (
    select(alert.c.id)
    .where(UNCLOSED, alert.c.due_at <= bindparam("now"))
    .order_by(alert.c.tier.desc(), alert.c.due_at)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(func.min(alert.c.due_at)).where(UNCLOSED, alert.c.due_at > bindparam("after"))
_CHANGE = update(alert).where(alert.c.id == bindparam("which"))
_CHANGE_IF = _CHANGE.where(alert.c.state == bindparam("was"))
_CLOSING_BY = select(alert).where(
    alert.c.closing_by == bindparam("member_id"),
    alert.c.state == "acknowledged",
    alert.c.closing_at >= bindparam("since"),
)
_ADD, _ADD_EVENT = insert(alert).returning(alert), insert(alert_event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert. `policy` is its ladder as it stood at the opening, `progress` how far it has climbed, both as JSON."""

    id: AlertId
    number: int
    patient_id: str | None
    stranger_id: int | None
    tier: Tier
    state: str
    opened_at: datetime
    at_any_hour: bool
    policy: Mapping[str, Any]
    progress: Mapping[str, Any]
    due_at: datetime | None
    owner_id: str | None
    acknowledged_at: datetime | None
    contacted_at: datetime | None
    closed_at: datetime | None
    outcome: str | None

    @property
    def alias(self) -> str:
        """How pages and the command line name the alert: A-17; T-17 one of the auditor's own."""
        return f"T-{-self.number}" if self.synthetic else f"A-{self.number}"

    @property
    def synthetic(self) -> bool:
        """Whether it is about no person, but the auditor's own."""
        return self.patient_id == SYNTHETIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """An alert for which somebody has pressed an outcome, so that only the sentence is wanting."""

    alert: Alert
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """Something that happened to an alert."""

    at: datetime
    kind: str
    staff_id: str | None
    detail: Mapping[str, Any]


async def add(
    tx: Transaction,
    *,
    patient_id: str | None,
    stranger_id: int | None,
    tier: Tier,
    at_any_hour: bool,
    policy: Mapping[str, Any],
    progress: Mapping[str, Any],
    due_at: datetime,
    now: datetime,
) -> Alert:
    """Open an alert."""
    alert_id = AlertId(new_id())
    synthetic = patient_id == SYNTHETIC
    values = {
        "id": alert_id,
        "number": -await next_number(tx, "synthetic-alert") if synthetic else await next_number(tx, "alert"),
        "patient_id": patient_id,
        "stranger_id": stranger_id,
        "tier": tier.word,
        "state": "open",
        "opened_at": now,
        "at_any_hour": at_any_hour,
        "policy": dict(policy),
        "progress": dict(progress),
        "due_at": due_at,
    }
    row = (await tx.rows(_ADD, values))[0]
    tx.wake("alert")
    return _alert(row)


async def get(tx: Transaction, alert_id: str, *, lock: bool = False) -> Alert | None:
    """The alert of an id; with `lock` nobody else changes it until this transaction ends."""
    return await _one(tx, _OF_ID, {"id": alert_id}, lock=lock)


async def by_number(tx: Transaction, number: int) -> Alert | None:
    """The alert of a number, as in A-17."""
    return await _one(tx, _OF_NUMBER, {"number": number})


async def unclosed_of(
    tx: Transaction, *, patient_id: str | None = None, stranger_id: int | None = None, lock: bool = False
) -> Alert | None:
    """The open or acknowledged alert about a person, if there is one."""
    if patient_id:
        return await _one(tx, _OF_PATIENT, {"patient_id": patient_id}, lock=lock)
    return await _one(tx, _OF_STRANGER, {"stranger_id": stranger_id}, lock=lock)


async def with_open(tx: Transaction, tier: Tier, patient_ids: Sequence[str]) -> set[str]:
    """Those of the given patients about whom an alert of a tier is open that nobody has acknowledged."""
    if not patient_ids:
        return set()
    rows = await tx.rows(_WITH_OPEN, {"patient_ids": list(patient_ids), "tier": tier.word})
    return {row.patient_id for row in rows}


async def last_of_stranger(tx: Transaction, stranger_id: int) -> Alert | None:
    """The latest alert about a person who is no patient."""
    row = await tx.row(select(alert).where(alert.c.stranger_id == stranger_id).order_by(alert.c.opened_at.desc()))
    return None if row is None else _alert(row)


async def of_patient(tx: Transaction, patient_id: str) -> list[Alert]:
    """A patient's alerts, oldest first."""
    return await _all(tx, alert.c.patient_id == patient_id)


async def every(tx: Transaction, *states: str) -> list[Alert]:
    """Alerts in any of the given states (all, if none is given), oldest first."""
    return await _all(tx, and_(REAL, alert.c.state.in_(states) if states else true()))


async def due(tx: Transaction, now: datetime, limit: int) -> list[AlertId]:
    """Alerts at which the ladder must look, red ones first."""
    return [row.id for row in await tx.rows(_DUE, {"now": now, "most": limit})]


async def change(tx: Transaction, alert_id: str, **values: Any) -> None:
    """Set columns of an alert; waking the ladder is the caller's business."""
    await tx.execute(_CHANGE, {"which": alert_id, **values})


async def change_if(tx: Transaction, alert_id: str, was: str, /, **values: Any) -> bool:
    """Set columns of an alert that is still in a state; False when another was faster."""
    return (await tx.execute(_CHANGE_IF, {"which": alert_id, "was": was, **values})).rowcount == 1


async def look_again(tx: Transaction, now: datetime) -> None:
    """Let the ladder look at every alert that it has yet to see to: somebody has left, or can be reached no more."""
    await tx.execute(update(alert).where(UNCLOSED, alert.c.due_at > now).values(due_at=now))
    tx.wake("alert")


async def begin_closing(tx: Transaction, alert_id: str, member_id: str, outcome: str, now: datetime) -> None:
    """Note that a member has pressed an outcome; the latest such alert is what their next sentence is about."""
    await tx.execute(update(alert).where(alert.c.closing_by == member_id).values(closing_by=None))
    await change(tx, alert_id, closing_by=member_id, closing_as=outcome, closing_at=now)


async def closing_by(tx: Transaction, member_id: str, since: datetime) -> Closing | None:
    """The alert for which a member has pressed an outcome since an instant and not yet written the sentence."""
    row = await tx.row(_CLOSING_BY, {"member_id": member_id, "since": since})
    return Closing(alert=_alert(row), outcome=row.closing_as) if row else None


async def write_note(tx: Transaction, closed: Alert, note: str) -> None:
    """Seal and store the sentence with which an alert was closed; one of an earlier close stays above it."""
    earlier = await note_of(tx, closed.id)
    text = f"{earlier}\n{note}" if earlier else note
    sealed = await tx.seal(closed.patient_id or CLINIC, _place(closed.id), text)
    await change(tx, closed.id, note=sealed, closing_by=None)


async def note_of(tx: Transaction, alert_id: str) -> str | None:
    """The sentences with which an alert was closed, for a reveal that the caller logs."""
    row = await tx.row(select(alert.c.note).where(alert.c.id == alert_id))
    return await tx.open(_place(alert_id), row.note) if row and row.note else None


async def add_event(
    tx: Transaction,
    alert_id: str,
    kind: str,
    now: datetime,
    *,
    staff_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append what happened."""
    values = {
        "id": new_id(),
        "alert_id": alert_id,
        "at": now,
        "kind": kind,
        "staff_id": staff_id,
        "detail": dict(detail or {}),
    }
    await tx.execute(_ADD_EVENT, values)


async def events(tx: Transaction, alert_id: str) -> list[AlertEvent]:
    """What happened to an alert, oldest first."""
    query = select(alert_event).where(alert_event.c.alert_id == alert_id).order_by(alert_event.c.at, alert_event.c.id)
    return [
        AlertEvent(at=row.at, kind=row.kind, staff_id=row.staff_id, detail=row.detail) for row in await tx.rows(query)
    ]


async def next_due_at(tx: Transaction, after: datetime) -> datetime | None:
    """When the ladder must look at any alert next, after an instant."""
    row = await tx.row(_NEXT_DUE, {"after": after})
    return row[0] if row else None


async def _one(tx: Transaction, query: Select[Any], values: Mapping[str, Any], *, lock: bool = False) -> Alert | None:
    # On SQLite the one writer holds everything, and a query that was written once is quicker.
    locking = lock and tx.dialect != "sqlite"
    row = await tx.row(query.with_for_update(key_share=True) if locking else query, values)
    return None if row is None else _alert(row)


async def _all(tx: Transaction, condition: ColumnElement[bool]) -> list[Alert]:
    return [_alert(row) for row in await tx.rows(select(alert).where(condition).order_by(alert.c.number))]


def _alert(row: Any) -> Alert:
    return Alert(
        id=row.id,
        number=row.number,
        patient_id=row.patient_id,
        stranger_id=row.stranger_id,
        tier=Tier.of(row.tier),
        state=row.state,
        opened_at=row.opened_at,
        at_any_hour=row.at_any_hour,
        policy=row.policy,
        progress=row.progress,
        due_at=row.due_at,
        owner_id=row.owner_id,
        acknowledged_at=row.acknowledged_at,
        contacted_at=row.contacted_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
    )


def _place(alert_id: str) -> str:
    return f"alert.note:{alert_id}"
