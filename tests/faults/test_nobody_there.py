"""Rows 34 and 35: nobody is on call, or whoever is cannot be written to."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from rules.rotation import Rotation
from services import enrolment, people
from store import rotations, staff
from tests.world import Phone, World

HOUR = timedelta(hours=1)


async def member(world: World, phone: Phone) -> staff.Member:
    """What the clinic knows of a staff member."""
    async with world.clinic.database.reading() as tx:
        return await people.member(tx, phone.alias)


GAPS = ["no shift was ever made", "the shift is over", "its clinician has left", "the rotation's zone is gone"]


@pytest.mark.parametrize("gap", GAPS)
async def test_row_34_with_nobody_on_call_every_clinician_is_paged_at_once(world: World, gap: str) -> None:
    one, two, gone = [await world.member(name) for name in ("One", "Two", "Gone")]
    if gap == "the shift is over":
        await world.puts_on_call(gone, "primary", world.now, world.now + HOUR)
        await world.advance(HOUR)
        gone.received_nothing()
    elif gap == "its clinician has left":
        await world.puts_on_call(gone, "primary", world.now, world.now + HOUR)
        async with world.transaction() as tx:
            await enrolment.disable_staff(tx, await people.member(tx, gone.alias), actor="cli", now=world.now)
    elif gap == "the rotation's zone is gone":
        async with world.transaction() as tx:
            nowhere = Rotation(
                order=(gone.id,),
                level="primary",
                starts_on=date(2026, 5, 1),
                at=time(9),
                zone="Europe/Atlantis",
                days=7,
            )
            await rotations.add(tx, nowhere, world.now)
    patient = await world.patient()
    began = world.now
    await patient.says("/now")
    assert [page.at for page in (*one.reads("page"), *two.reads("page"))] == [began, began]
    patient.received("crisis")


@pytest.mark.parametrize("how", ["blocked the bot", "never pressed Start", "left Telegram"])
async def test_row_35_whoever_cannot_be_written_to_is_passed_over_at_once_and_marked(world: World, how: str) -> None:
    primary, desk = await world.clinician("Primary"), await world.member("Desk", role="coordinator")
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    if how == "blocked the bot":
        primary.app().chat.blocked = True  # and Telegram has not told yet
    elif how == "never pressed Start":
        primary.app().chat.started = False
    else:
        primary.app().chat.deleted = True
    began = world.now
    await patient.says("/now")
    assert [page.at for page in backup.reads("page")] == [began]
    assert (await member(world, primary)).blocked_at == began
    assert "Pages do not reach Primary any more" in desk.received("staff-blocked").text
    patient.received("crisis")
