"""Erasing a patient: their key is destroyed, so that names and words are unreadable; the audit's chain holds."""

from __future__ import annotations

from datetime import datetime

from services import digest, scheduling, second_person
from services.clinic import Clinic
from services.errors import Refused
from services.turn import Said, Turn
from store import alerts, audit, courses, keeping, patients
from store.database import Transaction
from store.patients import Patient

ACTION = "erase-patient"
ASKED = "erase-asked"
WITH_WORDS_OF_MANY = ("digest", "digest-words")


async def ask(clinic: Clinic, tx: Transaction, patient: Patient, *, actor: str, now: datetime) -> bool:
    """Erase a patient, or with the two-person rule ask the admins to agree; True when it is done. Raises Refused."""
    await _refuse_open_alert(tx, patient)
    if not clinic.two_persons:
        await erase(tx, patient, actor=actor, now=now)
        return True
    await second_person.ask(tx, ACTION, "erase-ask", now, patient=patient.alias, row=patient.id)
    await _note(tx, patient, ASKED, actor, now)
    return False


async def agree_pressed(turn: Turn, patient_id: str) -> Said:
    """The button by which an admin agrees, within a day of being asked."""
    patient = await patients.get(turn.tx, patient_id)
    alias = patient.alias if patient is not None and patient.state != "erased" else ""
    asked = await second_person.standing(turn.tx, audit.stream_of(patient_id), ASKED, alias, turn.now)
    refusal = second_person.refusal(turn.member, ACTION, asked)
    if refusal is not None or patient is None or turn.member is None:
        return Said(code=refusal or "too_late")
    try:
        await erase(turn.tx, patient, actor=f"staff:{turn.member.id}", now=turn.now)
    except Refused:
        return Said(code="first_close")
    return Said(code="erased")


async def erase(tx: Transaction, patient: Patient, *, actor: str, now: datetime) -> None:
    """Make everything that says who they are, and all that they wrote, unreadable for good once this has committed.

    Numbers and times stay, under an alias that leads to nobody. Raises Refused while an alert is open.
    """
    if patient.user_id is not None:
        await tx.lock(f"chat:{patient.user_id}")  # as what they write is handled, so that no alert opens meanwhile
    await _refuse_open_alert(tx, patient)
    for course in await courses.active_of(tx, patient.id):
        await courses.set_state(tx, course.id, "cancelled")
    await scheduling.cancel_unsent(tx, patient.id, scheduling.STOPPED)
    await patients.withdraw_consent(tx, patient_id=patient.id, now=now)
    await keeping.revoke_links(tx, patient.id, now)
    about = [alert.id for alert in await alerts.of_patient(tx, patient.id)]
    unsent = await keeping.empty_about(tx, patient.id, patient.chat_id, alert_ids=about, kinds=WITH_WORDS_OF_MANY)
    if not unsent.isdisjoint(WITH_WORDS_OF_MANY):
        await digest.tell_next(tx, now)  # without their words, but everybody else's
    await patients.forget(tx, patient.id)
    await tx.keyring.destroy(tx, patient.id)
    await _note(tx, patient, "erased", actor, now)


async def _refuse_open_alert(tx: Transaction, patient: Patient) -> None:
    standing = await alerts.unclosed_of(tx, patient_id=patient.id)
    if standing is not None:
        raise Refused(f"{patient.alias} has an alert that is not closed.", f"close {standing.alias} first")


async def _note(tx: Transaction, patient: Patient, action: str, actor: str, now: datetime) -> None:
    stream = audit.stream_of(patient.id)
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=patient.alias, now=now)
