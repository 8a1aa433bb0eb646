"""Promise 9: missed by us is not missed by the patient."""

from __future__ import annotations

from datetime import timedelta

from tests.world import World

DAY = timedelta(days=1)


async def test_after_an_outage_there_is_at_most_one_combined_prompt_and_staff_get_the_list(world: World) -> None:
    await world.clinician()
    coordinator = await world.member("Coordinator", role="coordinator")
    patient = await world.patient()
    await world.infusion(patient)
    await world.outage(3 * DAY)
    missed = [row for row in await world.checkins(patient) if row.state == "missed_by_us"]
    assert missed
    asked = [message.kind for message in patient.reads()]
    assert len(asked) <= 1
    assert any(patient.alias in message.text for message in coordinator.reads())
    assert all(row.state != "expired" for row in await world.checkins(patient))
    assert await world.alerts() == []  # our silence is not theirs


async def test_a_night_of_downtime_loses_no_prompt_that_is_still_worth_asking(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.outage(timedelta(hours=5))
    await world.advance(timedelta(minutes=2))
    patient.received("catch-up")  # and no reminder on its heels


async def test_more_than_a_day_away_pages_clinicians_with_who_may_have_written(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.outage(DAY + timedelta(hours=2))
    assert any(patient.alias in message.text for message in clinician.reads())
    patient.reads()
