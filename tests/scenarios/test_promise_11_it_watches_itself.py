"""Promise 11: an auditor outside the engine looks whether everything is on track, and only then pings."""

from __future__ import annotations

from datetime import timedelta

from services import records, synthetic, watching
from store import digests, paging
from tests.world import World

HOUR = timedelta(hours=1)


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


async def test_an_alert_for_which_everybody_was_tried_holds_the_ping_back_until_somebody_takes_it(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    await world.advance(timedelta(minutes=6))  # nobody is backup, so that all are paged after five
    assert await codes(world) == set()
    await world.advance(timedelta(minutes=1))
    assert await codes(world) == {"alert-unanswered"}
    await clinician.presses("Acknowledge")
    assert await codes(world) == set()
    patient.reads()


async def tried(world: World) -> list[str]:
    """One look of the auditor at the synthetic patient."""
    return [problem.code for problem in await synthetic.look_after(world.clinic, world.now, HOUR)]


async def test_a_synthetic_red_text_goes_the_whole_way_each_hour_and_reaches_no_clinician(world: World) -> None:
    clinician = await world.clinician()
    for number in range(1, 4):
        assert await tried(world) == []
        await world.advance(timedelta(seconds=50))
        async with world.clinic.database.reading() as tx:
            alert = await world.synthetic_alert()
            assert alert is not None
            assert alert.alias == f"T-{number}"
            assert await paging.first_page_sent_at(tx, alert.id) == world.now - timedelta(seconds=50)
        assert await tried(world) == []
        assert await world.synthetic_alert() is None
        await world.advance(HOUR - timedelta(seconds=50))
    clinician.received_nothing()
    assert world.pager.texts == []


async def test_a_new_synthetic_text_hides_no_silence_about_the_old_one(world: World) -> None:
    assert await tried(world) == []
    world.now += timedelta(minutes=2)  # nothing runs that would page about it
    assert await tried(world) == ["synthetic-unpaged"]
    world.now += HOUR
    for _ in range(2):
        assert await tried(world) == ["synthetic-unpaged"]
        world.now += timedelta(minutes=1)
    await world.settle()
    assert await tried(world) == []


async def test_the_synthetic_patient_stands_in_no_list(world: World) -> None:
    patient = await world.patient()
    await tried(world)
    await world.settle()
    async with world.transaction() as tx:
        assert [line["id"] for line in await records.patient_lines(world.clinic, tx)] == [patient.alias]
        assert await records.alert_lines(tx) == []
        assert await digests.gather(tx, world.now) is None


async def test_with_nobody_on_call_the_synthetic_alert_alarms_nobody(world: World) -> None:
    await tried(world)
    await world.advance(timedelta(minutes=20))
    assert await tried(world) == []
    assert world.pager.texts == []


async def test_a_synthetic_text_that_reaches_no_page_is_off_track_until_it_does(world: World) -> None:
    await world.clinician()
    await tried(world)
    world.now += timedelta(minutes=2)  # nothing runs
    assert await tried(world) == ["synthetic-unpaged"]
    await world.settle()
    assert await tried(world) == []
    assert await world.synthetic_alert() is None
