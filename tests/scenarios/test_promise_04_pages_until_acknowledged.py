"""Promise 4: a red alert pages until a human acknowledges it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from tests.world import World

MINUTE = timedelta(minutes=1)


async def test_the_ladder_climbs_and_then_repeats_without_end(world: World) -> None:
    primary = await world.clinician("Primary")
    backup = await world.clinician("Backup", on_call="backup")
    third = await world.clinician("Third", on_call=None)
    patient = await world.patient()
    began = world.now
    await patient.says("/now")
    assert [page.at for page in primary.reads("page")] == [began]
    backup.received_nothing()

    await world.advance(5 * MINUTE)
    assert backup.reads("page")
    third.received_nothing()
    await world.advance(5 * MINUTE)
    assert third.reads("page")
    primary.reads()

    await world.advance(timedelta(hours=1))
    pages = [page.at for page in primary.reads("page")]
    assert len(pages) >= 28  # every two minutes
    assert max(b - a for a, b in pairwise(pages)) <= 2 * MINUTE
    patient.received("crisis", "not-reached")


async def test_nobody_on_call_pages_everybody_at_once(world: World) -> None:
    one = await world.clinician("One", on_call=None)
    two = await world.clinician("Two", on_call=None)
    patient = await world.patient()
    await patient.says("/now")
    assert one.reads("page")
    assert two.reads("page")
    assert patient.reads("crisis")


async def test_a_clinician_who_blocked_the_bot_is_passed_over_at_once(world: World) -> None:
    primary = await world.clinician("Primary")
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    began = world.now
    primary.app().block()  # the bot learns of it from the refused page only, if that comes first
    await patient.says("/now")
    assert [page.at for page in backup.reads("page")] == [began]
    assert patient.reads("crisis")


async def test_no_quiet_hours_and_no_clinic_hours_hold_a_red_page_back(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.advance(timedelta(hours=15))  # the middle of the night
    await patient.says("/now")
    assert clinician.reads("page")
    crisis = patient.received("crisis")
    assert "out of hours" in crisis.text


async def test_a_thousand_messages_are_one_alert_and_no_more_rings_than_the_ladder_has(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    for _ in range(40):
        patient.app().say("I want to kill myself")
    await world.settle()
    assert len(await world.alerts()) == 1
    assert len(clinician.reads("page")) <= 2
    assert len(patient.reads("crisis")) == 1


async def test_acknowledging_stops_the_rings(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    await clinician.presses("Acknowledge")
    clinician.reads()
    await world.advance(29 * MINUTE)
    clinician.received_nothing()
    patient.received("crisis", "seen")


async def test_a_second_red_answer_pages_again_even_when_acknowledged(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    await clinician.presses("Acknowledge")
    clinician.reads()
    await world.advance(5 * MINUTE)
    await patient.says("I am going to kill myself tonight")
    assert clinician.reads("page")
    assert len(await world.alerts()) == 1
    patient.reads()
