"""Who owns an alert: acknowledged by one, contacted, handed over, closed with an outcome, reopened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rules import ladder
from rules.lifecycle import OUTCOMES
from rules.permissions import Refused as NotAllowed
from rules.tier import Tier
from services import alerting, oncall, pages
from services.clinic import Clinic
from services.errors import Refused
from services.outgoing import to_patient, to_staff
from services.turn import Said, Turn
from store import alerts, failpoints, outbox, patients, staff
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
    tx: Transaction, alert: Alert, member: Member | None, outcome: str, note: str | None, now: datetime
) -> None:
    """Close an acknowledged alert with an outcome. Raises Refused."""
    if outcome not in OUTCOMES:
        raise Refused(f"There is no outcome {outcome!r}.", f"use one of: {', '.join(OUTCOMES)}")
    if alert.state == "closed":
        raise Refused(f"{alert.alias} is closed already.", "`fortnight alert show` tells how")
    if alert.state == "open":
        raise Refused(f"Nobody has acknowledged {alert.alias} yet.", "`fortnight alert acknowledge` it first")
    closed: dict[str, Any] = {"state": "closed", "closed_at": now, "outcome": outcome, "due_at": None}
    if not await alerts.change_if(tx, alert.id, "acknowledged", **closed):
        raise Refused(f"{alert.alias} rings again: something new came in.", "look, and acknowledge it once more")
    after = await _again(tx, alert.id)
    if note:
        await alerts.write_note(tx, after, note)
    actor = f"staff:{member.id}" if member else "cli"
    staff_id = member.id if member else None
    await alerting.note(tx, after, "closed", actor, now, staff_id=staff_id, detail={"outcome": outcome})
    await pages.show_everywhere(tx, after, now)
    await _tell_patient(tx, after, "closed", now)


async def reopen(clinic: Clinic, tx: Transaction, alert: Alert, actor: str, now: datetime) -> None:
    """Open a closed alert again: a new round at its owner's level. Raises Refused."""
    if alert.state != "closed":
        raise Refused(f"{alert.alias} is not closed.", "see `fortnight alert list`")
    standing = await alerts.unclosed_of(tx, patient_id=alert.patient_id, stranger_id=alert.stranger_id)
    if standing is not None:
        raise Refused(f"{standing.alias} is open for the same person.", f"go on with {standing.alias}")
    reach = await oncall.reach(tx, now)
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


async def acknowledge_pressed(turn: Turn, alert_id: str) -> Said:
    """The button *Acknowledge*."""
    alert, member = await _allowed(turn, alert_id, "acknowledge-alert")
    if isinstance(alert, Said):
        return alert
    if await acknowledge(turn.clinic, turn.tx, alert, member, turn.now):
        return Said(code="acknowledged")
    after = await _again(turn.tx, alert.id)
    if after.state == "closed":
        return Said(code="gone")
    if after.owner_id == member.id:
        return Said(code="yours")
    owner = await _name(turn.tx, after.owner_id)
    told = to_staff(member, "reply", "taken-by-other", alert=after.alias, owner=owner)
    await outbox.queue(turn.tx, [told], turn.now)
    await pages.show_everywhere(turn.tx, after, turn.now)
    return Said(code="taken", values={"owner": owner})


async def called_pressed(turn: Turn, alert_id: str) -> Said:
    """The button *Called the patient*."""
    alert, member = await _allowed(turn, alert_id, "acknowledge-alert")
    if isinstance(alert, Said):
        return alert
    if alert.state != "acknowledged":
        return Said(code="first_acknowledge" if alert.state == "open" else "gone")
    await record_contact(turn.clinic, turn.tx, alert, member, turn.now)
    return Said(code="called")


async def choose_outcome(turn: Turn, alert_id: str) -> Said | None:
    """The button *Close with outcome*: the outcomes to choose from, in place of the page."""
    alert, member = await _allowed(turn, alert_id, "close-alert")
    if isinstance(alert, Said):
        return alert
    if alert.state != "acknowledged":
        return Said(code="first_acknowledge" if alert.state == "open" else "gone")
    params: dict[str, Any] = {"alert": alert.alias, "row": alert.id}
    draft = to_staff(member, "reply", "outcomes", **params)
    await outbox.queue(turn.tx, [draft], turn.now)
    return None


async def close_pressed(turn: Turn, alert_id: str, outcome: str) -> Said:
    """One of the outcomes."""
    alert, member = await _allowed(turn, alert_id, "close-alert")
    if isinstance(alert, Said):
        return alert
    try:
        await close(turn.tx, alert, member, outcome, None, turn.now)
    except Refused:
        return Said(code="first_acknowledge" if alert.state == "open" else "gone")
    return Said(code="closed")


async def reopen_pressed(turn: Turn, alert_id: str) -> Said | None:
    """The button *Reopen*."""
    alert, member = await _allowed(turn, alert_id, "close-alert")
    if isinstance(alert, Said):
        return alert
    try:
        await reopen(turn.clinic, turn.tx, alert, f"staff:{member.id}", turn.now)
    except Refused:
        return Said(code="gone")
    return None


async def choose_successor(turn: Turn, alert_id: str) -> Said | None:
    """The button *Hand over*: colleagues to choose from."""
    alert, member = await _allowed(turn, alert_id, "hand-over")
    if isinstance(alert, Said):
        return alert
    reach = await oncall.reach(turn.tx, turn.now)
    colleagues: list[dict[str, Any]] = []
    for person in reach.everyone:
        colleague = await staff.get(turn.tx, person)
        if colleague is not None and colleague.id != member.id and colleague.reachable:
            colleagues.append({"name": colleague.name, "number": colleague.number})
    params: dict[str, Any] = {"alert": alert.alias, "row": alert.id, "colleagues": colleagues}
    await outbox.queue(turn.tx, [to_staff(member, "reply", "hand-over-ask", **params)], turn.now)
    return None


async def offer(turn: Turn, alert_id: str, number: int) -> Said:
    """A colleague was chosen: ask them. The alert stays with its owner, or with nobody, until they accept."""
    alert, member = await _allowed(turn, alert_id, "hand-over")
    if isinstance(alert, Said):
        return alert
    colleague = await staff.by_number(turn.tx, number)
    if colleague is None or not colleague.reachable:
        return Said(code="refused")
    params = {**await pages.params_of(turn.tx, alert), "owner": member.name}
    draft = to_staff(colleague, "page", "hand-over-offer", **params)
    await outbox.queue(turn.tx, [draft], turn.now)
    detail = {"to": colleague.id}
    await alerting.note(turn.tx, alert, "offered", f"staff:{member.id}", turn.now, staff_id=member.id, detail=detail)
    return Said(code="handed")


async def accept(turn: Turn, alert_id: str) -> Said:
    """The colleague takes it: the alert is theirs, the one who offered it is told."""
    alert, member = await alerts.get(turn.tx, alert_id), turn.member
    if alert is None or member is None:
        return Said(code="gone")
    offers = [event for event in await alerts.events(turn.tx, alert.id) if event.kind == "offered"]
    if not any(event.detail.get("to") == member.id for event in offers):
        return Said(code="refused")
    if alert.state == "closed":
        return Said(code="gone")
    await hand_over(turn.clinic, turn.tx, alert, member, f"staff:{member.id}", turn.now)
    giver = await staff.get(turn.tx, offers[-1].staff_id or "")
    if giver is not None:
        told = to_staff(giver, "reply", "hand-over-done", owner=member.name, alert=alert.alias)
        await outbox.queue(turn.tx, [told], turn.now)
    return Said(code="acknowledged")


async def hand_over(clinic: Clinic, tx: Transaction, alert: Alert, to: Member, actor: str, now: datetime) -> None:
    """Make somebody else the owner; an open alert is acknowledged by it."""
    progress = ladder.progress_to_mapping(ladder.acknowledged(alerting.progress_of(alert), now))
    values: dict[str, Any] = {"owner_id": to.id, "acknowledged_at": now, "due_at": now, "progress": progress}
    if not await alerts.change_if(tx, alert.id, "acknowledged", **values):
        await acknowledge(clinic, tx, alert, to, now, actor=actor)
        return
    after = await _again(tx, alert.id)
    await alerting.note(tx, after, "handed-over", actor, now, staff_id=to.id)
    await alerting.climb(clinic, tx, alert.id, now)
    await pages.show_everywhere(tx, after, now)


async def _allowed(turn: Turn, alert_id: str, action: str) -> tuple[Alert, Member] | tuple[Said, Member]:
    """The alert and the member, or what to answer somebody who may not."""
    alert, member = await alerts.get(turn.tx, alert_id, lock=True), turn.member
    assert member is not None  # noqa: S101 - the router gives these buttons to staff only
    if alert is None:
        return Said(code="gone"), member
    verdict = await oncall.may_press(turn.clinic, turn.tx, member, action, alert, turn.now)
    if isinstance(verdict, NotAllowed):
        detail = {"action": action, "reason": verdict.reason}
        await alerting.note(
            turn.tx, alert, "press-refused", f"staff:{member.id}", turn.now, staff_id=member.id, detail=detail
        )
        return Said(code="refused"), member
    return alert, member


async def _tell_seen(tx: Transaction, alert: Alert, now: datetime) -> None:
    """A human has seen it: said once an acknowledgement."""
    if alert.tier == Tier.RED:
        await _tell_patient(tx, alert, "seen", now)


async def _tell_patient(tx: Transaction, alert: Alert, kind: str, now: datetime) -> None:
    patient = await patients.get(tx, alert.patient_id) if alert.patient_id else None
    if patient is None or patient.chat_id is None or alert.tier < Tier.RED:
        return
    await outbox.queue(tx, [to_patient(patient, "crisis", kind, alert_id=alert.id)], now)


async def _name(tx: Transaction, member_id: str | None) -> str:
    member = await staff.get(tx, member_id) if member_id else None
    return member.name if member else "–"


async def _again(tx: Transaction, alert_id: str) -> Alert:
    alert = await alerts.get(tx, alert_id)
    assert alert is not None  # noqa: S101 - alerts are never deleted
    return alert
