"""Promise 10: every button is checked against who pressed it; nothing about a patient where it does not belong."""

from __future__ import annotations

from tests.world import World


async def test_a_patient_cannot_press_a_clinicians_button(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    page = clinician.reads("page")[0]
    data = _data(clinician, page.id, "Acknowledge")
    patient.app().press(data=data, forged=True)
    await world.settle()
    (alert,) = await world.alerts()
    assert alert.state == "open"
    patient.reads()


async def test_a_clinician_cannot_use_another_ones_button(world: World) -> None:
    one = await world.clinician("One")
    two = await world.clinician("Two", on_call=None)
    patient = await world.patient()
    await patient.says("/now")
    data = _data(one, one.reads("page")[0].id, "Acknowledge")
    two.app().press(data=data, forged=True)
    await world.settle()
    (alert,) = await world.alerts()
    assert alert.state == "open"
    patient.reads()


async def test_a_coordinator_neither_acknowledges_nor_sees_details(world: World) -> None:
    await world.clinician()
    coordinator = await world.member("Coordinator", role="coordinator")
    patient = await world.patient()
    await patient.says("/now")
    await coordinator.says("/alerts")
    assert "not open to you" in coordinator.received("no-role").text
    patient.reads()


async def test_a_page_carries_no_words_of_the_patient_and_the_reveal_is_logged(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient(phone="+34 600 000 000")
    await patient.says("my secret word is marmalade and I want to kill myself")
    page = clinician.reads("page")[0]
    assert "marmalade" not in page.text
    assert patient.alias in page.text
    await clinician.presses("Acknowledge")
    await clinician.presses("Show details")
    details = clinician.reads("details")[0]
    assert "marmalade" in details.text
    assert "+34 600 000 000" in details.text
    assert details.protected
    patient.reads()


async def test_a_group_hears_nothing_about_anybody(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    group = -4242
    world.telegram.add_group(group, "Group", members=[patient.user_id, clinician.user_id], bots=[world.tokens[0]])
    world.telegram.client(patient.user_id, world.tokens[0], group).say("I want to kill myself")
    await world.settle()
    assert world.telegram.sent(world.tokens[0], group) == []
    assert clinician.reads("page")
    patient.received("crisis")


async def test_a_used_link_works_for_nobody_else(world: World) -> None:
    await world.clinician()
    from services import enrolment

    async with world.transaction() as tx:
        _, code = await enrolment.enrol_patient(
            world.clinic, tx, name="P", timezone="Europe/Madrid", language="en", contact={}, actor="cli", now=world.now
        )
    for user_id, words in ((801, "I agree"), (802, "does not work any more")):
        world.telegram.add_user(user_id, name="Somebody")
        app = world.telegram.client(user_id, world.tokens[0])
        app.start(code)
        await world.settle()
        last = app.messages[-1]
        labels = [b["text"] for row in last.get("reply_markup", {}).get("inline_keyboard", []) for b in row]
        assert words in last["text"] or words in labels


def _data(phone: object, message_id: int, label: str) -> str:
    message = next(each for each in phone.app().messages if each["message_id"] == message_id)  # type: ignore[attr-defined]
    rows = message["reply_markup"]["inline_keyboard"]
    return next(str(b["callback_data"]) for row in rows for b in row if b["text"] == label)
