"""What is done about a finding: the alert, and the crisis reply in the same second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rules.finding import Finding
from rules.tier import Tier
from services import alerting
from services.alerting import Person
from services.clinic import Clinic
from services.outgoing import to_patient
from services.turn import Turn
from store import alerts, findings, outbox, patients
from store.database import Transaction
from store.patients import Patient

REPLY_AGAIN = timedelta(minutes=1)  # a flood of red messages gets one crisis reply a minute, not one each


async def act(
    clinic: Clinic,
    tx: Transaction,
    patient: Patient,
    found: Sequence[Finding],
    *,
    now: datetime,
    inbox_id: str | None = None,
    checkin_id: str | None = None,
    ruleset: str | None = None,
    emergency: bool = False,
) -> None:
    """Store findings; open or join the alert; on red the patient gets the crisis reply in the same transaction."""
    tier = max((finding.tier for finding in found), default=Tier.NONE)
    if tier == Tier.NONE:
        return
    if tier is Tier.RED:  # first of all, so that nothing said about the alert comes before it
        await reply_to_red(clinic, tx, patient, now, emergency=emergency)
    alert_id = None
    if tier >= Tier.AMBER:
        alert = await alerting.open_or_join(clinic, tx, Person(patient=patient), found, now)
        alert_id = alert.id
    await findings.add(
        tx,
        found,
        now=now,
        patient_id=patient.id,
        alert_id=alert_id,
        inbox_id=inbox_id,
        checkin_id=checkin_id,
        ruleset=ruleset,
    )


async def reply_to_red(clinic: Clinic, tx: Transaction, patient: Patient, now: datetime, *, emergency: bool) -> None:
    """Queue the crisis reply: also out of hours, after the course, after opting out."""
    if patient.chat_id is None:
        return
    bucket = int(now.timestamp() // REPLY_AGAIN.total_seconds())
    draft = to_patient(
        patient,
        "crisis",
        "crisis",
        once=f"crisis:{patient.id}:{emergency}:{bucket}",
        covered=clinic.hours.is_open(now),
        emergency=emergency,
        plan=await patients.plan_of(tx, patient.id),
    )
    await outbox.queue(tx, [draft], now)


async def ask_for_help(turn: Turn, patient: Patient) -> None:
    """`/now`: red at once, whatever else is going on."""
    found = [Finding(rule="asked-for-help", tier=Tier.RED)]
    await act(turn.clinic, turn.tx, patient, found, now=turn.now, inbox_id=turn.inbox_id)
    turn.replied = True


async def ask_for_call(turn: Turn, patient: Patient) -> None:
    """The call-me button: asks for nothing twice until they were called, and opens the alert if none is open."""
    alert = await alerts.unclosed_of(turn.tx, patient_id=patient.id)
    events = await alerts.events(turn.tx, alert.id) if alert else []
    since = alert.contacted_at if alert else None  # who was called, and asks once more, was not helped by that
    again = any(event.kind == "call-me" and (since is None or event.at > since) for event in events)
    if not again:
        found = [Finding(rule="call-me", tier=Tier.RED)]
        alert = await alerting.open_or_join(turn.clinic, turn.tx, Person(patient=patient), found, turn.now)
        await alerts.add_event(turn.tx, alert.id, "call-me", turn.now)
        await findings.add(turn.tx, found, now=turn.now, patient_id=patient.id, alert_id=alert.id)
    kind = "call-me-again" if again else "call-me-noted"
    await outbox.queue(turn.tx, [to_patient(patient, "crisis", kind, alert_id=alert.id if alert else None)], turn.now)


async def note_mistake(turn: Turn, patient: Patient) -> None:
    """ "I tapped by mistake": a note for the clinician; a tier is never lowered by it."""
    alert = await alerts.unclosed_of(turn.tx, patient_id=patient.id)
    if alert is not None:
        await alerts.add_event(turn.tx, alert.id, "mistake", turn.now)
    await findings.add(
        turn.tx,
        [Finding(rule="said-mistake", tier=Tier.NOTE)],
        now=turn.now,
        patient_id=patient.id,
        alert_id=alert.id if alert else None,
    )
    await outbox.queue(turn.tx, [to_patient(patient, "reply", "mistake-noted")], turn.now)
