"""Consent: what the patient agreed to, in which version, and taking it back."""

from __future__ import annotations

from datetime import timedelta

from rules.local_time import to_local
from rules.schedule import DEFAULT_TIME
from services import questions, scheduling
from services.outgoing import to_patient
from services.turn import Turn
from store import audit, checkins, outbox, patients
from store.checkins import NewCheckin

VERSION = "2026-11"
BASELINE = "baseline"
BASELINE_OPEN = timedelta(days=3)


async def give(turn: Turn) -> None:
    """The patient agrees; from now on prompts may go out."""
    patient = turn.patient
    if patient is None or patient.state in ("consented", "erased"):
        return
    await patients.add_consent(turn.tx, patient_id=patient.id, version=VERSION, language=patient.language, now=turn.now)
    await patients.change(turn.tx, patient.id, state="consented", consented_at=turn.now)
    await _note(turn, "consent-given")
    time = (patient.preferred or DEFAULT_TIME).strftime("%H:%M")
    await outbox.queue(turn.tx, [to_patient(patient, "reply", "welcome", time=time)], turn.now)
    after = await patients.get(turn.tx, patient.id)
    if after is not None:
        await scheduling.reschedule(turn.tx, after, turn.now)
    turn.tx.wake("checkins")


async def withdraw(turn: Turn) -> None:
    """/stop: prompts end; a red message is heeded all the same."""
    patient = turn.patient
    if patient is None:
        return
    await patients.withdraw_consent(turn.tx, patient_id=patient.id, now=turn.now)
    await patients.change(turn.tx, patient.id, state="ended")
    await scheduling.cancel_unsent(turn.tx, patient.id, scheduling.STOPPED)
    await _note(turn, "consent-withdrawn")
    await outbox.queue(turn.tx, [to_patient(patient, "reply", "stopped")], turn.now)


async def ask_baseline(turn: Turn) -> None:
    """The baseline: mood and PHQ-9 as they are now, asked once."""
    patient = turn.patient
    if patient is None or patient.state != "consented":
        return
    known = [row for row in await checkins.of_patient(turn.tx, patient.id) if row.slot == BASELINE]
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


async def _note(turn: Turn, action: str) -> None:
    assert turn.patient is not None  # noqa: S101 - the callers looked
    await audit.record(
        turn.tx,
        stream=audit.stream_of(turn.patient.id),
        actor=f"patient:{turn.patient.id}",
        action=action,
        subject=turn.patient.alias,
        now=turn.now,
        detail={"version": VERSION},
    )
