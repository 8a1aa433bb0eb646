"""Promise 5: acknowledged is not done: a named owner, a contact, an outcome."""

from __future__ import annotations

from datetime import timedelta

from bot.buttons import pack
from store import checkins
from tests.world import World


async def test_the_owner_is_reminded_and_an_acknowledgement_runs_out(world: World) -> None:
    primary = await world.clinician("Primary")
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    assert await primary.presses("Acknowledge") == "You own it now."
    primary.reads()
    await world.advance(timedelta(minutes=30))
    assert "No contact is recorded yet" in primary.received("page").text
    backup.received_nothing()
    await world.advance(timedelta(minutes=30))
    assert primary.reads("page")
    assert backup.reads("page")
    patient.reads()


async def test_called_then_closed_with_an_outcome_and_the_patient_is_told(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    await clinician.presses("Acknowledge")
    await clinician.presses("Called the patient")
    await clinician.presses("Close with outcome")
    await clinician.presses("Reached, and safe")
    await clinician.says("Spoke by phone; a friend is there.")
    (alert,) = await world.alerts()
    assert (alert.state, alert.outcome) == ("closed", "reached-safe")
    patient.received("crisis", "seen", "closed")
    clinician.reads()
    await world.advance(timedelta(hours=12))
    clinician.received_nothing()


async def test_when_two_press_there_is_one_owner_and_both_are_told(world: World) -> None:
    one = await world.clinician("Clinician One")
    two = await world.clinician("Clinician Two")
    patient = await world.patient()
    await patient.says("/now")
    one.app().press("Acknowledge")
    two.app().press("Acknowledge")
    await world.settle()
    (alert,) = await world.alerts("acknowledged")
    owner, name, other = (one, "One", two) if alert.owner_id == one.id else (two, "Two", one)  # chats run side by side
    assert alert.owner_id == owner.id
    assert f"Clinician {name}" in other.received("page", "taken-by-other").text
    patient.received("crisis", "seen")


async def test_nobody_closes_what_nobody_has_acknowledged(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    assert "Close with outcome" not in clinician.labels
    patient.reads()


async def test_a_red_answer_given_again_after_the_call_rings_again(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    asked = next(row for row in await world.checkins(patient) if "phq9" in row.asks)
    async with world.transaction() as tx:
        await checkins.change(tx, asked.id, state="sent", sent_at=world.now)
    item_9 = pack(world.clinic.button_key, patient.user_id, "a", asked.id, "phq9/9/3")
    message = patient.last.id
    for called in (False, True):
        for _ in range(2):  # a slip of the finger: pressed twice, it rings once
            patient.app().press(data=item_9, message_id=message, forged=True)
        await world.settle()
        assert len(clinician.reads("page")) == 1
        if not called:
            await world.advance(timedelta(minutes=1))
            for label in ("Acknowledge", "Called the patient"):
                await clinician.presses(label)
            await world.advance(timedelta(hours=1))
            clinician.reads()
    patient.reads()
