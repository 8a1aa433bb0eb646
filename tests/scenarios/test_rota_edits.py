"""The rota while it is edited: gaps are said at once and daily, calendars become shifts, and the ladder follows."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

from rules.rotation import Rotation
from services import calendars, enrolment, people, rota
from services.calendars import Event
from store.database import Database
from tests.world import Phone, World, opened

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def goes_away(world: World, phone: Phone, from_at: datetime, to_at: datetime) -> None:
    async with world.transaction() as tx:
        member = await people.member(tx, phone.alias)
        await rota.send_away(tx, member, from_at=from_at, to_at=to_at, actor="cli", now=world.now)
    await world.settle()


async def test_a_holiday_is_said_to_the_coordinator_at_once_and_pages_everybody_while_it_lasts(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    await goes_away(world, one, world.now + DAY, world.now + 3 * DAY)
    assert "from Tue 5 May, 12:00 to Thu 7 May, 12:00" in coordinator.received("rota-gap").text
    await world.advance(2 * DAY)
    coordinator.received_nothing()  # it was said
    patient = await world.patient()
    await patient.says("/now")
    assert two.reads("page")
    patient.reads()


async def test_a_backup_who_is_away_is_said_as_such_once_and_a_clinic_without_backups_hears_nothing(
    world: World,
) -> None:
    await world.clinician("One", days=90)
    coordinator = await world.member("Front Desk", role="coordinator")
    await world.advance(2 * DAY)
    assert coordinator.reads("rota-gap") == []
    two = await world.clinician("Two", on_call="backup", days=90)
    assert coordinator.reads("rota-gap") == []
    await goes_away(world, two, world.now + DAY, world.now + 2 * DAY)
    told = coordinator.reads("rota-gap")[0].text
    assert told.startswith("Nobody is on call as backup from Thu 7 May, 12:00 to Fri 8 May, 12:00.")
    await world.advance(3 * DAY)
    assert coordinator.reads("rota-gap") == []


async def test_the_end_of_all_backups_is_said_ahead_then_each_week_then_no_more(world: World) -> None:
    await world.clinician("One", days=200)
    coordinator = await world.member("Front Desk", role="coordinator")
    await world.clinician("Two", on_call="backup", days=40)
    assert coordinator.reads("rota-gap") == []
    await world.advance(12 * DAY)
    assert "as backup from Sat 13 Jun" in coordinator.reads("rota-gap")[0].text
    await world.advance(27 * DAY)
    assert coordinator.reads("rota-gap") == []
    await world.advance(31 * DAY)
    assert len(coordinator.reads("rota-gap")) == 5
    await world.advance(30 * DAY)
    assert coordinator.reads("rota-gap") == []


async def test_somebody_who_leaves_makes_a_gap_that_is_said_at_once(world: World) -> None:
    one = await world.clinician("One")
    await world.clinician("Two", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    async with world.transaction() as tx:
        await enrolment.disable_staff(tx, await people.member(tx, one.alias), actor="cli", now=world.now)
    await world.settle()
    assert coordinator.received("rota-gap")


async def test_the_end_of_a_rotation_is_said_thirty_days_ahead(world: World) -> None:
    phones = [await world.clinician(name, on_call=None) for name in ("One", "Two")]
    coordinator = await world.member("Front Desk", role="coordinator")
    coordinator.reads()
    async with world.transaction() as tx:
        members = [await people.member(tx, phone.alias) for phone in phones]
        turns = Rotation(
            order=tuple(member.id for member in members),
            starts_on=world.now.date(),
            at=time(8),
            zone="Europe/Madrid",
            ends_at=world.now + 33 * DAY,
        )
        await rota.rotate(tx, members, turns, actor="cli", now=world.now)
    await world.advance(2 * DAY)
    assert coordinator.reads("rota-gap") == []
    await world.advance(2 * DAY)
    assert len(coordinator.reads("rota-gap")) == 1
    await world.advance(2 * DAY)
    assert coordinator.reads("rota-gap") == []


async def test_an_imported_calendar_is_who_gets_paged(world: World) -> None:
    one, two = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    events = [
        Event(summary="One", from_at=world.now, to_at=world.now + HOUR),
        Event(summary="two (backup)", from_at=world.now, to_at=world.now + DAY),
        Event(summary="Two", from_at=world.now + HOUR, to_at=world.now + DAY),
    ]
    async with world.transaction() as tx:
        await calendars.take_over(
            tx, events, calendar="c", level="primary", member=None, skip=False, actor="cli", now=world.now
        )
    patient = await world.patient()
    await patient.says("/now")
    assert one.reads("page")
    assert two.reads("page") == []
    await one.presses("Acknowledge")
    await world.advance(HOUR)
    two.reads()
    other = await world.patient()
    await other.says("/now")
    assert two.reads("page")
    for each in (patient, other):
        each.reads()


async def test_drills_come_by_themselves_and_one_that_is_missed_is_said(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    async with opened(sqlite_database, now, tmp_path, drill_every=7 * DAY) as world:
        one, two = await world.clinician("One"), await world.clinician("Two", on_call=None)
        coordinator = await world.member("Front Desk", role="coordinator")
        coordinator.reads()
        await world.advance(7 * DAY)  # Monday noon again
        assert one.reads("drill")
        assert two.reads("drill")
        await world.advance(5 * MINUTE)
        await one.presses("I can be reached")
        assert "that took 5 min" in one.received("drill-done").text
        await world.advance(HOUR)
        assert "Two has not answered a drill" in coordinator.received("drill-missed").text
        await two.presses("I can be reached")
        await world.advance(6 * DAY)
        assert one.reads("drill") == []


async def test_whoever_pages_do_not_reach_any_more_is_said_to_the_coordinator_at_once_and_once(world: World) -> None:
    one, desk = await world.clinician("One"), await world.member("Front Desk", role="coordinator")
    other = await world.member("Reader", role="auditor")
    await other.blocks()
    desk.received_nothing()  # no page would go to them
    for _ in range(2):
        await one.blocks()
        assert "Pages do not reach One any more" in desk.received("staff-blocked").text
        await world.advance(HOUR)
        desk.received_nothing()
        await one.unblocks()
    one.reads()


async def test_a_course_that_is_left_uncovered_before_it_begins_is_said_to_the_coordinator_once(world: World) -> None:
    one, desk = await world.clinician("One"), await world.member("Front Desk", role="coordinator")
    later = await world.clinician("Two", on_call=None)
    await world.puts_on_call(later, "primary", world.now + 4 * DAY, world.now + 60 * DAY)
    soon, meant, afterwards = [await world.patient(joined="linked") for _ in range(3)]
    await world.infusion(soon, ended_at=world.now + 2 * DAY)
    await world.infusion(meant, ended_at=world.now + 2 * DAY + HOUR, uncovered="decided")
    await world.infusion(afterwards, ended_at=world.now + 5 * DAY)
    desk.reads()
    await goes_away(world, one, world.now, world.now + 10 * DAY)
    (said,) = desk.reads("courses-uncovered")
    assert f"when these begin on Wednesday, 6 May: {soon.alias}." in said.text
    await world.advance(3 * DAY)
    assert desk.reads("courses-uncovered") == []
