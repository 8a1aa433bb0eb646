"""Pages: what clinicians get about an alert, rung by the ladder, edited in place while the alert's state changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rules import ladder
from rules.permissions import Refused
from rules.tier import Tier
from services import oncall
from services.clinic import Clinic
from services.outgoing import to_patient, to_staff
from services.turn import Said, Turn, not_theirs
from store import alerts, findings, outbox, paging, patients, staff
from store.alerts import Alert
from store.database import Transaction
from store.ids import SYNTHETIC_CHAT, OutboxId
from store.outbox import Draft
from store.staff import Member

REASONS = (  # the kind of reason that a page shows, by the start of the rule's name; the first that fits
    ("asked-for-help", "asked-for-help"),
    ("call-me", "call-me"),
    ("emergency", "emergency"),
    ("unreadable", "unreadable"),
    ("relative", "relative"),
    ("silence", "silence"),
    ("missed", "silence"),
    ("blocked", "blocked"),
    ("phq9", "phq9"),
    ("item9", "phq9"),
    ("mood", "mood"),
    ("settle", "side-effects"),
    ("side-effects", "side-effects"),
    ("bladder", "side-effects"),
    ("asq", "safety-question"),
    ("safety", "safety-question"),
    ("gentle", "safety-question"),
)


async def ring(
    clinic: Clinic,
    tx: Transaction,
    alert: Alert,
    decision: ladder.Decision,
    now: datetime,
    *,
    new: Sequence[str],
    why: str,
) -> None:
    """Queue the pages of one ring: to those whom the ladder leads to, and through the second channel."""
    if not decision.page and not decision.second_channel and not decision.alarm_operator:
        return
    if alert.synthetic:
        await synthetic_page(tx, alert, now)
        return
    number = 1 + sum(event.kind == "rang" for event in await alerts.events(tx, alert.id))
    shown = {**await params_of(tx, alert, new), "owned": alert.state != "open"}
    shown |= {"why": why if number > 1 else "", "number": number}
    drafts: list[Draft] = []
    for member_id in sorted(decision.page):
        member = await staff.get(tx, member_id)
        if member is not None and member.chat_id is not None:
            drafts.append(to_staff(member, "page", "page", alert_id=alert.id, **shown))
    if decision.second_channel and clinic.second_channel:
        drafts.append(_second("nobody" if decision.alarm_operator else "page", alert))
    detail = {"to": sorted(decision.page), "nobody": decision.alarm_operator}
    await alerts.add_event(tx, alert.id, "rang", now, detail=detail)
    if decision.alarm_operator:
        tx.wake("nobody-reachable")
    await outbox.queue(tx, drafts, now)


async def synthetic_page(tx: Transaction, alert: Alert, now: datetime) -> None:
    """The page of the auditor's own alert: it goes the way of every page, up to the last step, where it is kept."""
    params = {**await params_of(tx, alert), "number": 1}
    page = Draft(lane="page", kind="page", chat_id=SYNTHETIC_CHAT, language="en", alert_id=alert.id, params=params)
    await alerts.add_event(tx, alert.id, "rang", now)
    await outbox.queue(tx, [page], now)


def _second(kind: str, alert: Alert) -> Draft:
    """A page through the second channel: alert and tier, no patient data at all."""
    return Draft(
        lane="page",
        kind="page",
        channel="second",
        chat_id=None,
        language="en",
        alert_id=alert.id,
        params={"second": kind, "alert": alert.alias, "tier": alert.tier.word},
    )


async def tell_the_truth(tx: Transaction, alert: Alert, now: datetime) -> None:
    """Tell the patient that nobody has been reached yet, with the lines to call."""
    patient = await patients.get(tx, alert.patient_id) if alert.patient_id else None
    if patient is None or patient.chat_id is None or alert.tier < Tier.RED:
        return
    await alerts.add_event(tx, alert.id, "told-truth", now)
    once, plan = f"truth:{alert.id}:{now.isoformat()}", await patients.plan_of(tx, patient.id)
    draft = to_patient(patient, "crisis", "not-reached", alert_id=alert.id, once=once, plan=plan)
    await outbox.queue(tx, [draft], now)


async def give_back(tx: Transaction, alert: Alert, giver: Member | None, to: Member | None, now: datetime) -> None:
    """Tell whoever offered an alert that it was not taken, so that it is still theirs to see to."""
    if giver is None or giver.chat_id is None or alert.state == "closed":
        return
    params: dict[str, Any] = {"alert": alert.alias, "row": alert.id, "colleague": to.name if to else ""}
    await outbox.queue(tx, [to_staff(giver, "page", "hand-over-back", **params)], now)


async def params_of(tx: Transaction, alert: Alert, new: Sequence[str] = ()) -> dict[str, Any]:
    """What a page shows: alert, tier, alias and kinds of reason, never the patient's words."""
    patient = await patients.get(tx, alert.patient_id) if alert.patient_id else None
    owner = await staff.get(tx, alert.owner_id) if alert.owner_id else None
    stored = [reason_of(item.finding.rule) for item in await findings.of_alert(tx, alert.id) if item.finding.tier >= 2]
    state, state_at = _shown_state(alert)
    return {
        "alert": alert.alias,
        "row": alert.id,
        "tier": alert.tier.word,
        "patient": patient.alias if patient else "–",
        "reasons": list(dict.fromkeys((*stored, *new))),
        "opened_at": alert.opened_at.isoformat(),
        "state": state,
        "state_at": state_at.isoformat() if state_at else None,
        "owner": owner.name if owner else "",
        "owner_id": alert.owner_id,
        "outcome": alert.outcome,
    }


def _shown_state(alert: Alert) -> tuple[str, datetime | None]:
    if alert.state == "acknowledged" and alert.contacted_at:
        return "contacted", alert.contacted_at
    return alert.state, {"acknowledged": alert.acknowledged_at, "closed": alert.closed_at}.get(alert.state)


async def show_everywhere(tx: Transaction, alert: Alert, now: datetime) -> None:
    """Edit the alert's page in every chat where it stands, so that each shows the state as it is."""
    params = await params_of(tx, alert)
    drafts = []
    for page in await paging.sent_pages(tx, alert.id):
        member = await staff.get(tx, page.staff_id)
        if member is not None:
            drafts.append(to_staff(member, "page", "page", alert_id=alert.id, edits=page.message_id, **params))
    await outbox.queue(tx, drafts, now)


async def fold_earlier(tx: Transaction, alert: Alert, member_id: str, later: OutboxId, now: datetime) -> None:
    """Leave one message for an alert in a chat: the page that rang before points at the one that has rung now."""
    member, earlier = await staff.get(tx, member_id), await paging.page_before(tx, alert.id, member_id, later)
    if member is not None and earlier is not None:
        draft = to_staff(member, "page", "page-folded", alert_id=alert.id, edits=earlier, alert=alert.alias)
        await outbox.queue(tx, [draft], now)


async def show_page(turn: Turn, alert_id: str, *, in_place: bool = False) -> Said | None:
    """Send the alert as it stands to a clinician who asks for it, or put it back in place of what they pressed."""
    alert = await alerts.get(turn.tx, alert_id)
    if alert is None or turn.member is None:
        return Said(code="gone")
    verdict = await oncall.may_press(turn.clinic, turn.tx, turn.member, "acknowledge-alert", alert, turn.now)
    if isinstance(verdict, Refused):
        return not_theirs(verdict)
    edits = turn.incoming.message_id if in_place else None
    params = {**await params_of(turn.tx, alert), "owned": True}
    await outbox.queue(
        turn.tx, [to_staff(turn.member, "page", "page", alert_id=alert.id, edits=edits, **params)], turn.now
    )
    return None


def reason_of(rule: str) -> str:
    """The kind of reason that a page shows for a rule."""
    return next((code for start, code in REASONS if rule.startswith(start)), "free-text")
