"""Promise 2: every text from anyone, at any time, is screened before any routing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import World

RED = "I want to kill myself"


async def tier(world: World) -> str | None:
    standing = await world.alerts("open", "acknowledged")
    return standing[-1].tier.word if standing else None


async def test_in_the_middle_of_a_questionnaire(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.presses("Tell how I am now")  # mood, then PHQ-9
    patient.reads()
    await patient.says(RED)
    patient.received("crisis")
    assert [page.kind for page in clinician.reads()] == ["page"]


async def test_as_an_edit_of_a_harmless_message(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    message = await patient.says("fine")
    patient.reads()
    await patient.edits(message, "I want to die")
    patient.received("crisis")
    assert clinician.reads("page")


@pytest.mark.parametrize("kind", ["photo", "voice", "document"])
async def test_as_a_caption(world: World, kind: str) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.sends(kind, RED)
    assert "crisis" in [message.kind for message in patient.reads()]
    assert clinician.reads("page")


@pytest.mark.parametrize("joined", ["linked", "consented"])
async def test_before_and_without_a_course(world: World, joined: str) -> None:
    clinician = await world.clinician()
    patient = await world.patient(joined=joined)
    await patient.says(RED)
    patient.received("crisis")
    assert clinician.reads("page")


async def test_after_opting_out(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/stop")
    patient.received("stopped")
    await patient.says(RED)
    patient.received("crisis")
    assert clinician.reads("page")


async def test_after_the_course_is_over(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient, ended_at=world.now - timedelta(days=20), uncovered="recorded late", though_over=True)
    patient.reads()
    await patient.says(RED)
    assert patient.reads("crisis")
    assert clinician.reads("page")


async def test_inside_a_command(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await patient.says(f"/pause {RED}")
    assert "crisis" in [message.kind for message in patient.reads()]
    assert await tier(world) == "red"


async def test_from_somebody_the_clinic_does_not_know(world: World) -> None:
    clinician = await world.clinician()
    world.telegram.add_user(999, name="Somebody")
    stranger = world.telegram.client(999, world.tokens[0])
    stranger.say(RED)
    await world.settle()
    assert "Call now" in stranger.messages[-1]["text"]
    assert clinician.reads("page")
    stranger.say(RED)
    await world.settle()
    assert len(await world.alerts()) == 1  # one a person a day


async def test_what_cannot_be_read_goes_to_a_human(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await patient.sends("voice")
    patient.received("media")
    assert await tier(world) == "amber"


async def test_a_sticker_is_answered_and_pages_nobody(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await patient.sends("sticker")
    patient.received("sticker")
    clinician.received_nothing()


async def test_ordinary_words_page_nobody(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("Slept well, the garden is killing my back, going to shoot some photos")
    patient.received("words-thanks")
    clinician.received_nothing()
    assert await tier(world) is None
