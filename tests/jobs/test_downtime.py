"""Downtime: a restart is nothing, an outage is told, more than a day pages clinicians with the list."""

from __future__ import annotations

from datetime import timedelta

from services import downtime
from store import audit
from tests.jobs.conftest import Days, kinds

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def restart_after(days: Days, length: timedelta) -> None:
    await days.tick.run_due(days.now)
    days.now += length
    await days.restarted().start(days.now)


async def test_a_first_start_and_a_quick_restart_are_nothing(days: Days) -> None:
    await days.tick.start(days.now)
    await restart_after(days, 10 * MINUTE)
    assert days.alarms == []


async def test_an_outage_is_told_and_written_down(days: Days) -> None:
    await restart_after(days, HOUR)
    assert days.alarms == ["downtime"]
    async with days.clinic.database.reading() as tx:
        outage = await downtime.last(tx)
        actions = [entry.action for entry in await audit.read(tx, audit.CLINIC_STREAM)]
    assert outage is not None
    assert outage.to_at - outage.from_at == HOUR
    assert "downtime" in actions


async def test_after_more_than_a_day_clinicians_are_paged_with_those_whose_answers_may_be_lost(days: Days) -> None:
    clinician, coordinator = await days.member(), await days.member(role="coordinator")
    patients = [await days.patient() for _ in range(2)]
    await restart_after(days, 25 * HOUR)
    went = await days.at(days.now)
    (page,) = (message for message in went if message.kind == "lost-updates")
    assert (page.lane, page.staff_id) == ("page", clinician.id)
    assert page.params["patients"] == ", ".join(patient.alias for patient in patients)
    assert "lost-updates" not in kinds(went, of=coordinator)


async def test_within_a_day_nobody_is_paged(days: Days) -> None:
    await days.member()
    await days.patient()
    await restart_after(days, 23 * HOUR)
    assert "lost-updates" not in kinds(await days.at(days.now))
