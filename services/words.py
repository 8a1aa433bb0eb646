"""Free words: kept for a clinician whatever they are, read as an answer where they are one, thanked once a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rules import typed
from services import answers
from services.outgoing import to_patient
from services.questions import WORDS, Step
from services.turn import Turn
from store import answers as stored
from store import checkins, outbox
from store.checkins import Checkin
from store.patients import Patient

THANK_AGAIN = timedelta(minutes=1)
SELF_EVIDENT = 4  # a typed "7" or "8/10" needs no keeping as words; anything longer does


async def take_text(turn: Turn, text: str) -> None:
    """What a patient typed: the answer to the question asked last, or free words. Screened already, whatever it is."""
    patient = turn.patient
    if patient is None:
        return
    if turn.incoming.kind == "edit":
        await _take_edit(turn, patient, text)
        return
    row = await checkins.asked_last(turn.tx, patient.id)
    step = await _question_of(turn, row)
    read = typed.read(text, step.item, patient.language) if step is not None else typed.NotANumber()
    if step is not None and isinstance(read, typed.Value):
        await _take(turn, patient, step, read.value, text)
        return
    await _keep(turn, patient, text, row)
    if not turn.replied:
        await _answer_words(turn, patient, step, read)


async def take_media(turn: Turn) -> None:
    """Something that cannot be read: asked to type; that a human is told was seen to by the screening."""
    if turn.patient is not None:
        kind = "sticker" if turn.incoming.media == "sticker" else "media"
        await _thank(turn, turn.patient, kind)


async def _take(turn: Turn, patient: Patient, step: Step, value: int, text: str) -> None:
    await answers.take(turn, patient, step, value, edits=None)
    if len(text.strip()) > SELF_EVIDENT:
        await _keep(turn, patient, text, step.checkin)


async def _keep(turn: Turn, patient: Patient, text: str, row: Checkin | None) -> None:
    kept = await stored.add(
        turn.tx,
        patient_id=patient.id,
        checkin_id=row.id if row else None,
        instrument=WORDS,
        item=WORDS,
        via=turn.incoming.kind,
        at=turn.said_at,
        now=turn.now,
        words=text,
        late=row is not None and answers.is_late(turn, row),
        inbox_id=turn.inbox_id,
        message_id=turn.incoming.message_id,
    )
    turn.tx.wake("words")
    await answers.note(turn, patient, "wrote", {"answer": kept.id})


async def _take_edit(turn: Turn, patient: Patient, text: str) -> None:
    """An edited message: a number corrects the answer that the message gave, anything else is kept as words."""
    message_id = turn.incoming.message_id
    earlier = await stored.of_message(turn.tx, patient.id, message_id) if message_id else None
    step = await answers.step_of(turn, earlier.checkin_id or "", earlier.instrument, earlier.item) if earlier else None
    read = typed.read(text, step.item, patient.language) if step else None
    if step is not None and isinstance(read, typed.Value):
        await _take(turn, patient, step, read.value, text)
        return
    await _keep(turn, patient, text, step.checkin if step else None)
    if not turn.replied:
        await _thank(turn, patient, "words-thanks")


async def _answer_words(turn: Turn, patient: Patient, step: Step | None, read: typed.Reading) -> None:
    """A kind word back, and once more the question if it still needs an answer."""
    if patient.state in ("enrolled", "linked"):
        await _thank(turn, patient, "not-yet")
        return
    if step is None:
        await _thank(turn, patient, "words-thanks")
        return
    if not step.item.is_scale:
        await _thank(turn, patient, "words-thanks" if isinstance(read, typed.NotANumber) else "ask-again-choice")
    elif isinstance(read, typed.NotANumber):
        await _thank(turn, patient, "words-thanks" if step.optional else "words-and-number")
    else:
        kind = "out-of-range" if isinstance(read, typed.OutOfRange) else "ask-again"
        await _thank(turn, patient, kind, low=step.item.low, high=step.item.high)


async def _thank(turn: Turn, patient: Patient, kind: str, **params: Any) -> None:
    bucket = int(turn.now.timestamp() // THANK_AGAIN.total_seconds())
    once = f"thanks:{patient.id}:{kind}:{bucket}"
    await outbox.queue(turn.tx, [to_patient(patient, "reply", kind, once=once, **params)], turn.now)


async def _question_of(turn: Turn, row: Checkin | None) -> Step | None:
    """The question of a check-in that was asked last, if it can be answered by typing."""
    if row is None or row.asked is None:
        return None
    instrument, _, item = row.asked.partition("/")
    return None if instrument == WORDS else await answers.step_of(turn, row.id, instrument, item)
