"""Rows 11 to 14 and 17: Telegram throttles, fails, refuses the token, or takes a message and does not say so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox import faults
from tests.world import Phone, World

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BOTH = 2  # pages by the second channel: the ladder's own, and one because Telegram holds the other up


async def prompted(world: World, number: int) -> list[Phone]:
    """Patients whose first prompt is due in ten seconds or a little more."""
    people = [await world.patient() for _ in range(number)]
    for each in people:
        await world.infusion(each, ended_at=world.now - timedelta(hours=4) + 10 * SECOND, uncovered="a test")
        each.reads()
    return people


async def test_row_11_a_throttled_check_in_holds_up_no_page(world: World) -> None:
    clinician = await world.clinician()
    (throttled,) = await prompted(world, 1)
    other = await world.patient()
    world.telegram.faults.add(faults.too_many_requests(90).on("sendMessage", chat_id=throttled.user_id, times=1))
    await world.advance(75 * SECOND)
    throttled.received_nothing()
    began = world.now
    await other.says("/now")
    assert [page.at for page in clinician.reads("page")] == [began]
    assert other.received("crisis").at == began
    await world.advance(3 * MINUTE)
    throttled.received("prompt")


async def test_row_12_a_throttled_page_goes_another_way_at_once_and_comes_when_it_may(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    world.telegram.faults.add(faults.too_many_requests(40).on("sendMessage", chat_id=clinician.user_id, times=1))
    began = world.now
    await patient.says("/now")
    assert len(world.pager.texts) == BOTH
    assert clinician.reads() == []
    await world.advance(41 * SECOND)
    (page,) = clinician.reads("page")
    assert 40 * SECOND <= page.at - began <= 41 * SECOND
    patient.received("crisis")


@pytest.mark.parametrize("error", [500, 502, 504])
async def test_row_13_a_failing_telegram_is_asked_again_and_the_second_channel_too(world: World, error: int) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    world.telegram.faults.add(faults.failing(error).on("sendMessage"))
    await patient.says("/now")
    await world.advance(15 * SECOND)
    assert len(world.pager.texts) == BOTH
    world.telegram.faults.clear()
    await world.advance(30 * SECOND)  # the longest wait between two attempts
    assert len(clinician.reads("page")) == 1
    patient.received("crisis")


@pytest.mark.parametrize("fault", [faults.silent(delivered=True), faults.reset(delivered=True)], ids=["late", "reset"])
async def test_row_14_a_page_that_perhaps_arrived_comes_again_with_the_same_alert(
    world: World, fault: faults.Fault
) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    world.telegram.faults.add(fault.on("sendMessage", chat_id=clinician.user_id, times=1))
    await patient.says("/now")
    await world.advance(5 * SECOND)
    first, second = clinician.reads()
    assert first.text == second.text
    assert first.labels == second.labels
    assert len(await world.alerts()) == 1
    await clinician.presses("Acknowledge", on=first)
    assert [alert.state for alert in await world.alerts()] == ["acknowledged"]
    patient.received("crisis", "seen")


async def test_row_14_a_prompt_that_perhaps_arrived_counts_when_answered_and_is_not_asked_again(world: World) -> None:
    await world.clinician()
    (patient,) = await prompted(world, 1)
    fault = faults.silent(delivered=True)
    world.telegram.faults.add(fault.on("sendMessage", chat_id=patient.user_id, times=1))
    while not patient.unread:
        await world.advance(10 * SECOND)
    patient.received("prompt")  # the second copy would come half a minute later
    while "No" in patient.labels or "Gone" in patient.labels:
        await patient.presses(patient.labels[0])
    (settle,) = [row for row in await world.checkins(patient) if row.slot == "settle"]
    assert settle.state == "answered"
    await world.advance(2 * 60 * MINUTE)
    assert {message.kind for message in patient.reads()} <= {"question", "answered"}


async def test_row_17_while_the_token_is_refused_pages_go_another_way_and_come_when_it_is_not(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    world.telegram.faults.add(faults.failing(401).on("sendMessage"))
    await patient.says("/now")
    await world.advance(15 * SECOND)
    assert len(world.pager.texts) == BOTH
    world.telegram.faults.clear()
    await world.advance(30 * SECOND)
    assert clinician.reads("page")
    patient.received("crisis")
