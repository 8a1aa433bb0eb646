"""Promise 7: a red answer gets its crisis text and a call-me button in the same second, whenever it comes."""

from __future__ import annotations

from datetime import timedelta

from tests.world import World


async def test_the_crisis_reply_comes_at_once_with_the_lines_and_the_button(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    began = world.now
    await patient.says("I took all the pills, goodbye")
    reply = patient.reads("crisis")[0]
    assert reply.at == began
    assert "024" in reply.text
    assert "112" in reply.text
    assert reply.labels[0] == "Please call me"
    assert reply.protected


async def test_the_own_safety_plan_stands_in_it(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await patient.says("/plan Call my sister. Go to the park.")
    patient.received("plan-saved")
    await patient.says("/now")
    assert "Call my sister" in patient.received("crisis").text


async def test_call_me_is_asked_for_once(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    patient.reads()
    await patient.presses("Please call me")
    patient.received("call-me-noted")
    await patient.presses("Please call me")
    patient.received("call-me-again")
    assert len(await world.alerts()) == 1
    assert clinician.reads("page")


async def test_who_was_called_and_asks_once_more_is_heard_once_more(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("I want to die")
    await patient.presses("Please call me")
    for label in ("Acknowledge", "Called the patient"):
        await clinician.presses(label)
    await world.advance(timedelta(hours=1))
    patient.reads()
    clinician.reads()
    await patient.presses("Please call me")
    patient.received("call-me-noted")
    assert clinician.reads("page")
    await patient.presses("Please call me")
    patient.received("call-me-again")


async def test_a_slip_of_the_finger_lowers_nothing(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    patient.reads()
    await patient.presses("I tapped by mistake")
    patient.received("mistake-noted")
    (alert,) = await world.alerts("open")
    assert alert.tier.word == "red"


async def test_the_patient_is_told_when_a_human_has_seen_it(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    patient.received("crisis")
    await world.advance(timedelta(minutes=3))
    await clinician.presses("Acknowledge")
    assert "has seen your message" in patient.received("seen").text


async def test_the_form_is_left_alone_after_a_red_answer(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(timedelta(days=1))
    patient.reads()
    while "Not at all" not in patient.labels and "Yes" not in patient.labels:
        await patient.presses(patient.labels[0])
    patient.reads()
