"""Answers: stored before anything is concluded from them, then judged, then followed up by the next question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rules import second_stage, worsening
from rules.finding import Finding
from rules.lifecycle import allowed
from rules.tier import Tier
from services import charts, conversation, facts, membership, questions, safety
from services.outgoing import to_patient
from services.questions import WORDS, Place, Step
from services.turn import Turn
from store import alerts, answers, audit, checkins, failpoints, outbox
from store.answers import Answer
from store.checkins import Checkin
from store.patients import Patient


async def press(turn: Turn, checkin_id: str, instrument: str, item: str, value: int) -> None:
    """A button of a question: it answers that very question, however old the message is."""
    patient, step = turn.patient, await step_of(turn, checkin_id, instrument, item)
    if patient is None or step is None or step.item.option(value) is None:
        await membership.note_forgery(turn)
        return
    await take(turn, patient, step, value, edits=turn.incoming.message_id)


async def reopen(turn: Turn, checkin_id: str, instrument: str, item: str) -> None:
    """Ask an answered question again, or go on with one that was left."""
    patient, step = turn.patient, await step_of(turn, checkin_id, instrument, item)
    if patient is None or step is None:
        await membership.note_forgery(turn)
        return
    every = questions.steps(turn.clinic, step.prompt)
    await questions.ask(turn.tx, patient, every, _same(every, step), turn.now, edits=turn.incoming.message_id)


async def skip(turn: Turn, checkin_id: str, instrument: str, item: str) -> None:
    """Leave an optional question out."""
    patient, step = turn.patient, await step_of(turn, checkin_id, instrument, item)
    if patient is None or step is None or not step.optional:
        await membership.note_forgery(turn)
        return
    answered = await questions.values_of(turn.tx, step.prompt)
    await _follow_up(turn, patient, step, answered, edits=turn.incoming.message_id)


async def take(turn: Turn, patient: Patient, step: Step, value: int, *, edits: int | None) -> None:
    """Store an answer, conclude, and ask what comes next. The same answer again is stored once and judged again.

    What is judged is this answer, also when a later one came in before it: nothing risky is overwritten unseen.
    """
    answered = await questions.values_of(turn.tx, step.prompt)
    stood = answered.get(step.place)
    if stood is None or stood.value != value:
        given = await _store(turn, patient, step, value, corrects=stood)
        if stood is None or stood.at <= given.at:  # else what they said last came in first, and stands
            answered[step.place] = given
    if conversation.is_one(step.checkin):
        values = _plain(answered) | {step.item.id: value}
        await conversation.go_on(turn, patient, step.checkin, values, edits=edits)
        return
    assessed = worsening.assess(await facts.gather(turn.clinic, turn.tx, patient, step, value, answered))
    found = await _new(turn, patient, step, assessed.findings)
    emergency = any(each.rule.startswith("emergency") for each in found)
    await safety.act(
        turn.clinic,
        turn.tx,
        patient,
        found,
        now=turn.now,
        inbox_id=turn.inbox_id,
        checkin_id=step.checkin.id,
        emergency=emergency,
    )
    await _mark(turn, step, answered)
    grave = assessed.ask is not None or any(each.tier is Tier.RED for each in found)
    await _follow_up(turn, patient, step, answered, edits=edits, corrected=stood is not None, rest=grave)
    if step.instrument.id == "safety" and second_stage.wants_call({step.item.id: value}):
        await safety.ask_for_call(turn, patient)
    if assessed.ask is not None:
        await conversation.ask(turn.clinic, turn.tx, patient, assessed.ask, turn.now)


async def _new(turn: Turn, patient: Patient, step: Step, found: Sequence[Finding]) -> Sequence[Finding]:
    """What says something new: not found since the question was asked, or since they were called about it."""
    if not found:
        return ()
    asked_at = step.checkin.sent_at or step.checkin.queued_at or step.checkin.due_at
    standing = await alerts.unclosed_of(turn.tx, patient_id=patient.id)
    called_at = standing.contacted_at if standing else None
    return await conversation.fresh(turn.tx, patient, found, since=max(asked_at, called_at) if called_at else asked_at)


async def _store(turn: Turn, patient: Patient, step: Step, value: int, *, corrects: Answer | None) -> Answer:
    typed = turn.incoming.kind != "press"
    given = await answers.add(
        turn.tx,
        patient_id=patient.id,
        checkin_id=step.checkin.id,
        instrument=step.instrument.id,
        item=step.item.id,
        via="typed" if typed else "button",
        at=turn.said_at,
        now=turn.now,
        value=value,
        late=is_late(turn, step.checkin),
        corrects=corrects.id if corrects else None,
        inbox_id=turn.inbox_id,
        message_id=turn.incoming.message_id if typed else None,
    )
    detail = {"answer": given.id, "instrument": step.instrument.id, "item": step.item.id, "value": value}
    await note(turn, patient, "corrected" if corrects else "answered", detail)
    failpoints.reached("answer-stored")
    return given


async def _mark(turn: Turn, step: Step, answered: Mapping[Place, Answer]) -> None:
    """The check-in is answered when all that must be is, partly answered before; a cancelled one stays so."""
    row = step.checkin
    needed = [each for each in questions.steps(turn.clinic, [row]) if not each.optional]
    state = "answered" if all(each.place in answered for each in needed) else "partial"
    if state != row.state and allowed("checkin", row.state, state):
        changes = {"state": state, "late": row.late or is_late(turn, row)}
        if state == "answered":
            changes["answered_at"] = turn.now
        await checkins.change(turn.tx, row.id, **changes)


async def _follow_up(
    turn: Turn,
    patient: Patient,
    step: Step,
    answered: Mapping[Place, Answer],
    *,
    edits: int | None,
    corrected: bool = False,
    rest: bool = False,
) -> None:
    """The next question in place of the last one, or the thanks; after a grave answer the form is left alone."""
    every = questions.steps(turn.clinic, step.prompt)
    following = _following(every, step, answered)
    noted = [step.instrument.id, step.item.id, answered[step.place].value] if step.place in answered else None
    if following is not None and not rest:
        await questions.ask(turn.tx, patient, every, following, turn.now, edits=edits, noted=noted)
        return
    lead = step.prompt[0]
    await checkins.change(turn.tx, lead.id, asked=f"{WORDS}/{WORDS}", asked_at=turn.now)
    left = following is not None and not following.optional
    params: dict[str, Any] = {
        "noted": noted,
        "late": is_late(turn, step.checkin),
        "corrected": corrected,
        "change": _last_answered(every, step, answered),
        "left": [*following.place] if left and following else None,
    }
    draft = to_patient(patient, "reply", "answered", checkin_id=lead.id, edits=edits, **params)
    await outbox.queue(turn.tx, [draft], turn.now)
    if not left and any(row.summary for row in step.prompt):
        await _summarise(turn, patient, lead)


def _following(every: Sequence[Step], step: Step, answered: Mapping[Place, Answer]) -> Step | None:
    """The next open question after this one; failing that, one that was passed over and must be answered."""
    place = [each.place for each in every].index(step.place)
    ahead = questions.open_step(every[place + 1 :], answered)
    return ahead or questions.open_step([each for each in every[:place] if not each.optional], answered)


def _last_answered(every: Sequence[Step], step: Step, answered: Mapping[Place, Answer]) -> list[str] | None:
    """The question to go back to: this one, or where it was skipped the last one before it that was answered."""
    until = [each.place for each in every][: [each.place for each in every].index(step.place) + 1]
    return next(([*place] for place in reversed(until) if place in answered), None)


async def _summarise(turn: Turn, patient: Patient, lead: Checkin) -> None:
    """The last check-in of a course ends with the patient's own chart."""
    figures = await charts.mood(turn.tx, patient)
    draft = to_patient(
        patient, "reply", "chart", checkin_id=lead.id, once=f"summary:{lead.id}", summary=True, **figures
    )
    await outbox.queue(turn.tx, [draft], turn.now)


async def step_of(turn: Turn, checkin_id: str, instrument: str, item: str) -> Step | None:
    """The patient's own question of these names; none when it is not theirs or does not exist."""
    rows = await checkins.of_prompt(turn.tx, checkin_id)
    if turn.patient is None or any(row.patient_id != turn.patient.id for row in rows):
        return None
    every = questions.steps(turn.clinic, rows)
    return next((each for each in every if each.place == (checkin_id, instrument, item)), None)


def _same(every: Sequence[Step], step: Step) -> Step:
    return next(each for each in every if each.place == step.place)


def _plain(answered: Mapping[Place, Answer]) -> dict[str, int]:
    return {place[2]: answer.value for place, answer in answered.items() if answer.value is not None}


def is_late(turn: Turn, row: Checkin) -> bool:
    """Whether an answer said now comes after its check-in was over."""
    return row.state in ("expired", "missed_by_us") or turn.said_at > row.expires_at


async def note(turn: Turn, patient: Patient, action: str, detail: Mapping[str, object]) -> None:
    """Append what the patient did to the audit: ids and figures, never words."""
    await audit.record(
        turn.tx,
        stream=audit.stream_of(patient.id),
        actor=f"patient:{patient.id}",
        action=action,
        subject=patient.alias,
        now=turn.now,
        detail=detail,
    )
