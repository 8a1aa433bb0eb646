"""Rows 21 to 26: updates that are poison, come twice, in the wrong order, under old ids, or in the wrong place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.telegram import Telegram
from sandbox.updates import FIRST_ID
from services.records import patient_record
from store import audit, patients
from tests.world import Phone, World
from tests.world.clinic import TOKEN

HELP = "I want to kill myself"
MINUTE = timedelta(minutes=1)


async def asked_for_mood(world: World) -> Phone:
    """A patient who is asked for their mood, and a clinician on call."""
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(timedelta(days=1))
    patient.reads()
    return patient


async def record(world: World, patient: Phone) -> dict[str, Any]:
    """What is on record about a patient."""
    async with world.clinic.database.reading() as tx:
        found = await patients.get(tx, patient.id)
        assert found is not None
        return await patient_record(world.clinic, tx, found)


def updates(world: World) -> Any:
    """What waits for the bot at Telegram."""
    return world.telegram.bots[TOKEN].updates


def poison(telegram: Telegram, user_id: int, text: str) -> None:
    """An update of a shape that nobody knows."""
    message = {"message_id": "new!", "from": {"id": user_id}, "chat": {"id": user_id, "type": "private"}, "text": text}
    telegram.inject(TOKEN, {"message": message})


async def test_row_21_a_poison_update_is_laid_aside_alarmed_and_read_while_the_others_flow(world: World) -> None:
    clinician, patient, other = await world.clinician(), await world.patient(), await world.patient()
    poison(world.telegram, patient.user_id, HELP)
    poison(world.telegram, other.user_id, "hello")
    await other.says("/help")
    other.received("help")
    assert len(clinician.reads("page")) == 1
    assert [text for text in world.pager.texts if "laid aside" in text]
    async with world.clinic.database.reading() as tx:
        entries = await audit.read(tx, audit.CLINIC_STREAM)
    assert [entry.action for entry in entries].count("dead-letter") == 2
    patient.received("crisis")


async def test_row_22_an_update_that_comes_twice_has_one_effect(world: World) -> None:
    patient = await asked_for_mood(world)
    patient.app().press("7")
    updates(world).repeat()  # within one batch
    await world.settle()
    updates(world).repeat()  # and after it was confirmed
    await world.settle()
    assert [each["value"] for each in (await record(world, patient))["history"]] == [7]
    patient.reads()


async def test_row_23_of_answers_out_of_order_the_one_given_last_counts(world: World) -> None:
    patient = await asked_for_mood(world)
    patient.app().say("3")
    world.now += MINUTE
    patient.app().say("8")
    updates(world).reverse()
    await world.settle()
    mood = next(each["answers"] for each in (await record(world, patient))["checkins"] if each["slot"] == "mood")
    assert mood == {"mood": 8}
    patient.reads()


async def test_row_23_danger_is_not_overwritten_by_a_harmless_answer(world: World) -> None:
    patient = await asked_for_mood(world)
    patient.app().say(HELP)
    world.now += MINUTE
    patient.app().say("8, all is fine now")
    updates(world).reverse()
    await world.settle()
    assert [alert.tier.word for alert in await world.alerts("open")] == ["red"]
    assert "crisis" in [message.kind for message in patient.reads()]


@pytest.mark.parametrize("lower", [7, FIRST_ID], ids=["never seen", "seen before"])
async def test_row_24_ids_that_start_again_lower(world: World, lower: int) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    updates(world).restart_at(lower)
    await patient.says("/now")
    assert clinician.reads("page")
    patient.received("crisis")


async def test_row_25_an_edit_of_a_harmless_message_is_read(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    message = await patient.says("fine")
    await world.advance(timedelta(hours=3))
    await patient.edits(message, "I want to die")
    assert clinician.reads("page")
    assert patient.reads("crisis")


@pytest.mark.parametrize(
    "before",
    [
        ["/time"],
        ["/timezone"],
        ["/language"],
        ["/plan"],
        ["/pause"],
        ["/stop"],
        ["[Tell how I am now]"],
        ["[Tell how I am now]", "[5]"],
        ["I feel a bit hopeless"],
        ["/start abcdefghijklmnopqrst"],
    ],
)
async def test_row_26_danger_is_seen_whatever_conversation_is_going_on(world: World, before: list[str]) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    for step in before:
        await (patient.presses(step[1:-1]) if step.startswith("[") else patient.says(step))
    clinician.reads()
    patient.reads()
    await says_and_is_heard(world, clinician, patient, HELP)


@pytest.mark.parametrize("wrapped", ["/time {}", "/plan {}", "/start {}", "/nonsense {}"])
async def test_row_26_danger_is_seen_whatever_handler_the_words_are_for(world: World, wrapped: str) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await says_and_is_heard(world, clinician, patient, wrapped.format(HELP))


async def says_and_is_heard(world: World, clinician: Phone, patient: Phone, words: str) -> None:
    """What a patient says pages the clinician at that instant, and the patient gets the crisis text."""
    began = world.now
    await patient.says(words)
    assert [page.at for page in clinician.reads("page")] == [began]
    assert "crisis" in [message.kind for message in patient.reads()]


@pytest.mark.parametrize("named", [True, False])
async def test_row_21_what_is_written_by_nobody_who_is_named_is_heeded_too(world: World, named: bool) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await patient.says(HELP)
    patient.received("crisis")
    clinician.reads()
    chat = {"id": -1001, "type": "channel", "title": "Channel"} if named else {}
    world.telegram.inject(TOKEN, {"channel_post": {"message_id": 1, "date": 1, "chat": chat, "text": HELP}})
    await world.settle()
    assert len(clinician.reads("page")) == 1
    whom = [(each.patient_id, each.stranger_id) for each in await world.alerts()]
    assert whom == [(patient.id, None), (None, -1001 if named else 0)]
