"""An infusion that was recorded by mistake is taken back: nothing more is asked, and what was said still counts."""

from __future__ import annotations

from datetime import timedelta

from services import infusions, people
from store import courses
from tests.world import Phone, World

DAY = timedelta(days=1)


async def take_back(world: World, phone: Phone) -> None:
    """The desk takes the patient's newest infusion back."""
    async with world.transaction() as tx:
        patient = await people.patient(tx, phone.alias)
        course = (await courses.of_patient(tx, patient.id))[-1]
        reason = "it was another patient's"
        await infusions.cancel(tx, patient, course, actor="cli", now=world.now, reason=reason)
    await world.settle()


async def test_what_was_asked_may_still_be_answered_and_nothing_is_asked_or_brought_up_again(world: World) -> None:
    await world.clinician(days=60)
    patient = await world.patient()
    await world.infusion(patient)
    await world.until(world.now.replace(hour=8, minute=10) + DAY)
    patient.reads()
    (asked,) = [row for row in await world.checkins(patient) if row.slot == "mood" and row.state == "sent"]
    await take_back(world, patient)
    await world.advance(timedelta(hours=6))
    assert patient.reads() == []  # no reminder either
    await patient.presses("3")
    (answered,) = [row for row in await world.checkins(patient) if row.id == asked.id]
    assert answered.state == "answered"
    await world.advance(20 * DAY)
    assert patient.reads() == []


async def test_an_open_alert_stays_open(world: World) -> None:
    clinician = await world.clinician(days=60)
    patient = await world.patient()
    await world.infusion(patient)
    await patient.says("I want to die")
    await take_back(world, patient)
    (alert,) = await world.alerts()
    assert alert.state == "open"
    clinician.reads()
    await world.advance(timedelta(minutes=10))
    assert clinician.reads("page")
    patient.reads()


async def test_the_earlier_course_goes_on_as_if_it_had_never_been(world: World) -> None:
    await world.clinician(days=60)
    patient = await world.patient()
    await world.infusion(patient)
    before = {(row.slot, row.due_at) for row in await world.checkins(patient) if row.state == "scheduled"}
    await world.advance(timedelta(minutes=30))
    await world.infusion(patient)
    await take_back(world, patient)
    after = {(row.slot, row.due_at) for row in await world.checkins(patient) if row.state == "scheduled"}
    assert after == before
