"""Which question comes next, and the message that asks it: one message a prompt, edited in place as it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules import second_stage
from rules.instrument import Instrument, Item
from services.clinic import Clinic
from services.outgoing import to_patient
from store import answers, checkins, outbox
from store.answers import Answer
from store.checkins import Checkin
from store.database import Transaction
from store.outbox import Draft
from store.patients import Patient

WORDS = "words"  # free words are invited by the thanks, not asked for by a question of their own
Place = tuple[str, str, str]  # check-in, instrument, item


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question of a prompt, which is about the check-ins `prompt`, the leading one first."""

    prompt: Sequence[Checkin]
    checkin: Checkin
    instrument: Instrument
    item: Item
    optional: bool

    @property
    def place(self) -> Place:
        """Names the question among all that there are."""
        return self.checkin.id, self.instrument.id, self.item.id

    @property
    def asked(self) -> str:
        """How the check-in's row names it."""
        return f"{self.instrument.id}/{self.item.id}"


def steps(clinic: Clinic, rows: Sequence[Checkin]) -> list[Step]:
    """Every question of the check-ins of one prompt: what must be answered first, then what may be."""
    asked = [(row, name, False) for row in rows for name in row.asks]
    asked += [(row, name, True) for row in rows for name in row.optional]
    return [
        Step(
            prompt=rows, checkin=row, instrument=clinic.instruments[name], item=item, optional=optional or item.optional
        )
        for row, name, optional in asked
        if name != WORDS
        for item in clinic.instruments[name].items
    ]


async def values_of(tx: Transaction, rows: Sequence[Checkin]) -> dict[Place, Answer]:
    """The answers that stand, by their place: of several to one question, the one said last."""
    given = await answers.of_checkins(tx, [row.id for row in rows])
    return {
        (answer.checkin_id or "", answer.instrument, answer.item): answer
        for answer in given
        if answer.value is not None
    }


def prompt(
    clinic: Clinic,
    patient: Patient,
    rows: Sequence[Checkin],
    *,
    kind: str = "prompt",
    answered: Mapping[Place, Answer] | None = None,
    due_at: datetime | None = None,
) -> Draft | None:
    """The message that asks the first open question of a prompt, its leading check-in first; none if none is open.

    `kind`: prompt, reminder or catch-up.
    """
    every = steps(clinic, rows)
    step = next((each for each in every if each.place not in (answered or {}) and not each.optional), None)
    if step is None:
        return None
    return to_patient(
        patient,
        "bulk",
        kind,
        checkin_id=rows[0].id,
        once=f"{kind}:{rows[0].id}",
        due_at=due_at,
        expires_at=rows[0].expires_at,
        **question(every, step),
    )


def first_asked(clinic: Clinic, rows: Sequence[Checkin]) -> str | None:
    """How the leading check-in's row names the first question of its prompt."""
    return next((step.asked for step in steps(clinic, rows)), None)


def question(every: Sequence[Step], step: Step, **more: Any) -> dict[str, Any]:
    """What bot/texts makes a question of: which, how far along, and the question before it to go back to."""
    siblings = [each for each in every if each.place[:2] == step.place[:2]]
    before = every[: every.index(step)]
    return {
        "checkin": step.checkin.id,
        "instrument": step.instrument.id,
        "item": step.item.id,
        "number": siblings.index(step) + 1,
        "of": len(siblings),
        "optional": step.optional,
        "back": [*before[-1].place] if before else None,
        **more,
    }


def open_step(every: Sequence[Step], answered: Mapping[Place, Answer], skipped: Iterable[Place] = ()) -> Step | None:
    """The first question that is neither answered nor left out."""
    left_out = set(skipped)
    open_ones = (each for each in every if each.place not in answered and each.place not in left_out)
    return next((each for each in open_ones if _is_wanted(each, answered)), None)


def _is_wanted(step: Step, answered: Mapping[Place, Answer]) -> bool:
    """Whether the answers so far lead to a question: those of the ASQ depend on the ones before."""
    if step.instrument.id != "asq":
        return True
    own = {place[2]: answer.value for place, answer in answered.items() if place[:2] == step.place[:2]}
    return second_stage.next_item("item9", {item: value for item, value in own.items() if value is not None}) == (
        step.item.id
    )


async def ask_next(
    clinic: Clinic, tx: Transaction, patient: Patient, row: Checkin, *, now: datetime, edits: int | None = None
) -> None:
    """Ask the first open question of a check-in now, because the patient wants to go on."""
    rows = [row]
    every = steps(clinic, rows)
    step = open_step(every, await values_of(tx, rows))
    if step is not None:
        await ask(tx, patient, every, step, now, edits=edits)


async def ask(
    tx: Transaction,
    patient: Patient,
    every: Sequence[Step],
    step: Step,
    now: datetime,
    *,
    edits: int | None,
    **more: Any,
) -> None:
    """Ask one question, in place of a message or as a new one, and note that it was asked last."""
    await checkins.change(tx, step.checkin.id, asked=step.asked, asked_at=now)
    params = question(every, step, **more)
    draft = to_patient(patient, "reply", "question", checkin_id=step.checkin.id, edits=edits, **params)
    await outbox.queue(tx, [draft], now)
