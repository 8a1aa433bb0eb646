"""Alerts: opened or joined in the transaction of the answer that caused them, with the first page already queued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules import ladder
from rules.finding import Finding
from rules.permissions import Refused
from rules.tier import Tier
from services import oncall
from services.clinic import Clinic
from services.outgoing import to_patient, to_staff
from services.turn import Said, Turn
from store import alerts, audit, findings, outbox, patients, staff
from store.alerts import Alert
from store.database import Transaction
from store.outbox import Draft
from store.patients import Patient
from store.staff import Member

AT_ANY_HOUR = ("unsafe", "relative")  # always at once, out of hours too (clinical.md, "Tiers and clocks")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom an alert is about: a patient, or a Telegram user whom the clinic does not know."""

    patient: Patient | None = None
    stranger_id: int | None = None

    @property
    def patient_id(self) -> str | None:
        """The patient's id, if it is one."""
        return self.patient.id if self.patient else None


async def open_or_join(
    clinic: Clinic, tx: Transaction, person: Person, found: Sequence[Finding], now: datetime
) -> Alert:
    """The alert for these findings: the person's unclosed one, joined, or a new one; its next page is queued here."""
    tier = max(finding.tier for finding in found)
    await tx.lock(f"alert:{person.patient_id or person.stranger_id}")
    standing = await alerts.unclosed_of(tx, patient_id=person.patient_id, stranger_id=person.stranger_id)
    if standing is None:
        alert = await _open(clinic, tx, person, tier, found, now)
    else:
        alert = await _join(clinic, tx, standing, tier, found, now)
    await climb(clinic, tx, alert.id, now, new=[reason_of(finding.rule) for finding in found])
    return alert


async def _open(
    clinic: Clinic, tx: Transaction, person: Person, tier: Tier, found: Sequence[Finding], now: datetime
) -> Alert:
    at_any_hour = _at_any_hour(found)
    progress = ladder.opened(tier, now=now, hours=clinic.hours, at_any_hour=at_any_hour)
    alert = await alerts.add(
        tx,
        patient_id=person.patient_id,
        stranger_id=person.stranger_id,
        tier=tier,
        at_any_hour=at_any_hour,
        policy=ladder.to_mapping(clinic.ladders[tier]),
        progress=ladder.progress_to_mapping(progress),
        due_at=progress.round_started_at,
        now=now,
    )
    await note(tx, alert, "opened", "engine", now, detail={"tier": tier.word})
    return alert


async def _join(
    clinic: Clinic, tx: Transaction, alert: Alert, tier: Tier, found: Sequence[Finding], now: datetime
) -> Alert:
    """A later finding joins; a red one rings again, even when acknowledged, and turns an amber alert red."""
    await alerts.add_event(tx, alert.id, "joined", now, detail={"tier": tier.word})
    if tier < Tier.RED:
        return alert
    was, policy = alert.tier, alert.policy if alert.tier is Tier.RED else ladder.to_mapping(clinic.ladders[Tier.RED])
    reach = await oncall.reach(tx, now)
    progress = ladder.joined(await facts_of(tx, alert), ladder.parse(policy), reach, now, was=was)
    values: dict[str, Any] = {"tier": Tier.RED.word, "policy": policy, "due_at": now}
    values["progress"] = ladder.progress_to_mapping(progress)
    if progress.answered_at is None:
        values |= {"state": "open", "acknowledged_at": None, "contacted_at": None}
    if was is not Tier.RED or alert.state == "acknowledged":
        await note(tx, alert, "rings-again", "engine", now, detail={"tier": "red"})
    await alerts.change(tx, alert.id, **values)
    return await _again(tx, alert.id)


def _at_any_hour(found: Sequence[Finding]) -> bool:
    return any(finding.rule.startswith(AT_ANY_HOUR) for finding in found)


async def facts_of(tx: Transaction, alert: Alert) -> ladder.AlertFacts:
    """An alert as the ladder sees it; staff go by their aliases, as in the configuration."""
    owner = await staff.get(tx, alert.owner_id) if alert.owner_id else None
    return ladder.AlertFacts(
        tier=alert.tier,
        state=alert.state,
        progress=ladder.progress_of(alert.progress),
        owner=owner.alias if owner else None,
        at_any_hour=alert.at_any_hour,
    )


async def climb(clinic: Clinic, tx: Transaction, alert_id: str, now: datetime, *, new: Sequence[str] = ()) -> None:
    """One look of the ladder at an alert: pages queued, progress and next look stored."""
    alert = await _again(tx, alert_id)
    facts, reach = await facts_of(tx, alert), await oncall.reach(tx, now)
    decision = ladder.next_step(facts, ladder.parse(alert.policy), reach, now, clinic.hours)
    values: dict[str, Any] = {
        "progress": ladder.progress_to_mapping(decision.progress),
        "due_at": decision.due_at,
    }
    forgotten = alert.state == "acknowledged" and decision.progress.answered_at is None
    if forgotten:
        values |= {"state": "open", "acknowledged_at": None}
        await note(tx, alert, "forgotten", "engine", now)
    await alerts.change(tx, alert.id, **values)
    after = await _again(tx, alert.id)
    why = "forgotten" if forgotten else "remind" if decision.remind_owner else "worse" if new else "again"
    first = facts.progress.last_ring_at is None and not forgotten and not decision.remind_owner
    await _ring(clinic, tx, after, decision, now, new, "" if first else why)
    if decision.tell_patient:
        await _tell_the_truth(tx, after, now)


async def _ring(
    clinic: Clinic,
    tx: Transaction,
    alert: Alert,
    decision: ladder.Decision,
    now: datetime,
    new: Sequence[str],
    why: str,
) -> None:
    if not decision.page and not decision.second_channel and not decision.alarm_operator:
        return
    shown = {**await page_params(tx, alert, new), "why": why, "owned": alert.state != "open"}
    shown["number"] = 1 + sum(event.kind == "rang" for event in await alerts.events(tx, alert.id))
    drafts: list[Draft] = []
    for alias in sorted(decision.page):
        member = await staff.by_number(tx, int(alias.removeprefix("S-")))
        if member is not None and member.chat_id is not None:
            drafts.append(to_staff(member, "page", "page", alert_id=alert.id, **shown))
    if decision.second_channel and clinic.second_channel:
        drafts.append(_second("nobody" if decision.alarm_operator else "page", alert))
    detail = {"to": sorted(decision.page), "nobody": decision.alarm_operator}
    await alerts.add_event(tx, alert.id, "rang", now, detail=detail)
    if decision.alarm_operator:
        tx.wake("nobody-reachable")
    await outbox.queue(tx, drafts, now)


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


async def _tell_the_truth(tx: Transaction, alert: Alert, now: datetime) -> None:
    """Tell the patient that nobody has been reached yet, with the lines to call."""
    patient = await patients.get(tx, alert.patient_id) if alert.patient_id else None
    if patient is None or patient.chat_id is None or alert.tier < Tier.RED:
        return
    await alerts.add_event(tx, alert.id, "told-truth", now)
    draft = to_patient(patient, "crisis", "not-reached", alert_id=alert.id, once=f"truth:{alert.id}")
    await outbox.queue(tx, [draft], now)


async def page_params(tx: Transaction, alert: Alert, new: Sequence[str] = ()) -> dict[str, Any]:
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
        "outcome": alert.outcome,
    }


def _shown_state(alert: Alert) -> tuple[str, datetime | None]:
    if alert.state == "acknowledged" and alert.contacted_at:
        return "contacted", alert.contacted_at
    return alert.state, {"acknowledged": alert.acknowledged_at, "closed": alert.closed_at}.get(alert.state)


async def show_everywhere(tx: Transaction, alert: Alert, now: datetime) -> None:
    """Edit the alert's page in every chat where it stands, so that each shows the state as it is."""
    params = await page_params(tx, alert)
    drafts = []
    for page in await outbox.sent_pages(tx, alert.id):
        member = await staff.get(tx, page.staff_id)
        if member is not None:
            drafts.append(to_staff(member, "page", "page", alert_id=alert.id, edits=page.message_id, **params))
    await outbox.queue(tx, drafts, now)


async def show_page(turn: Turn, alert_id: str) -> Said | None:
    """Send the alert as it stands to a clinician who asks for it."""
    alert = await alerts.get(turn.tx, alert_id)
    if alert is None or turn.member is None:
        return Said(code="gone")
    verdict = await oncall.may_press(turn.clinic, turn.tx, turn.member, "acknowledge-alert", alert, turn.now)
    if isinstance(verdict, Refused):
        return Said(code="refused")
    await _send_shown(turn.tx, turn.member, alert, turn.now)
    return None


async def _send_shown(tx: Transaction, member: Member, alert: Alert, now: datetime) -> None:
    params = {**await page_params(tx, alert), "owned": True}
    await outbox.queue(tx, [to_staff(member, "page", "page", alert_id=alert.id, **params)], now)


async def note(
    tx: Transaction,
    alert: Alert,
    kind: str,
    actor: str,
    now: datetime,
    *,
    staff_id: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append an event to an alert, and a row to the audit."""
    await alerts.add_event(tx, alert.id, kind, now, staff_id=staff_id, detail=detail)
    await audit.record(
        tx,
        stream=audit.stream_of(alert.patient_id),
        actor=actor,
        action=f"alert-{kind}",
        subject=alert.alias,
        now=now,
        detail=detail,
    )


def reason_of(rule: str) -> str:
    """The kind of reason that a page shows for a rule."""
    return next((code for start, code in REASONS if rule.startswith(start)), "free-text")


async def _again(tx: Transaction, alert_id: str) -> Alert:
    alert = await alerts.get(tx, alert_id)
    assert alert is not None  # noqa: S101 - alerts are never deleted
    return alert
