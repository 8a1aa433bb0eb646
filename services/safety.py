"""What is done about a finding: the alert, the crisis reply in the same second, the gentle question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rules.finding import Finding
from rules.tier import Tier
from services import alerting, questions
from services.alerting import Person
from services.clinic import Clinic
from services.outgoing import to_patient
from services.turn import Turn
from store import alerts, checkins, courses, findings, outbox, patients
from store.database import Transaction
from store.outbox import Draft
from store.patients import Patient

REPLY_AGAIN = timedelta(minutes=1)  # a flood of red messages gets one crisis reply a minute, not one each
STRANGER_AGAIN = timedelta(hours=24)
STRANGER_REPLY = timedelta(hours=1)


async def heed(turn: Turn) -> None:
    """Act on what the screening saw in the raw update, before any routing and whatever conversation is going on."""
    found = [finding for screening in turn.screenings for finding in screening.findings]
    if turn.patient is not None and turn.incoming.media not in (None, "sticker"):
        found.append(await _unreadable(turn, turn.patient))
    found = [finding for finding in found if finding.tier > Tier.NONE]
    if not found:
        return
    ruleset = turn.screenings[0].ruleset if turn.screenings else None
    if turn.patient is not None:
        emergency = any(screening.emergency for screening in turn.screenings)
        await act(
            turn.clinic,
            turn.tx,
            turn.patient,
            found,
            now=turn.now,
            inbox_id=turn.inbox_id,
            ruleset=ruleset,
            emergency=emergency,
        )
    else:
        await _heed_stranger(turn, found, ruleset)
    turn.replied = max(finding.tier for finding in found) >= Tier.RED


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
    ask: bool = True,
) -> None:
    """Store findings; open or join the alert; answer the patient: the crisis reply on red, a question on the rest."""
    tier = max((finding.tier for finding in found), default=Tier.NONE)
    if tier == Tier.NONE:
        return
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
    if tier == Tier.RED:
        await reply_to_red(clinic, tx, patient, now, emergency=emergency, alert_id=alert_id)
    elif ask:
        await questions.ask_gently(clinic, tx, patient, tier, found, now)


async def reply_to_red(
    clinic: Clinic, tx: Transaction, patient: Patient, now: datetime, *, emergency: bool, alert_id: str | None
) -> None:
    """Queue the crisis reply: also out of hours, after the course, after opting out."""
    if patient.chat_id is None:
        return
    bucket = int(now.timestamp() // REPLY_AGAIN.total_seconds())
    draft = to_patient(
        patient,
        "crisis",
        "crisis",
        alert_id=alert_id,
        once=f"crisis:{patient.id}:{emergency}:{bucket}",
        covered=clinic.hours.is_open(now),
        emergency=emergency,
        plan=await patients.plan_of(tx, patient.id),
    )
    await outbox.queue(tx, [draft], now)


async def _unreadable(turn: Turn, patient: Patient) -> Finding:
    """A voice note, a photo: it cannot be read, so a human is told; amber in a course, for the digest outside one."""
    in_course = await courses.active_of(turn.tx, patient.id)
    tier = Tier.AMBER if in_course else Tier.NOTE
    return Finding(rule="unreadable-media", tier=tier, detail={"media": turn.incoming.media})


async def _heed_stranger(turn: Turn, found: Sequence[Finding], ruleset: str | None) -> None:
    """Somebody without a link, or a staff member: crisis text to them, and an alert without a patient, once a day."""
    tier, user_id = max(finding.tier for finding in found), turn.incoming.user_id
    if tier < Tier.RED or user_id is None:
        await findings.add(turn.tx, found, now=turn.now, patient_id=None, inbox_id=turn.inbox_id, ruleset=ruleset)
        return
    told = turn.clinic.strangers == "page"
    alert_id = None
    if told:
        last = await alerts.last_of_stranger(turn.tx, user_id)
        if last is None or last.state != "closed" or last.opened_at <= turn.now - STRANGER_AGAIN:
            alert = await alerting.open_or_join(turn.clinic, turn.tx, Person(stranger_id=user_id), found, turn.now)
            alert_id = alert.id
    await findings.add(
        turn.tx,
        found,
        now=turn.now,
        patient_id=None,
        alert_id=alert_id,
        inbox_id=turn.inbox_id,
        ruleset=ruleset,
    )
    if turn.incoming.private:
        await _reply_to_stranger(turn, user_id, told=told)


async def _reply_to_stranger(turn: Turn, user_id: int, *, told: bool) -> None:
    bucket = int(turn.now.timestamp() // STRANGER_REPLY.total_seconds())
    draft = Draft(
        lane="crisis",
        kind="stranger-crisis",
        chat_id=turn.incoming.chat_id,
        language="es" if turn.incoming.language.startswith("es") else "en",
        params={"told": told},
        once=f"stranger:{user_id}:{bucket}",
    )
    await outbox.queue(turn.tx, [draft], turn.now)


async def ask_for_help(turn: Turn, patient: Patient) -> None:
    """`/now`: red at once, whatever else is going on."""
    found = [Finding(rule="asked-for-help", tier=Tier.RED)]
    await act(turn.clinic, turn.tx, patient, found, now=turn.now, inbox_id=turn.inbox_id)
    turn.replied = True


async def ask_for_call(turn: Turn, patient: Patient) -> None:
    """The call-me button: asks for nothing twice, and opens the alert if none is open."""
    alert = await alerts.unclosed_of(turn.tx, patient_id=patient.id)
    events = await alerts.events(turn.tx, alert.id) if alert else []
    again = any(event.kind == "call-me" for event in events)
    if not again:
        found = [Finding(rule="call-me", tier=Tier.RED)]
        alert = await alerting.open_or_join(turn.clinic, turn.tx, Person(patient=patient), found, turn.now)
        await alerts.add_event(turn.tx, alert.id, "call-me", turn.now)
        await findings.add(turn.tx, found, now=turn.now, patient_id=patient.id, alert_id=alert.id)
    kind = "call-me-again" if again else "call-me-noted"
    await outbox.queue(turn.tx, [to_patient(patient, "crisis", kind, alert_id=alert.id if alert else None)], turn.now)


async def note_mistake(turn: Turn, patient: Patient) -> None:
    """"I tapped by mistake": a note for the clinician; a tier is never lowered by it."""
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


async def in_safety_conversation(tx: Transaction, patient_id: str) -> bool:
    """Whether a routine prompt must wait: a red alert that nobody has taken, or a safety question still open."""
    alert = await alerts.unclosed_of(tx, patient_id=patient_id)
    if alert is not None and alert.state == "open" and alert.tier == Tier.RED:
        return True
    return await checkins.safety_open(tx, patient_id)
