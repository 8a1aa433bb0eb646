"""A protocol may call its slots what it likes, also as the engine calls check-ins of its own: they are judged alike."""

from __future__ import annotations

from datetime import datetime

import pytest

from rules.tier import Tier
from services import conversation, facts
from services.clinic import Clinic
from store import checkins
from tests.builders import add_member, add_patient, make_clinic, record_infusion, shelf
from tests.services.chat import Chat

NAMED = """
id = "mine"
title = "A slot of another name"
window = "14d"
quiet_hours = []
[[slot]]
name = "{name}"
days = 7
asks = ["{asks}"]
[[slot]]
name = "mood"
days = "8-14"
asks = ["mood"]
"""


@pytest.mark.parametrize("name", ["week-1", "safety", "baseline"])
@pytest.mark.parametrize(
    ("question", "value", "kinds"),
    [
        ("phq9/9", 3, {"page", "crisis"}),
        ("side-effects/heart", 1, {"page", "crisis"}),
        ("mood/rating", 0, {"safety-question"}),
        ("safety/now", 1, {"page"}),
    ],
)
async def test_a_grave_answer_is_judged_whatever_a_protocol_calls_its_slot(
    clinic: Clinic, now: datetime, name: str, question: str, value: int, kinds: set[str]
) -> None:
    asks = question.partition("/")[0]
    clinic = make_clinic(clinic.database, protocols=shelf(mine=NAMED.format(name=name, asks=asks)))
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now, protocol_id="mine")
        row = next(row for row in await checkins.of_patient(tx, patient.id) if row.slot == name)
    chat = Chat(clinic, patient, row.due_at)
    await chat.said()
    await chat.press(row.id, question, value)
    assert kinds <= set(await chat.kinds())
    async with clinic.database.reading() as tx:
        opened = await checkins.safety_conversation(tx, patient.id)
    if question == "mood/rating":
        assert opened is not None
        assert opened.cause == "mood"


async def test_a_slot_that_a_protocol_calls_safety_keeps_no_gentle_question_back(clinic: Clinic, now: datetime) -> None:
    clinic = make_clinic(clinic.database, protocols=shelf(mine=NAMED.format(name="safety", asks="mood")))
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now, protocol_id="mine")
        await conversation.ask_gently(clinic, tx, patient, Tier.NOTE, now)
    chat = Chat(clinic, patient, now)
    assert "safety-question" in await chat.kinds()


async def test_what_is_asked_late_in_a_slot_called_baseline_is_no_baseline(clinic: Clinic, now: datetime) -> None:
    clinic = make_clinic(clinic.database, protocols=shelf(mine=NAMED.format(name="baseline", asks="mood")))
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now, protocol_id="mine")
        row = next(row for row in await checkins.of_patient(tx, patient.id) if row.slot == "baseline")
    chat = Chat(clinic, patient, row.due_at)
    await chat.press(row.id, "mood/rating", 2)
    async with clinic.database.reading() as tx:
        history = await facts.history_of(tx, patient)
        (given,) = history.given
    judged = facts.facts_of(clinic, history, given, clinic.protocols.get(None).thresholds)
    assert judged.baseline_moods == ()
