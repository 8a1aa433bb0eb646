"""The oracle of every fault: what must hold once the engine has come to rest, in sentences about what does not."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.clock import SystemClock
from store import schema
from store.database import Database
from tests.faults.stage import TOKEN, Person, Stage

ASKED_FOR = {"prompt", "question", "answered", "crisis", "safety-question", "seen"}  # what a patient may get


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the clinic has on record."""

    alerts: Sequence[Any]
    answers: Sequence[Any]
    checkins: Sequence[Any]
    inbox: Sequence[Any]
    outbox: Sequence[Any]


async def records(database: Database) -> Records:
    """The rows that the oracle looks at, of one instant."""
    tables = {
        "alerts": select(schema.alert.c.number, schema.alert.c.patient_id, schema.alert.c.state),
        "answers": select(schema.answer.c.patient_id, schema.answer.c.instrument, schema.answer.c.value),
        "checkins": select(schema.checkin.c.patient_id, schema.checkin.c.slot, schema.checkin.c.state),
        "inbox": select(schema.inbox.c.id, schema.inbox.c.state),
        "outbox": select(
            schema.outbox.c.chat_id,
            schema.outbox.c.kind,
            schema.outbox.c.state,
            schema.outbox.c.attempts,
            schema.outbox.c.outcome,
            schema.outbox.c.edits,
            schema.outbox.c.due_at,
        ),
    }
    async with database.reading() as tx:
        return Records(**{name: await tx.rows(query) for name, query in tables.items()})


async def all_is_well(stage: Stage, *, within: timedelta, patience: float = 30.0) -> Records:
    """Wait until nothing is wrong any more and return the records; fails with what is wrong still.

    Every red alert's page must have come at most `within` after the patient was in danger.
    """
    wrong: list[str] = []
    try:
        async with asyncio.timeout(patience):
            while True:
                on_record = await records(stage.clinic.database)
                wrong = list(shortcomings(stage, on_record, within))
                if not wrong:
                    return on_record
                await asyncio.sleep(0.1)
    except TimeoutError:
        said = Counter(str(line.get("action", line)) for line in stage.engines[-1].lines)
        raise AssertionError(f"{len(wrong)} things are wrong: {wrong[:8]}; the last engine said {said}") from None


def shortcomings(stage: Stage, on_record: Records, within: timedelta) -> Iterator[str]:
    """What does not hold."""
    unhandled = Counter(row.state for row in on_record.inbox if row.state != "done")
    if unhandled:
        yield f"updates are {dict(unhandled)}"
    unsent = [row for row in on_record.outbox if row.state not in ("sent", "dropped")]
    if unsent:
        said = [(row.kind, row.state, row.attempts, row.outcome, f"{row.due_at:%T}") for row in unsent[:3]]
        yield f"{len(unsent)} messages do not go out: {said}, and it is {SystemClock().now():%T}"
    answers, checkins = _grouped(on_record.answers, "patient_id"), _grouped(on_record.checkins, "patient_id")
    alerts, outbox = _grouped(on_record.alerts, "patient_id"), _grouped(on_record.outbox, "chat_id")
    for patient in stage.patients:
        yield from _wrong_answers(patient, answers[patient.id], checkins[patient.id])
        yield from _wrong_pages(stage, patient, alerts[patient.id], within)
    for person in (*stage.patients, *stage.clinicians):
        yield from _wrong_messages(stage, person, outbox[person.user_id])


def _grouped(rows: Sequence[Any], column: str) -> Mapping[Any, list[Any]]:
    """Rows by a column: a stand-in that shares this process must not wait for one look through all of them a person."""
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


def sent_twice(stage: Stage, on_record: Records) -> int:
    """How many copies of messages went out, as they may after a kill in the moment of sending."""
    people = {person.user_id for person in (*stage.patients, *stage.clinicians)}
    rows = sum(row.state == "sent" and row.edits is None for row in on_record.outbox if row.chat_id in people)
    sent = (each for user_id in people for each in stage.telegram.sent(TOKEN, user_id))
    return sum(each.method == "sendMessage" for each in sent) - rows


def _wrong_answers(patient: Person, answers: Sequence[Any], checkins: Sequence[Any]) -> Iterator[str]:
    given = Counter((row.instrument, row.value) for row in answers)
    if given != Counter(patient.gave.items()):
        yield f"{patient.alias} answered {patient.gave}, and {dict(given)} is on record"
    asked = [row.state for row in checkins if row.slot == "evening"]
    wanted = {0: "sent", 1: "partial", 2: "answered"}[len(patient.gave.keys() & {"mood", "safety"})]
    if asked not in ([], [wanted]):
        yield f"{patient.alias} gave {patient.gave}, and the check-in is {asked}"


def _wrong_pages(stage: Stage, patient: Person, about: Sequence[Any], within: timedelta) -> Iterator[str]:
    if len(about) != (patient.in_danger_at is not None):
        yield f"{patient.alias} has {len(about)} alerts"
    if patient.in_danger_at is None or not about:
        return
    words = f"A-{about[0].number} · {patient.alias}"
    rang = [
        sent.at - patient.in_danger_at
        for clinician in stage.clinicians
        for sent in stage.telegram.sent(TOKEN, clinician.user_id)
        if words in sent.text
    ]
    if not rang or min(rang) > within:
        yield f"the page for {patient.alias} came after {min(rang, default=None)}"


def _wrong_messages(stage: Stage, person: Person, rows: Sequence[Any]) -> Iterator[str]:
    """Each message at least once, and no more often than it was claimed; to a patient none that no rule asks for."""
    came = sum(sent.method in ("sendMessage", "editMessageText") for sent in stage.telegram.sent(TOKEN, person.user_id))
    least = sum(row.state == "sent" and row.edits is None for row in rows)
    if not least <= came <= sum(row.attempts for row in rows):
        yield f"{person.alias} got {came} messages out of {[(row.kind, row.state, row.attempts) for row in rows]}"
    kinds = Counter(row.kind for row in rows)
    if person in stage.patients and (not kinds.keys() <= ASKED_FOR or kinds["prompt"] > 1 or kinds["crisis"] > 1):
        yield f"{person.alias} was sent {dict(kinds)}"
