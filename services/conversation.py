"""The safety conversation: one gentle question, the second stage after a risky answer, and what silence means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rules import second_stage
from rules.finding import Finding
from rules.local_time import to_local
from rules.protocol import Thresholds
from rules.tier import Tier
from services import facts, questions, safety
from services.clinic import Clinic
from services.outgoing import to_patient
from services.turn import Turn
from store import alerts, checkins, courses, findings, outbox, patients
from store.checkins import Checkin, NewCheckin
from store.database import Transaction
from store.patients import Patient

SLOT = "safety"
OPEN_FOR = timedelta(hours=24)


def is_one(row: Checkin) -> bool:
    """Whether a check-in is a safety conversation: of no course, since a protocol may call a slot of its own so."""
    return row.slot == SLOT and row.course_id is None


async def ask_gently(clinic: Clinic, tx: Transaction, patient: Patient, tier: Tier, now: datetime) -> None:
    """After a note or an amber text: one gentle question, not repeated within two hours.

    A second note within that time is amber: a human looks instead (clinical.md, "Thresholds").
    """
    last = await checkins.last_outside(tx, patient.id, SLOT)
    again_after = (await _thresholds(clinic, tx, patient)).note_repeat
    if last is None or now - last.due_at >= again_after:
        await ask(clinic, tx, patient, tier.word, now)
    elif tier is Tier.NOTE and not await findings.has(tx, patient.id, "note-again", last.due_at):
        await safety.act(clinic, tx, patient, [Finding(rule="note-again", tier=Tier.AMBER)], now=now)


async def ask(clinic: Clinic, tx: Transaction, patient: Patient, cause: str, now: datetime) -> None:
    """Open a safety conversation for a cause (note, amber, mood, item9) and ask its first question at once."""
    if patient.chat_id is None:
        return
    standing = await checkins.safety_conversation(tx, patient.id)
    if standing is not None:
        await _sharpen(clinic, tx, patient, standing, cause, now)
        return
    silence = second_stage.silence(cause, now, now, Tier.NONE, await _thresholds(clinic, tx, patient))
    item = second_stage.next_item(cause, {})
    assert item is not None  # noqa: S101 - every cause has a first question
    new = NewCheckin(
        patient_id=patient.id,
        course_id=None,
        slot=SLOT,
        key=f"{SLOT}/{now.isoformat()}",
        day=0,
        asks=(second_stage.instrument_of(item),),
        local_at=to_local(now, patient.timezone),
        due_at=now,
        remind_at=None,
        expires_at=now + OPEN_FOR,
        state="sent",
        cause=cause,
        silence_at=silence.look_again_at,
        queued_at=now,
    )
    (checkin_id,) = await checkins.add(tx, [new])
    await _ask_item(tx, patient, checkin_id, item, now, edits=None, opening=cause)


async def _sharpen(clinic: Clinic, tx: Transaction, patient: Patient, row: Checkin, cause: str, now: datetime) -> None:
    """A graver cause while the question still waits: its silence counts from now, by the graver clock."""
    if second_stage.graver(cause, row.cause or "note"):
        silence = second_stage.silence(cause, now, now, Tier.NONE, await _thresholds(clinic, tx, patient))
        await checkins.change(tx, row.id, cause=cause, silence_at=silence.look_again_at, asked_at=now)


async def _ask_item(
    tx: Transaction,
    patient: Patient,
    checkin_id: str,
    item: str,
    now: datetime,
    *,
    edits: int | None,
    opening: str | None,
) -> None:
    instrument = second_stage.instrument_of(item)
    await checkins.change(tx, checkin_id, asked=f"{instrument}/{item}", asked_at=now)
    params: dict[str, Any] = {"checkin": checkin_id, "instrument": instrument, "item": item, "opening": opening}
    draft = to_patient(patient, "crisis", "safety-question", checkin_id=checkin_id, edits=edits, **params)
    await outbox.queue(tx, [draft], now)


async def go_on(turn: Turn, patient: Patient, row: Checkin, values: Mapping[str, int], *, edits: int | None) -> None:
    """After an answer in a safety conversation: its tier, and the next question or the thanks."""
    clinic, tx, now, cause = turn.clinic, turn.tx, turn.now, row.cause or "note"
    meant = second_stage.assess(cause, values, attempt_known=await _attempt_known(tx, patient))
    found = await fresh(tx, patient, meant, since=row.due_at)
    await safety.act(clinic, tx, patient, found, now=now, inbox_id=turn.inbox_id, checkin_id=row.id)
    if second_stage.wants_call(values):
        await safety.ask_for_call(turn, patient)
    item = second_stage.next_item(cause, values)
    if item is None:
        await checkins.change(tx, row.id, state="answered", answered_at=now, silence_at=None, asked=None)
        kind = "second-stage-done" if meant else "gentle-no-thanks"
        await outbox.queue(tx, [to_patient(patient, "crisis", kind, checkin_id=row.id, edits=edits)], now)
        return
    instrument = second_stage.instrument_of(item)
    asks = list(dict.fromkeys((*row.asks, instrument)))
    tier = max((each.tier for each in meant), default=Tier.NONE)
    silence = second_stage.silence(cause, now, now, tier, await _thresholds(clinic, tx, patient))
    await checkins.change(tx, row.id, state="partial", asks=asks, silence_at=silence.look_again_at)
    await _ask_item(tx, patient, row.id, item, now, edits=edits, opening=None)


async def heed_silence(clinic: Clinic, tx: Transaction, row: Checkin, now: datetime) -> None:
    """Nobody answered the question in time: silence sets the tier, by the table of `rules.second_stage`."""
    patient = await _patient(tx, row)
    answered = {place[2]: answer.value for place, answer in (await questions.values_of(tx, [row])).items()}
    values = {item: value for item, value in answered.items() if value is not None}
    tier = max((each.tier for each in second_stage.assess(row.cause or "note", values)), default=Tier.NONE)
    silence = second_stage.silence(
        row.cause or "note", row.asked_at or row.due_at, now, tier, await _thresholds(clinic, tx, patient)
    )
    await checkins.change(tx, row.id, silence_at=silence.look_again_at)
    found = await fresh(tx, patient, silence.findings, since=row.due_at)
    await safety.act(clinic, tx, patient, found, now=now, checkin_id=row.id)


async def fresh(tx: Transaction, patient: Patient, found: Sequence[Finding], *, since: datetime) -> list[Finding]:
    """What was not found already since an instant; a red finding counts as new when no alert stands any more."""
    standing = await alerts.unclosed_of(tx, patient_id=patient.id)
    return [
        each
        for each in found
        if not await findings.has(tx, patient.id, each.rule, since) or (each.tier is Tier.RED and standing is None)
    ]


async def _attempt_known(tx: Transaction, patient: Patient) -> bool:
    """Whether an attempt long ago was found in this course already: it is amber once a course."""
    standing = await courses.active_of(tx, patient.id)
    return bool(standing) and await findings.has(tx, patient.id, "asq-attempt", standing[-1].starts_at)


async def _patient(tx: Transaction, row: Checkin) -> Patient:
    patient = await patients.get(tx, row.patient_id)
    assert patient is not None  # noqa: S101 - a foreign key
    return patient


async def _thresholds(clinic: Clinic, tx: Transaction, patient: Patient) -> Thresholds:
    standing = await courses.active_of(tx, patient.id)
    return await facts.thresholds(clinic, tx, standing[-1] if standing else None)
