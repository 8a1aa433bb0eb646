"""Promise 11: an auditor outside the engine looks whether everything is on track, and only then pings."""

from __future__ import annotations

from datetime import timedelta

from services import watching
from tests.world import World


async def codes(world: World) -> set[str]:
    async with world.clinic.database.reading() as tx:
        return {problem.code for problem in await watching.findings(world.clinic, tx, world.now)}


async def test_all_is_well_while_the_engine_runs(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await patient.says("/now")
    await world.advance(timedelta(minutes=3))
    assert await codes(world) == set()
    patient.reads()


async def test_a_stopped_engine_with_an_open_alert_is_seen(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    patient.reads()
    world.now += timedelta(minutes=5)
    assert {"alert-overdue", "tick-stale"} <= await codes(world)


async def test_an_unhandled_update_and_an_unsent_page_are_seen(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    patient.app().say("I want to kill myself")
    await world._poll()
    world.now += timedelta(minutes=2)
    assert "inbox-unhandled" in await codes(world)
    await world.pump.handle_due()
    world.now += timedelta(minutes=2)
    assert "page-unsent" in await codes(world)
    await world.settle()
    assert await codes(world) == set()
    patient.reads()
