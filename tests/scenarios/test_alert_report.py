"""The report over alerts tells what really happened, and of nobody but the clinic's own people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services import alert_report, synthetic
from tests.world import World

MINUTE = timedelta(minutes=1)


async def report(world: World) -> list[dict[str, Any]]:
    async with world.clinic.database.reading() as tx:
        week = timedelta(weeks=1)
        return await alert_report.lines(world.clinic, tx, world.now - week, world.now + week)


async def test_an_alert_that_climbed_is_reported_with_its_times_and_its_outcome(world: World) -> None:
    await world.clinician("Primary")
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await synthetic.look_after(world.clinic, world.now, timedelta(hours=1))
    await patient.says("/now")
    await world.advance(6 * MINUTE)
    await backup.presses("Acknowledge")
    await world.advance(4 * MINUTE)
    await backup.presses("Called the patient")
    await backup.presses("Close with outcome")
    await backup.presses("Not a concern")
    await world.advance(5 * MINUTE)
    await backup.says("It was a line of a song.")
    (row,) = await report(world)
    assert (row["tier"], row["alerts"], row["climbs"], row["unanswered"], row["false"]) == ("red", 1, 1, 0, 1)
    times = [row[f"{wait}_median"] for wait in alert_report.WAITS]
    assert times == [0.0, 6 * 60, 10 * 60, 15 * 60]
    patient.reads()


async def test_an_amber_out_of_hours_is_measured_from_the_opening_it_was_to_wait_for(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(timedelta(hours=11))
    await patient.sends("voice")
    await world.advance(timedelta(hours=11))
    assert clinician.reads("page")
    (row,) = await report(world)
    assert (row["tier"], row["page_median"]) == ("amber", 0.0)
    patient.reads()


async def test_an_alert_for_which_everybody_had_to_be_tried_counts_as_unanswered(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    await world.advance(15 * MINUTE)
    (row,) = await report(world)
    assert (row["unanswered"], row["acknowledge_median"]) == (1, None)
    patient.reads()
