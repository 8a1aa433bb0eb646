"""Staff pause, resume or end a patient's participation, and keep their safety plan."""

from __future__ import annotations

from datetime import datetime

from rules.lifecycle import allowed
from services import scheduling
from services.errors import Refused
from services.outgoing import to_patient
from store import audit, outbox, patients
from store.database import Transaction
from store.patients import Patient

LONGEST_PLAN = 3000
_NOT_ASKED = "`fortnight infusion cancel` takes an infusion back, `fortnight patient end` ends their participation"
_REFUSED = {  # why a state stays what it is, and what to do instead
    "enrolled": ("has not opened the link, so nothing is asked of them yet.", _NOT_ASKED),
    "linked": ("has not agreed, so nothing is asked of them yet.", _NOT_ASKED),
    "paused": ("is paused already.", "`fortnight patient resume` goes on"),
    "ended": ("has ended the programme already.", "`fortnight patient relink` lets them come back"),
}


async def pause(tx: Transaction, patient: Patient, *, actor: str, now: datetime) -> None:
    """No prompts until somebody resumes; safety messages go on. Raises Refused."""
    _refuse_step(patient, "paused")
    await patients.change(tx, patient.id, state="paused")
    await _note(tx, patient, actor, "paused", now)
    await _tell(tx, patient, "paused", now)


async def resume(tx: Transaction, patient: Patient, *, actor: str, now: datetime) -> None:
    """Prompts again: what fell due during the pause is laid aside, not fired at once. Raises Refused."""
    if patient.state != "paused":
        raise Refused(f"{patient.alias} is {patient.state}, not paused.", "there is nothing to resume")
    await patients.change(tx, patient.id, state="consented")
    await scheduling.skip_what_a_pause_swallowed(tx, patient, now)
    await scheduling.reschedule(tx, patient, now)
    await _note(tx, patient, actor, "resumed", now)
    await _tell(tx, patient, "resumed", now)


async def end(tx: Transaction, patient: Patient, *, actor: str, now: datetime) -> None:
    """No prompts any more; open alerts stay open and a red message is heeded all the same. Raises Refused."""
    _refuse_step(patient, "ended")
    await patients.withdraw_consent(tx, patient_id=patient.id, now=now)
    await patients.change(tx, patient.id, state="ended")
    await scheduling.cancel_unsent(tx, patient.id, scheduling.STOPPED)
    await _note(tx, patient, actor, "ended", now)
    await _tell(tx, patient, "stopped", now)


async def write_plan(tx: Transaction, patient: Patient, plan: str, *, actor: str, now: datetime) -> None:
    """Keep the patient's safety plan, which every crisis reply shows them. Raises Refused."""
    text = plan.strip()
    if not 0 < len(text) <= LONGEST_PLAN:
        raise Refused(
            f"A safety plan has 1 to {LONGEST_PLAN} characters, this one has {len(text)}.", "shorten or write it"
        )
    await patients.write_plan(tx, patient.id, text)
    await _note(tx, patient, actor, "plan-written", now)


async def reveal(tx: Transaction, patient: Patient, *, actor: str, now: datetime) -> patients.Particulars:
    """Name, contact and plan of a patient: an opening that the audit keeps."""
    await _note(tx, patient, actor, "revealed", now)
    return await patients.particulars(tx, patient.id)


def _refuse_step(patient: Patient, to: str) -> None:
    if not allowed("patient", patient.state, to):
        sentence, mend = _REFUSED.get(patient.state, _REFUSED["ended"])
        raise Refused(f"{patient.alias} {sentence}", mend)


async def _tell(tx: Transaction, patient: Patient, kind: str, now: datetime) -> None:
    if patient.chat_id is not None:
        await outbox.queue(tx, [to_patient(patient, "reply", kind)], now)


async def _note(tx: Transaction, patient: Patient, actor: str, action: str, now: datetime) -> None:
    stream = audit.stream_of(patient.id)
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=patient.alias, now=now)
