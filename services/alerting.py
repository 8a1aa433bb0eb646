"""Alerts: opened or joined in the transaction of the answer that caused them, with the first page already queued."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rules import ladder
from rules.finding import Finding
from rules.tier import Tier
from services import oncall, pages, protocols
from services.clinic import Clinic
from store import alerts, audit, staff
from store.alerts import Alert
from store.database import Transaction
from store.patients import Patient

log = logging.getLogger(__name__)

AT_ANY_HOUR = ("unsafe", "relative")  # always at once, out of hours too (clinical.md, "Tiers and clocks")


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
    standing = await alerts.unclosed_of(tx, patient_id=person.patient_id, stranger_id=person.stranger_id, lock=True)
    if standing is None:
        alert = await _open(clinic, tx, person, tier, found, now)
    else:
        alert = await _join(clinic, tx, standing, tier, found, now)
    await _climb(clinic, tx, alert, now, new=[pages.reason_of(finding.rule) for finding in found])
    return alert


async def _open(
    clinic: Clinic, tx: Transaction, person: Person, tier: Tier, found: Sequence[Finding], now: datetime
) -> Alert:
    at_any_hour = _at_any_hour(found)
    progress = ladder.opened(tier, now=now, hours=clinic.hours, at_any_hour=at_any_hour)
    policy = await _ladder_for(clinic, tx, person.patient_id, tier)
    alert = await alerts.add(
        tx,
        patient_id=person.patient_id,
        stranger_id=person.stranger_id,
        tier=tier,
        at_any_hour=at_any_hour,
        policy=ladder.to_mapping(policy),
        progress=ladder.progress_to_mapping(progress),
        due_at=progress.round_started_at,
        now=now,
    )
    await note(tx, alert, "opened", "engine", now, detail={"tier": tier.word})
    return alert


async def _join(
    clinic: Clinic, tx: Transaction, alert: Alert, tier: Tier, found: Sequence[Finding], now: datetime
) -> Alert:
    """A later finding joins the alert that stands, so that a thousand messages are one alert.

    What cannot wait rings again, also when acknowledged. An ordinary amber does so only once the patient was contacted,
    for nobody would look otherwise; before that the alert's owner has yet to act anyway.
    """
    await alerts.add_event(tx, alert.id, "joined", now, detail={"tier": tier.word})
    if tier is Tier.RED or _at_any_hour(found):
        await _ring_at_once(clinic, tx, alert, tier, now)
    elif alert.contacted_at is not None:
        progress = ladder.opened(alert.tier, now=now, hours=clinic.hours, at_any_hour=alert.at_any_hour)
        await _reopen(tx, alert, progress, progress.round_started_at)
        await note(tx, alert, "rings-again", "engine", now, detail={"tier": tier.word})
    return await _again(tx, alert.id)


async def _ring_at_once(clinic: Clinic, tx: Transaction, alert: Alert, tier: Tier, now: datetime) -> None:
    """A new round if the alert gets graver by it or was answered; one ring more in the round that goes on otherwise."""
    facts, reach = facts_of(alert), await oncall.reach(tx, now, about=alert.stranger_id)
    graver = tier > alert.tier or not facts.presses
    higher = await _ladder_for(clinic, tx, alert.patient_id, tier) if tier > alert.tier else None
    climbing = higher or ladder_of(clinic, alert)
    progress = ladder.joined(facts, climbing, reach, now, was=Tier.AMBER if graver else Tier.RED)
    if graver or alert.state == "acknowledged":
        await note(tx, alert, "rings-again", "engine", now, detail={"tier": tier.word})
    await _reopen(
        tx,
        alert,
        progress,
        now,
        tier=max(tier, alert.tier).word,
        policy=ladder.to_mapping(climbing),
        at_any_hour=alert.at_any_hour or tier is Tier.AMBER,
    )


async def _reopen(tx: Transaction, alert: Alert, progress: ladder.Progress, due_at: datetime, **values: Any) -> None:
    """Nobody has taken it as it now is; its owner stays known, the new round starts with them."""
    values |= {"state": "open", "acknowledged_at": None, "contacted_at": None, "due_at": due_at}
    await alerts.change(tx, alert.id, progress=ladder.progress_to_mapping(progress), **values)


def _at_any_hour(found: Sequence[Finding]) -> bool:
    return any(finding.rule.startswith(AT_ANY_HOUR) for finding in found)


def facts_of(alert: Alert) -> ladder.AlertFacts:
    """An alert as the ladder sees it."""
    return ladder.AlertFacts(
        tier=alert.tier,
        state=alert.state,
        progress=progress_of(alert),
        owner=alert.owner_id,
        at_any_hour=alert.at_any_hour,
    )


def progress_of(alert: Alert) -> ladder.Progress:
    """How far the alert has climbed; what cannot be read starts a round afresh, for no alert may ever get stuck."""
    try:
        return ladder.progress_of(alert.progress)
    except (TypeError, ValueError):
        return ladder.Progress(round_started_at=alert.opened_at)


async def _ladder_for(clinic: Clinic, tx: Transaction, patient_id: str | None, tier: Tier) -> ladder.Ladder:
    """The ladder of the patient's protocol, or the clinic's; what cannot be read keeps nobody from being paged."""
    try:
        own = await protocols.ladder_of(tx, patient_id, tier) if patient_id else None
    except Exception as error:  # whatever is wrong with it, the clinic's own ladder stands
        log.error("a protocol", extra={"action": "protocol-broken", "patient": patient_id}, exc_info=error)
        own = None
    return own or clinic.ladders[tier]


def ladder_of(clinic: Clinic, alert: Alert) -> ladder.Ladder:
    """The ladder as it stood when the alert opened, the present one if that cannot be read."""
    try:
        return ladder.parse(alert.policy)
    except (TypeError, ValueError):
        return clinic.ladders[alert.tier]


async def climb(clinic: Clinic, tx: Transaction, alert_id: str, now: datetime) -> None:
    """One look of the ladder at an alert: pages queued, progress and next look stored."""
    alert = await alerts.get(tx, alert_id, lock=True)
    assert alert is not None  # noqa: S101 - alerts are never deleted
    await _climb(clinic, tx, alert, now, new=())


async def _climb(clinic: Clinic, tx: Transaction, alert: Alert, now: datetime, *, new: Sequence[str]) -> None:
    facts, reach = facts_of(alert), await oncall.reach(tx, now, about=alert.stranger_id)
    decision = ladder.next_step(facts, ladder_of(clinic, alert), reach, now, clinic.hours)
    values: dict[str, Any] = {
        "progress": ladder.progress_to_mapping(decision.progress),
        "due_at": decision.due_at,
    }
    forgotten = alert.state == "acknowledged" and decision.progress.answered_at is None
    if forgotten:
        values |= {"state": "open", "acknowledged_at": None}
        await note(tx, alert, "forgotten", "engine", now)
    await alerts.change(tx, alert.id, **values)
    after = replace(alert, **values)
    why = "forgotten" if forgotten else "remind" if decision.remind_owner else "worse" if new else "again"
    await pages.ring(clinic, tx, after, decision, now, new=new, why=why)
    if decision.came_back:
        await _give_back(tx, after, facts.progress, now)
    if decision.tell_patient:
        await pages.tell_the_truth(tx, after, now)


async def _give_back(tx: Transaction, alert: Alert, offer: ladder.Progress, now: datetime) -> None:
    """Nobody took what was offered: whoever offered it is told, loudly."""
    giver, to = await staff.get(tx, offer.offered_by or ""), await staff.get(tx, offer.offered_to or "")
    await note(tx, alert, "came-back", "engine", now)
    await pages.give_back(tx, alert, giver, to, now)


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


async def _again(tx: Transaction, alert_id: str) -> Alert:
    alert = await alerts.get(tx, alert_id)
    assert alert is not None  # noqa: S101 - alerts are never deleted
    return alert
