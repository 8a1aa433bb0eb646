"""Every button of staff asks who presses: an auditor, a coordinator and somebody who has left change nothing by any."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.buttons import pack
from bot.router import BUTTONS_FOR_STAFF, FOR_STAFF
from services import enrolment, people
from services.errors import Refused
from store.rota_schema import absence, form, shift, swap
from store.schema import alert, alert_event, digest, patient, staff
from tests.scenarios.test_swaps import offers
from tests.world import Phone, World

WATCHED = (alert, alert_event, digest, patient, shift, swap, absence, form)
HARMLESS = {"drill"}  # their own drill
ARGUMENTS = {"offer": ("1", "2"), "form": ("confirm/yes", "patient/P-1"), "swap": ("", "all/0")}


async def standing(world: World) -> list[Any]:
    """Everything that a press could have changed, but for the note that it was refused."""
    async with world.clinic.database.reading() as tx:
        rows = [tuple(row) for table in WATCHED for row in await tx.rows(select(table))]
    return [row for row in rows if not {"press-refused", "reveal-refused"} & set(map(str, row))]


async def presses_everything(world: World, who: Phone, subjects: list[str]) -> None:
    """Each verb there is, genuinely signed for whoever presses, about each of the subjects."""
    await who.says("/help")
    message = who.last.id
    for verb in BUTTONS_FOR_STAFF.keys() - HARMLESS:
        for subject in subjects:
            for argument in ARGUMENTS.get(verb, ("no-concern",)):
                data = pack(world.clinic.button_key, who.user_id, verb, subject, argument)
                who.app().press(data=data, message_id=message, forged=True)
    await world.settle()


@pytest.mark.parametrize("role", ["auditor", "coordinator", "disabled clinician"])
async def test_no_button_works_for_who_may_not(world: World, role: str) -> None:
    clinician, one = await world.clinician(), await world.patient()
    await offers(world, clinician)
    who = await world.member("Other", role=role.split()[-1])
    if role == "disabled clinician":
        await who.says("/alerts")
        async with world.transaction() as tx:
            await enrolment.disable_staff(tx, await people.member(tx, who.alias), actor="cli", now=world.now)
    await one.says("I want to kill myself with marzipan")
    one.reads()
    (standing_alert,) = await world.alerts()
    before = await standing(world)
    async with world.clinic.database.reading() as tx:
        subjects = [standing_alert.id, one.id, *[row.id for row in await tx.rows(select(swap.c.id))]]
    assert len(subjects) == 3
    await presses_everything(world, who, subjects)
    assert await standing(world) == before
    assert not [each for each in who.reads() if "marzipan" in each.text]


async def test_who_is_disabled_loses_everything_at_once_and_the_gap_is_told(world: World) -> None:
    gone = await world.clinician()
    coordinator = await world.member("Coordinator", role="coordinator")
    async with world.transaction() as tx:
        await enrolment.disable_staff(tx, await people.member(tx, gone.alias), actor="cli", now=world.now)
    await world.settle()
    assert coordinator.reads("rota-gap")
    gone.reads()
    for command in FOR_STAFF:
        await gone.says(f"/{command}")
    assert {each.kind for each in gone.reads()} <= {"stranger"}
    async with world.clinic.database.reading() as tx:
        row = await tx.row(select(staff.c.user_id, staff.c.chat_id).where(staff.c.id == gone.id))
    assert row == (None, None)
    await world.advance(timedelta(minutes=1))


async def test_a_clinician_whom_an_alert_does_not_concern_reads_how_they_could_come_to_it(world: World) -> None:
    await world.clinician("One")
    other, patient = await world.clinician("Two", on_call=None), await world.patient()
    await patient.says("/now")
    await other.says("/alerts")
    said = await other.presses(other.labels[0])
    assert said == "You were not paged about it and are not on call now. Somebody who was can hand it over to you."
    patient.reads()


async def test_neither_a_link_nor_what_was_on_its_way_reaches_who_is_disabled(world: World) -> None:
    gone = await world.clinician()
    async with world.transaction() as tx:
        member = await people.member(tx, gone.alias)
        code = await enrolment.relink_staff(world.clinic, tx, member, actor="cli", now=world.now)
    gone.app().say("/oncall")
    await world._poll()
    await world.pump.handle_due()  # answered, and not sent yet
    async with world.transaction() as tx:
        await enrolment.disable_staff(tx, member, actor="cli", now=world.now)
    await world.settle()
    assert gone.reads() == []
    await gone.says(f"/start {code}")
    async with world.transaction() as tx:
        after = await people.member(tx, gone.alias)
        with pytest.raises(Refused, match="disabled"):
            await enrolment.relink_staff(world.clinic, tx, after, actor="cli", now=world.now)
    assert (after.user_id, after.chat_id) == (None, None)
    assert not {"staff-welcome", "drill"} & {each.kind for each in gone.reads()}
