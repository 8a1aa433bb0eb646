"""What a person may ask of their own data: all of it, and that it goes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, select

from rules.retention import Retention
from services import erasure, export, people, retention
from services.clinic import Clinic
from services.errors import Refused
from store import audit, courses
from store.schema import metadata
from tests.world import Phone, World

DAY = timedelta(days=1)
MARKS = ("marmalade", "+34 600", "Patient One")


async def lived(world: World) -> Phone:
    """A patient who has written, was answered, and whose alert was closed."""
    clinician = await world.clinician()
    patient = await world.patient(phone="+34 600 000 000")
    await world.infusion(patient)
    await patient.says("I want to kill myself with marmalade")
    await clinician.presses("Acknowledge")
    await clinician.presses("Show details")
    await clinician.presses("Called the patient")
    await clinician.presses("Close with outcome")
    await clinician.presses("Reached, and safe")
    await clinician.says("We talked about the marmalade.")
    patient.reads()
    return patient


async def exported(world: World, phone: Phone) -> str:
    async with world.transaction() as tx:
        patient = await people.patient(tx, phone.alias)
        return json.dumps(await export.of_patient(world.clinic, tx, patient, actor="cli", now=world.now))


async def everything_readable(world: World) -> str:
    """All that any sealed column gives up, and every plain one."""
    found = []
    async with world.clinic.database.reading() as tx:
        for table in metadata.sorted_tables:
            for row in await tx.rows(select(table)):
                for column in table.columns:
                    value = getattr(row, column.name)
                    if isinstance(column.type, LargeBinary) and column.name != "wrapped":
                        value = await tx.open(f"{table.name}.{column.name}:{row.id}", value)
                    found.append(str(value))
    return "\n".join(found)


async def test_an_export_holds_all_that_is_kept_and_is_logged(world: World) -> None:
    patient = await lived(world)
    document = await exported(world, patient)
    assert all(mark in document for mark in MARKS)
    for key in ("consents", "answers", "alerts", "findings", "messages", "updates", "audit", "courses", "checkins"):
        assert json.loads(document)[key], key
    async with world.clinic.database.reading() as tx:
        assert [each.action for each in await audit.read(tx, audit.stream_of(patient.id))][-1] == "exported"


def of_two(world: World) -> Clinic:
    """The clinic where an admin must agree before a patient is erased."""
    return replace(world.clinic, two_persons=True)


async def test_after_erasing_nothing_they_wrote_can_be_read_and_the_audit_holds(world: World) -> None:
    patient = await lived(world)
    admin = await world.member("Admin", role="admin")
    before = await everything_readable(world)
    assert all(mark in before for mark in MARKS)
    async with world.transaction() as tx:
        assert not await erasure.ask(
            of_two(world), tx, await people.patient(tx, patient.alias), actor="cli", now=world.now
        )
    await world.settle()
    assert patient.alias in admin.received("erase-ask").text
    assert await admin.presses("Agree, erase") == "Erased."
    left = await everything_readable(world)
    assert not [mark for mark in MARKS if mark in left]
    assert str(patient.user_id) not in left.split("\n")
    async with world.clinic.database.reading() as tx:
        assert await audit.first_break(tx, audit.stream_of(patient.id)) is None
        actions = [each.action for each in await audit.read(tx, audit.stream_of(patient.id))]
        assert actions[-2:] == ["erase-asked", "erased"]
        with pytest.raises(Refused):
            await people.patient(tx, patient.alias)
    await patient.says("hello?")
    patient.received("stranger")


async def test_who_agrees_must_be_an_admin_and_asked_within_a_day(world: World) -> None:
    patient = await lived(world)
    admin = await world.member("Admin", role="admin")
    async with world.transaction() as tx:
        found = await people.patient(tx, patient.alias)
        await erasure.ask(of_two(world), tx, found, actor="cli", now=world.now)
    await world.settle()
    await world.advance(DAY + timedelta(minutes=1))
    patient.reads()
    assert await admin.presses("Agree, erase") == "That was asked too long ago."
    async with world.clinic.database.reading() as tx:
        assert (await people.patient(tx, patient.alias)).state == "consented"


async def test_nobody_is_erased_while_an_alert_is_open_or_without_a_second_person(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    async with world.transaction() as tx:
        found = await people.patient(tx, patient.alias)
        with pytest.raises(Refused, match="no admin"):
            await erasure.ask(of_two(world), tx, found, actor="cli", now=world.now)
    await patient.says("/now")
    patient.reads()
    async with world.transaction() as tx:
        with pytest.raises(Refused, match="not closed"):
            await erasure.ask(world.clinic, tx, found, actor="cli", now=world.now)


async def test_what_they_wrote_just_before_is_heeded_all_the_same(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    patient.app().say("I am going to kill myself tonight")
    await world._poll()  # stored, and not handled yet
    async with world.transaction() as tx:
        await erasure.ask(world.clinic, tx, await people.patient(tx, patient.alias), actor="cli", now=world.now)
    await world.settle()
    assert "page" in [message.kind for message in clinician.reads()]
    patient.received("stranger-crisis")


async def test_a_digest_on_its_way_comes_without_their_words_and_with_everybody_elses(world: World) -> None:
    clinician = await world.clinician()
    gone, stays = await world.patient(), await world.patient()
    for patient in (gone, stays):
        await patient.says("Slept well, walked the dog.")
        patient.reads()
    clinician.app().say("/digest")
    await world._poll()
    await world.pump.handle_due()  # queued, and not sent yet
    async with world.transaction() as tx:
        await erasure.ask(world.clinic, tx, await people.patient(tx, gone.alias), actor="cli", now=world.now)
    await world.settle()
    await clinician.presses("Open the digest")
    told = "".join(message.text for message in clinician.reads())
    assert stays.alias in told
    assert gone.alias not in told


async def test_what_is_past_its_time_is_counted_first_and_then_let_go(world: World) -> None:
    patient = await lived(world)
    kept = Retention(messages=30 * DAY, links=DAY, patients=60 * DAY)
    clinic = replace(world.clinic, retention=kept)
    later = world.now + 120 * DAY
    async with world.transaction() as tx:
        for course in await courses.active_of(tx, patient.id):
            await courses.set_state(tx, course.id, "ended")
        dry = await retention.over(clinic, tx, later)
        assert all(dry[kind] for kind in ("updates", "messages", "links", "patients")), dry
        assert await retention.forget(clinic, tx, later, actor="cli") == dry
        assert not any((await retention.over(clinic, tx, later)).values())
    left = await everything_readable(world)
    assert not [mark for mark in MARKS if mark in left]


async def test_what_is_not_past_its_time_stays(world: World) -> None:
    patient = await lived(world)
    async with world.transaction() as tx:
        assert not any((await retention.forget(world.clinic, tx, world.now + DAY, actor="cli")).values())
    assert "marmalade" in await exported(world, patient)
