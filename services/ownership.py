"""Who owns an alert: acknowledged by one, contacted, handed over, closed with an outcome, reopened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rules import ladder
from rules.lifecycle import OUTCOMES
from rules.tier import Tier
from services import alerting, oncall, pages
from services.clinic import Clinic
from services.errors import Refused
from services.outgoing import to_patient
from store import alerts, failpoints, outbox, patients
from store.alerts import Alert
from store.database import Transaction
from store.staff import Member


async def acknowledge(
    clinic: Clinic, tx: Transaction, alert: Alert, member: Member, now: datetime, *, actor: str | None = None
) -> bool:
    """Make a member the owner; False when another was faster. The patient is told that a human has seen it.

    `actor` is who does it for the member, for the audit.
    """
    progress = ladder.acknowledged(alerting.progress_of(alert), now)
    taken = await alerts.change_if(
        tx,
        alert.id,
        "open",
        state="acknowledged",
        owner_id=member.id,
        acknowledged_at=now,
        contacted_at=None,
        closing_by=None,
        progress=ladder.progress_to_mapping(progress),
        due_at=now,
    )
    if not taken:
        return False
    after = await _again(tx, alert.id)
    await outbox.drop(tx, reason="acknowledged", alert_id=alert.id)
    await alerting.note(tx, after, "acknowledged", actor or f"staff:{member.id}", now, staff_id=member.id)
    await alerting.climb(clinic, tx, alert.id, now)
    await pages.show_everywhere(tx, after, now)
    await _tell_seen(tx, after, now)
    failpoints.reached("ack-handled")
    return True


async def record_contact(clinic: Clinic, tx: Transaction, alert: Alert, member: Member, now: datetime) -> None:
    """The patient was called. Raises Refused."""
    progress = ladder.progress_to_mapping(ladder.contacted(alerting.progress_of(alert), now))
    if not await alerts.change_if(tx, alert.id, "acknowledged", contacted_at=now, due_at=now, progress=progress):
        raise Refused(f"{alert.alias} is not acknowledged.", "`fortnight alert show` tells how it stands")
    after = await _again(tx, alert.id)
    await alerting.note(tx, after, "called", f"staff:{member.id}", now, staff_id=member.id)
    await alerting.climb(clinic, tx, alert.id, now)
    await pages.show_everywhere(tx, after, now)


async def close(
    tx: Transaction,
    alert: Alert,
    member: Member | None,
    outcome: str,
    note: str | None,
    now: datetime,
    *,
    actor: str = "cli",
) -> None:
    """Close an acknowledged alert with an outcome and a sentence; `actor` is whoever does it if no member does.

    Raises Refused.
    """
    if outcome not in OUTCOMES:
        raise Refused(f"There is no outcome {outcome!r}.", f"use one of: {', '.join(OUTCOMES)}")
    if alert.state == "closed":
        raise Refused(f"{alert.alias} is closed already.", "`fortnight alert show` tells how")
    if alert.state == "open":
        raise Refused(f"Nobody has acknowledged {alert.alias} yet.", "`fortnight alert acknowledge` it first")
    if not note or not note.strip():
        raise Refused("An alert is closed with a sentence for the record.", 'add one, such as --note "Spoke by phone."')
    closed: dict[str, Any] = {"state": "closed", "closed_at": now, "outcome": outcome, "due_at": None}
    if not await alerts.change_if(tx, alert.id, "acknowledged", **closed):
        raise Refused(f"{alert.alias} rings again: something new came in.", "look, and acknowledge it once more")
    after = await _again(tx, alert.id)
    await alerts.write_note(tx, after, note.strip())
    staff_id, by = (member.id, f"staff:{member.id}") if member else (None, actor)
    await alerting.note(tx, after, "closed", by, now, staff_id=staff_id, detail={"outcome": outcome})
    await pages.show_everywhere(tx, after, now)
    await _tell_patient(tx, after, "closed", now)


async def reopen(clinic: Clinic, tx: Transaction, alert: Alert, actor: str, now: datetime) -> None:
    """Open a closed alert again: a new round at its owner's level. Raises Refused."""
    if alert.state != "closed":
        raise Refused(f"{alert.alias} is not closed.", "see `fortnight alert list`")
    standing = await alerts.unclosed_of(tx, patient_id=alert.patient_id, stranger_id=alert.stranger_id)
    if standing is not None:
        raise Refused(f"{standing.alias} is open for the same person.", f"go on with {standing.alias}")
    reach = await oncall.reach(tx, now, about=alert.stranger_id)
    progress = ladder.restarted(alerting.facts_of(alert), alerting.ladder_of(clinic, alert), reach, now)
    await alerts.change(
        tx,
        alert.id,
        state="open",
        closed_at=None,
        outcome=None,
        acknowledged_at=None,
        contacted_at=None,
        progress=ladder.progress_to_mapping(progress),
        due_at=now,
    )
    after = await _again(tx, alert.id)
    await alerting.note(tx, after, "reopened", actor, now)
    await pages.show_everywhere(tx, after, now)
    await alerting.climb(clinic, tx, alert.id, now)


async def hand_over(clinic: Clinic, tx: Transaction, alert: Alert, to: Member, actor: str, now: datetime) -> None:
    """Make somebody else the owner; an open alert is acknowledged by it."""
    progress = ladder.progress_to_mapping(ladder.acknowledged(alerting.progress_of(alert), now))
    values: dict[str, Any] = {"owner_id": to.id, "acknowledged_at": now, "due_at": now, "progress": progress}
    values["closing_by"] = None
    if not await alerts.change_if(tx, alert.id, "acknowledged", **values):
        await acknowledge(clinic, tx, alert, to, now, actor=actor)
        return
    after = await _again(tx, alert.id)
    await alerting.note(tx, after, "handed-over", actor, now, staff_id=to.id)
    await alerting.climb(clinic, tx, alert.id, now)
    await pages.show_everywhere(tx, after, now)


async def _tell_seen(tx: Transaction, alert: Alert, now: datetime) -> None:
    """A human has seen it: said once an acknowledgement."""
    if alert.tier == Tier.RED:
        await _tell_patient(tx, alert, "seen", now)


async def _tell_patient(tx: Transaction, alert: Alert, kind: str, now: datetime) -> None:
    patient = await patients.get(tx, alert.patient_id) if alert.patient_id else None
    if patient is None or patient.chat_id is None or alert.tier < Tier.RED:
        return
    await outbox.queue(tx, [to_patient(patient, "crisis", kind, alert_id=alert.id)], now)


async def _again(tx: Transaction, alert_id: str) -> Alert:
    alert = await alerts.get(tx, alert_id)
    assert alert is not None  # noqa: S101 - alerts are never deleted
    return alert
