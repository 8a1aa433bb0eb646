"""The first stories: from the link to the first answer, and from a red message to a closed alert."""

from __future__ import annotations

from datetime import timedelta

from rules.tier import Tier
from tests.world import World

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def test_from_the_link_to_the_first_answer(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    recorded = await world.infusion(patient)
    assert recorded.slots > 14

    await world.advance(4 * HOUR - MINUTE)
    patient.received_nothing()
    await world.advance(2 * MINUTE)
    prompt = patient.received("prompt")
    assert prompt.labels == ("Yes", "No")

    await patient.presses("Yes")
    settle, *_ = await world.checkins(patient)
    assert (settle.slot, settle.state) == ("settle", "partial")
    patient.received_nothing()  # the next question came in the place of the first


async def test_the_daily_question_takes_one_tap(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient, ended_at=world.now - 5 * DAY)
    await world.advance(22 * HOUR + MINUTE)  # ten in the morning
    prompt = patient.reads("prompt")[-1]
    assert prompt.labels[:11] == tuple(str(number) for number in range(11))

    await patient.presses("7", on=prompt)
    patient.received_nothing()  # the thanks, and what may be told besides, stand in the place of the question
    assert "7" in patient.texts[-1]
    (mood,) = [row for row in await world.checkins(patient) if row.answered_at == world.now]
    assert (mood.slot, mood.state, mood.message_id) == ("mood", "answered", prompt.id)


async def test_a_red_message_reaches_a_human_and_the_patient_hears_of_it(world: World) -> None:
    clinician, backup = await world.clinician(), await world.clinician("Clinician Two", on_call="backup")
    patient = await world.patient()
    await world.infusion(patient)

    await patient.says("I want to kill myself")
    patient.received("crisis")
    page = clinician.received("page")
    assert patient.alias in page.text
    assert "kill" not in page.text
    assert not page.silent
    backup.received_nothing()

    await clinician.presses("Acknowledge")
    patient.received("seen")
    (alert,) = await world.alerts()
    assert (alert.tier, alert.state, alert.owner_id) == (Tier.RED, "acknowledged", clinician.id)

    await world.advance(10 * MINUTE)
    await clinician.presses("Called the patient")
    await clinician.presses("Close with outcome")
    await clinician.presses("Reached, and safe")
    await clinician.says("Spoke by phone; a friend is there.")
    (alert,) = await world.alerts()
    assert (alert.state, alert.outcome) == ("closed", "reached-safe")
    patient.received("closed")
    backup.received_nothing()


async def test_a_page_that_nobody_answers_climbs_the_ladder(world: World) -> None:
    clinician, backup = await world.clinician(), await world.clinician("Clinician Two", on_call="backup")
    patient = await world.patient()
    await patient.says("I want to kill myself")
    await world.advance(5 * MINUTE)
    assert {message.kind for message in backup.reads()} == {"page"}
    assert {message.kind for message in clinician.reads()} == {"page"}
    assert [message.kind for message in patient.reads()] == ["crisis"]
