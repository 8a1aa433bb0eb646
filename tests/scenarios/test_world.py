"""The world itself: a story that overlooks what a patient got fails, and faults look as they do over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.faults import failing, reset, too_many_requests
from tests.world import World


async def test_what_no_story_has_read_fails_it(world: World) -> None:
    patient = await world.patient()
    await patient.says("/help")
    with pytest.raises(AssertionError, match="help"):
        world.no_strays()
    patient.received("help")
    world.no_strays()


async def test_a_message_of_another_kind_than_the_expected_fails_the_story(world: World) -> None:
    patient = await world.patient()
    await patient.says("/help")
    with pytest.raises(AssertionError):
        patient.received("crisis")


async def test_time_jumps_and_everything_happens_at_its_own_instant(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    began = world.now
    await world.advance(timedelta(days=1))
    assert world.now == began + timedelta(days=1)
    first, *_ = patient.reads()
    assert timedelta(hours=4) <= first.at - began < timedelta(hours=4, minutes=1)


async def test_a_page_that_telegram_refuses_is_tried_again_in_its_own_time(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    world.telegram.faults.add(failing(502).on("sendMessage", chat_id=clinician.user_id, times=1))
    await patient.says("I want to kill myself")
    patient.received("crisis")
    clinician.received_nothing()
    began = world.now
    await world.advance(timedelta(minutes=1))
    page, *_ = clinician.reads()
    assert timedelta(0) < page.at - began <= timedelta(seconds=10)


async def test_a_message_that_arrived_although_the_connection_broke_goes_out_again(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    world.telegram.faults.add(reset(delivered=True).on("sendMessage", chat_id=clinician.user_id, times=1))
    await patient.says("I want to kill myself")
    await world.advance(timedelta(minutes=1))
    first, again, *_ = clinician.reads()
    assert (first.kind, first.text) == (again.kind, again.text) == ("page", first.text)
    patient.received("crisis")


async def test_a_throttled_prompt_comes_when_telegram_lets_it(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient, ended_at=world.now - timedelta(hours=4))
    throttled = too_many_requests(90).on("sendMessage", chat_id=patient.user_id, times=1)
    world.telegram.faults.add(throttled)
    began = world.now
    await world.advance(timedelta(minutes=5))
    prompt = patient.received("prompt")
    assert prompt.at - began >= timedelta(seconds=90)


async def test_an_outage_loses_no_answer(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    patient.app().say("I want to kill myself")
    await world.outage(timedelta(hours=1))
    patient.received("crisis")
    assert "page" in {message.kind for message in clinician.reads()}


async def test_the_second_channel_is_kept_for_the_story_to_look_at(world: World) -> None:
    patient = await world.patient()
    await patient.says("I want to kill myself")
    patient.reads()
    assert world.pager.texts
    assert not any("kill" in text for text in world.pager.texts)
