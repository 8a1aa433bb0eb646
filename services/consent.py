"""Consent: what the patient agreed to, in which version, being asked again for a new one, and taking it back."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from rules.local_time import Hours, next_allowed, to_local
from rules.schedule import DEFAULT_TIME
from services import questions, scheduling
from services.clinic import Clinic
from services.outgoing import to_patient
from services.turn import Turn
from store import audit, checkins, outbox, patients
from store.checkins import Checkin, NewCheckin
from store.database import Transaction
from store.patients import Patient

FIRST = "2026-11"  # what stood above buttons that carry no version yet
BASELINE = "baseline"
BASELINE_OPEN = timedelta(days=3)
QUIET = Hours(start=time(20), end=time(10))  # when nobody is asked again: by their own clock


async def give(turn: Turn, version: str) -> None:
    """The patient agrees to a version; at the first time prompts may go out from now on."""
    patient = turn.patient
    if patient is None or patient.state == "erased":
        return
    standing = await _standing(turn.tx, patient.id)
    if version != turn.clinic.consent_version:  # the button of an old message
        if turn.clinic.consent_version not in standing:
            kind = "consent-again" if standing else "consent"
            await outbox.queue(turn.tx, [to_patient(patient, "reply", kind)], turn.now)
        return
    if version in standing and patient.state in ("consented", "paused"):
        return
    await patients.add_consent(turn.tx, patient_id=patient.id, version=version, language=patient.language, now=turn.now)
    await _note(turn.tx, patient, "consent-given", version, turn.now)
    if patient.state in ("consented", "paused"):
        await outbox.queue(turn.tx, [to_patient(patient, "reply", "consent-renewed")], turn.now)
    else:
        await _welcome(turn, patient)


async def _welcome(turn: Turn, patient: Patient) -> None:
    await patients.change(turn.tx, patient.id, state="consented", consented_at=turn.now)
    at = (patient.preferred or DEFAULT_TIME).strftime("%H:%M")
    await outbox.queue(turn.tx, [to_patient(patient, "reply", "welcome", time=at)], turn.now)
    after = await patients.get(turn.tx, patient.id)
    if after is not None:
        await scheduling.reschedule(turn.tx, after, turn.now)
    turn.tx.wake("checkins")


async def ask_again(clinic: Clinic, now: datetime) -> int:
    """Ask whoever is in a course on an older version, once a version and by day; nothing waits for the answer.

    Returns how many were asked.
    """
    version = clinic.consent_version
    async with clinic.database.reading() as tx:
        waiting = await patients.with_older_consent(tx, version)
    asked = 0
    for start in range(0, len(waiting), clinic.bulk_limit):  # a page's transaction goes between two batches
        async with clinic.database.transaction(gives_way=True) as tx:
            for patient in waiting[start : start + clinic.bulk_limit]:
                asked += await _ask_again(tx, patient, version, now)
    return asked


async def _ask_again(tx: Transaction, patient: Patient, version: str, now: datetime) -> bool:
    by_day, once = next_allowed(now, patient.timezone, QUIET), f"consent:{version}:{patient.id}"
    draft = to_patient(patient, "bulk", "consent-again", once=once, due_at=by_day)
    if not await outbox.queue(tx, [draft], now):
        return False
    await _note(tx, patient, "consent-asked", version, now)
    return True


async def withdraw(turn: Turn) -> None:
    """/stop: prompts end; a red message is heeded all the same."""
    patient = turn.patient
    if patient is None:
        return
    standing = await _standing(turn.tx, patient.id)
    await patients.withdraw_consent(turn.tx, patient_id=patient.id, now=turn.now)
    await patients.change(turn.tx, patient.id, state="ended")
    await scheduling.cancel_unsent(turn.tx, patient.id, scheduling.STOPPED)
    await _note(turn.tx, patient, "consent-withdrawn", ", ".join(standing), turn.now)
    await outbox.queue(turn.tx, [to_patient(patient, "reply", "stopped")], turn.now)


def _is_offered(row: Checkin) -> bool:
    """Whether it is this baseline: of no course, since a protocol may call a slot of its own so."""
    return row.slot == BASELINE and row.course_id is None


async def ask_baseline(turn: Turn) -> None:
    """The baseline: mood and PHQ-9 as they are now, asked once."""
    patient = turn.patient
    if patient is None or patient.state != "consented":
        return
    known = [row for row in await checkins.of_patient(turn.tx, patient.id) if _is_offered(row)]
    open_ones = [row for row in known if row.state in ("sent", "partial")]
    if open_ones:
        await questions.ask_next(turn.clinic, turn.tx, patient, open_ones[-1], now=turn.now)
        return
    new = NewCheckin(
        patient_id=patient.id,
        course_id=None,
        slot=BASELINE,
        key=f"{BASELINE}/{len(known)}",
        day=0,
        asks=("mood", "phq9"),
        local_at=to_local(turn.now, patient.timezone),
        due_at=turn.now,
        remind_at=None,
        expires_at=turn.now + BASELINE_OPEN,
        queued_at=turn.now,
    )
    (checkin_id,) = await checkins.add(turn.tx, [new])
    await checkins.change(turn.tx, checkin_id, state="sent", sent_at=turn.now)
    checkin = await checkins.get(turn.tx, checkin_id)
    assert checkin is not None  # noqa: S101 - added above
    await questions.ask_next(turn.clinic, turn.tx, patient, checkin, now=turn.now)


async def _standing(tx: Transaction, patient_id: str) -> list[str]:
    """The versions that the patient has agreed to and not taken back, oldest first."""
    return [each.version for each in await patients.consents_of(tx, patient_id) if each.withdrawn_at is None]


async def _note(tx: Transaction, patient: Patient, action: str, version: str, now: datetime) -> None:
    await audit.record(
        tx,
        stream=audit.stream_of(patient.id),
        actor="engine" if action == "consent-asked" else f"patient:{patient.id}",
        action=action,
        subject=patient.alias,
        now=now,
        detail={"version": version},
    )
