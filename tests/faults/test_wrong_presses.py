"""Rows 29 to 31: buttons pressed by the wrong person, old buttons, and two who press at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.client import Client
from store import answers
from tests.world import Phone, World
from tests.world.clinic import TOKEN

GROUP = -500
DAY = timedelta(days=1)


def carried(phone: Phone, label: str) -> str:
    """What a button on somebody's phone carries."""
    rows = phone.app().messages[-1]["reply_markup"]["inline_keyboard"]
    return str(next(button["callback_data"] for row in rows for button in row if button["text"] == label))


@pytest.mark.parametrize("who", ["the patient", "a stranger", "a coordinator", "another clinician"])
async def test_row_29_somebody_else_sends_what_a_clinicians_button_carries(world: World, who: str) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await patient.says("/now")
    clinician.reads("page")
    patient.reads()
    phone = await forger(world, who, patient)
    phone.press(data=carried(clinician, "Acknowledge"), forged=True)
    await world.settle()
    assert [alert.state for alert in await world.alerts()] == ["open"]
    patient.received_nothing()


async def forger(world: World, who: str, patient: Phone) -> Client:
    """The phone of somebody who has the data of another person's button."""
    if who == "the patient":
        return patient.app()
    if who == "a stranger":
        world.telegram.add_user(99, name="Stranger")
        client = world.telegram.client(99, TOKEN)
        client.start()
        await world.settle()
        return client
    role, on_call = ("coordinator", None) if who == "a coordinator" else ("clinician", "backup")
    return (await world.member("Somebody", role=role, on_call=on_call)).app()


async def test_row_29_a_page_cannot_be_carried_into_a_group(world: World) -> None:
    clinician, colleague = await world.clinician(), await world.clinician("Colleague", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    page = clinician.reads("page")[-1]
    world.telegram.add_group(GROUP, "A ward", members=[clinician.user_id, colleague.user_id], bots=[TOKEN])
    clinician.app().forward(page.id, GROUP)
    world.telegram.client(colleague.user_id, TOKEN, GROUP).press("Acknowledge")
    await world.settle()
    assert [alert.state for alert in await world.alerts()] == ["open"]
    assert not [sent for sent in world.telegram.sent(TOKEN, GROUP) if patient.alias in sent.text]
    patient.received("crisis")


async def test_row_30_an_old_button_answers_its_own_check_in(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(DAY)
    old = next(message for message in patient.reads("prompt") if "10" in message.labels)
    await world.advance(2 * DAY)
    new = [message for message in patient.reads("prompt") if "10" in message.labels][-1]
    await patient.presses("2", on=old)
    await patient.presses("9", on=new)
    moods = [row for row in await world.checkins(patient) if row.slot == "mood"]
    answered = [(row.day, row.late) for row in moods if row.answered_at is not None]
    assert answered == [(1, True), (3, False)]
    patient.reads()


async def test_row_31_a_double_tap_of_a_patient_counts_once(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(DAY)
    patient.reads()
    for _ in range(3):
        patient.app().press("7")
    await world.settle()
    async with world.clinic.database.reading() as tx:
        assert len(await answers.of_patient(tx, patient.id)) == 1
    patient.reads()


async def test_row_31_of_two_clinicians_who_press_at_once_one_owns_it_and_both_are_told(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two")
    patient = await world.patient()
    await patient.says("/now")
    one.reads()
    two.reads()
    for phone in (one, two, one):
        phone.app().press("Acknowledge")
    await world.settle()
    (alert,) = await world.alerts()
    owner, other = (one, two) if alert.owner_id == one.id else (two, one)
    owner.received_nothing()  # their page itself shows it
    other.received("taken-by-other")
    assert all("has" in phone.texts[0] or alert.alias in phone.texts[-1] for phone in (one, two))
    patient.received("crisis", "seen")
