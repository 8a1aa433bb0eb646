"""At each shift's start whoever comes on call says that they can be reached; else the backup stands in."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from rules.local_time import to_instant
from rules.rotation import Rotation
from services import duty, people, rota
from store import audit, drills
from tests.world import Phone, World

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BUTTON = "I can be reached"


async def on_call(world: World) -> tuple[list[str], list[str]]:
    """The names of who is primary and who is backup."""
    async with world.transaction() as tx:
        found = await duty.on_call(tx, world.now)
    return [each["name"] for each in found["primary"]], [each["name"] for each in found["backup"]]


async def tomorrow(world: World, *phones: Phone) -> None:
    """The first phone is primary and the second backup for a day from tomorrow at the same time on."""
    for phone, level in zip(phones, ("primary", "backup"), strict=False):
        await world.puts_on_call(phone, level, world.now + DAY, world.now + 2 * DAY)
    await world.advance(DAY)


async def test_whoever_answers_stays_on_call_and_is_told_how_long_it_took(world: World) -> None:
    primary, backup = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    began = world.now + DAY
    await tomorrow(world, primary, backup)
    coordinator.reads()
    asked = primary.received("drill")
    assert (asked.at, asked.silent) == (began, False)
    assert "primary begins now" in asked.text
    await world.advance(3 * MINUTE)
    await primary.presses(BUTTON)
    assert "that took 3 min" in primary.received("drill-done").text
    await backup.presses(BUTTON)
    await world.advance(HOUR)
    assert await on_call(world) == (["One"], ["Two"])
    coordinator.received_nothing()


async def test_who_is_silent_and_the_backup_change_places_and_the_coordinator_knows(world: World) -> None:
    primary, backup = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    await tomorrow(world, primary, backup)
    await backup.presses(BUTTON)
    for phone in (primary, backup, coordinator):
        phone.reads()
    await world.advance(15 * MINUTE)
    assert await on_call(world) == (["Two"], ["One"])
    assert "You are primary now" in backup.received("drill").text
    assert "Two stands in" in coordinator.received("drill-missed").text

    patient = await world.patient()
    await patient.says("/now")
    assert backup.reads("page")
    primary.received_nothing()
    await world.advance(5 * MINUTE)
    assert primary.reads("page")  # as the backup that they are now
    patient.reads()


async def test_a_late_answer_puts_the_rota_right_again(world: World) -> None:
    primary, backup = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    await tomorrow(world, primary, backup)
    await backup.presses(BUTTON)
    await world.advance(20 * MINUTE)
    await backup.presses(BUTTON)
    for phone in (backup, coordinator):
        phone.reads()
    await primary.presses(BUTTON)
    assert await on_call(world) == (["One"], ["Two"])
    for phone in (backup, coordinator):
        assert "One has answered" in phone.received("drill-late").text
    primary.reads()
    await world.advance(2 * HOUR)
    primary.received_nothing()
    backup.received_nothing()


async def test_when_nobody_answers_the_coordinator_is_told_of_each_and_they_do_not_change_back_and_forth(
    world: World,
) -> None:
    primary, backup = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    await tomorrow(world, primary, backup)
    coordinator.reads()
    await world.advance(5 * HOUR)
    assert await on_call(world) == (["One"], ["Two"])
    told = [message.text for message in coordinator.reads("drill-missed")]
    assert [("One" in text, "Two" in text) for text in told] == [(True, False), (False, True)]
    assert len(primary.reads("drill")) == len(backup.reads("drill")) == 1


async def test_a_backup_who_stands_in_and_falls_silent_is_told_of_too(world: World) -> None:
    primary, backup = await world.clinician("One", on_call=None), await world.clinician("Two", on_call="backup")
    coordinator = await world.member("Front Desk", role="coordinator")
    await tomorrow(world, primary)
    coordinator.reads()
    await world.advance(40 * MINUTE)
    texts = [message.text for message in coordinator.reads("drill-missed")]
    assert ["stands in" in text for text in texts] == [True, True]
    assert "either" in texts[1]
    assert await on_call(world) == (["Two"], ["One"])
    assert [message.text.split()[0] for message in backup.reads("drill")] == ["One"]
    primary.reads()


async def test_beside_a_primary_who_answers_nobody_stands_in(world: World) -> None:
    silent, there = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    backup = await world.clinician("Three", on_call="backup")
    await world.puts_on_call(silent, "primary", world.now + DAY, world.now + 2 * DAY)
    await tomorrow(world, there)
    await there.presses(BUTTON)
    await world.advance(20 * MINUTE)
    assert await on_call(world) == (["One", "Two"], ["Three"])
    backup.received_nothing()


async def test_without_a_backup_the_primary_stays_and_the_coordinator_knows(world: World) -> None:
    primary = await world.clinician("One", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    await tomorrow(world, primary)
    coordinator.reads()
    await world.advance(15 * MINUTE)
    assert await on_call(world) == (["One"], [])
    assert "nobody stands in" in coordinator.received("drill-missed").text
    primary.reads()


async def test_one_who_blocked_the_bot_is_found_out_at_the_start_of_the_shift(world: World) -> None:
    primary, backup = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    await primary.blocks()
    await tomorrow(world, primary, backup)
    await backup.presses(BUTTON)
    coordinator.reads()
    await world.advance(15 * MINUTE)
    assert await on_call(world) == (["Two"], ["One"])
    assert coordinator.received("drill-missed")


async def test_who_has_just_passed_a_drill_is_not_asked_again(world: World) -> None:
    primary = await world.clinician("One", on_call=None)
    await world.puts_on_call(primary, "primary", world.now + 30 * MINUTE, world.now + DAY)
    await world.advance(HOUR)
    primary.received_nothing()
    await world.advance(HOUR)
    primary.received_nothing()


async def test_a_button_that_waits_in_the_chat_is_not_sent_twice_and_its_silence_is_heeded(world: World) -> None:
    coordinator = await world.member("Front Desk", role="coordinator")
    primary = await world.clinician("One", on_call=None, tested=False)
    await world.puts_on_call(primary, "primary", world.now, world.now + DAY)
    primary.received_nothing()
    coordinator.reads()
    await world.advance(15 * MINUTE)
    coordinator.received("drill-missed")


@pytest.mark.parametrize("first", [date(2026, 10, 19), date(2027, 3, 22)])  # the Monday before the clocks change
async def test_a_rotation_asks_each_in_turn_at_eight_also_when_the_clocks_change(world: World, first: date) -> None:
    world.now = to_instant(first, time(7), "Europe/Madrid")
    names = {(await world.clinician(name, on_call=None)).alias: name for name in ("One", "Two")}
    async with world.transaction() as tx:
        members = [await people.member(tx, alias) for alias in names]
        order = tuple(member.id for member in members)
        turns = Rotation(order=order, starts_on=first, at=time(8), zone="Europe/Madrid")
        await rota.rotate(tx, members, turns, actor="cli", now=world.now)
    await world.advance(6 * DAY)
    for week, expected in ((1, "Two"), (2, "One")):
        at = to_instant(first + week * 7 * DAY, time(8), "Europe/Madrid")
        await world.until(at - MINUTE)
        for phone in world.phones:
            phone.reads()
        assert await on_call(world) == ([{"Two": "One", "One": "Two"}[expected]], [])
        await world.until(at)
        (asked,) = [phone for phone in world.phones if phone.reads("drill")]
        await asked.presses(BUTTON)
        assert names[asked.alias] == expected
        assert await on_call(world) == ([expected], [])


async def test_every_step_is_in_the_audit(world: World) -> None:
    primary, backup = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    await tomorrow(world, primary, backup)
    await backup.presses(BUTTON)
    await world.advance(20 * MINUTE)
    await primary.presses(BUTTON)
    async with world.transaction() as tx:
        actions = [each.action for each in await audit.read(tx, audit.CLINIC_STREAM)]
        measured = await drills.since(tx, world.now - HOUR)
    assert actions[-5:] == ["drill-passed", "drill-missed", "stand-in-begun", "drill-passed", "stand-in-ended"]
    assert [each.why for each in measured if each.asked_at < world.now] == ["shift", "shift", "stand-in"]
    assert all(each.answered_at for each in measured if each.why == "shift")
