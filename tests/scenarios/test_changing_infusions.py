"""A coordinator moves or cancels a planned infusion by buttons: shown before, asked back, kept in the audit."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.local_time import to_local
from services import changing, people
from store import audit, courses, staff
from tests.world import Phone, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def planned(world: World, phone: Phone, language: str = "en") -> tuple[Phone, datetime]:
    """A coordinator, and when the one infusion of a patient is planned: on the Thursday at 14:00, in the clinic."""
    desk = await world.member("Coordinator", role="coordinator", language=language)
    recorded = await world.infusion(phone, ended_at=world.now + 3 * DAY + timedelta(hours=2))
    return desk, recorded.course.infusion_at


async def course_of(world: World, phone: Phone) -> courses.Course:
    async with world.transaction() as tx:
        (course,) = await courses.of_patient(tx, phone.id)
    return course


async def due(world: World, phone: Phone) -> list[datetime]:
    return [each.due_at for each in await world.checkins(phone) if each.state == "scheduled"]


async def test_an_infusion_moves_with_its_check_ins_once_it_was_shown_and_confirmed(world: World) -> None:
    await world.clinician(days=60)
    patient = await world.patient()
    desk, at = await planned(world, patient)
    before = await due(world, patient)
    await desk.says(f"/infusion {patient.alias}")
    assert desk.last.labels == ("Thu 7 May, 14:00", "Record another one", "Cancel")
    await desk.presses("Thu 7 May, 14:00")
    assert desk.last.labels == ("Move it", "Cancel it", "Leave it")
    await desk.presses("Move it")
    await desk.presses("A day later")
    shown = desk.last
    assert f"Move it? {patient.alias}: from Thu 7 May, 14:00 to Fri 8 May 2026, 14:00." in shown.text
    assert f"Check-ins that move: {len(before)}" in shown.text
    assert shown.labels == ("Yes", "Leave it")
    assert await due(world, patient) == before
    assert (await course_of(world, patient)).infusion_at == at
    desk.reads()
    await desk.presses("Yes")
    assert (
        f"is now on Fri 8 May 2026, 14:00.\nCheck-ins that move: {len(before)}"
        in desk.received("infusion-changed").text
    )
    assert (await course_of(world, patient)).infusion_at == at + DAY
    assert await due(world, patient) == [each + DAY for each in before]
    assert await desk.presses("Yes", on=shown) == "That question is over."
    async with world.transaction() as tx:
        entry = (await audit.read(tx, audit.stream_of(patient.id)))[-1]
    assert (entry.action, entry.actor) == ("infusion-postponed", f"staff:{desk.id}")
    assert (entry.detail["from"], entry.detail["to"]) == (at.isoformat(), (at + DAY).isoformat())


async def test_a_cancelled_infusion_asks_nothing_and_leaving_it_changes_nothing(world: World) -> None:
    await world.clinician(days=60)
    patient = await world.patient()
    desk, _ = await planned(world, patient)
    count = len(await due(world, patient))
    for last in ("Leave it", "Yes"):
        assert len(await due(world, patient)) == count
        await desk.says(f"/infusion {patient.alias}")
        await desk.presses("Thu 7 May, 14:00")
        await desk.presses("Cancel it")
        assert f"Check-ins that are not asked any more: {count}" in desk.last.text
        await desk.presses(last)
    assert "cancelled" in desk.reads("infusion-changed")[0].text
    assert await due(world, patient) == []
    assert (await course_of(world, patient)).state == "cancelled"
    await desk.says(f"/infusion {patient.alias}")
    assert "When did the infusion end" in desk.last.text  # there is none planned any more


async def test_what_looks_odd_about_the_new_time_is_said_before(world: World) -> None:
    await world.clinician(days=4)
    patient = await world.patient()
    desk, at = await planned(world, patient)
    await world.infusion(patient, ended_at=at + 4 * DAY, uncovered="a test")
    await desk.says(f"/infusion {patient.alias}")
    await desk.presses("Thu 7 May, 14:00")
    await desk.presses("Move it")
    await desk.says("2026-05-10 14:00")  # a Sunday, beyond the rota, the day before the other one
    assert "Please look: the clinic is closed." in desk.last.text
    assert "Please look: another is on the same or the next day." in desk.last.text
    assert "Please look: no tested clinician is on the rota on its first day." in desk.last.text
    assert "Check-ins that" in desk.last.text


async def test_to_a_day_that_nobody_tested_covers_it_moves_only_with_a_reason_that_is_kept(world: World) -> None:
    await world.clinician(days=5)
    patient = await world.patient()
    desk, at = await planned(world, patient)
    await desk.says(f"/infusion {patient.alias}")
    await desk.presses("Thu 7 May, 14:00")
    await desk.presses("Move it")
    await desk.presses("A week later")
    await desk.presses("Yes")
    assert "No tested clinician is on the rota on the new first day" in desk.last.text
    assert (await course_of(world, patient)).infusion_at == at
    await desk.says("The rota of that week comes tomorrow.")
    course = await course_of(world, patient)
    assert (course.infusion_at, course.uncovered_reason) == (at + 7 * DAY, "The rota of that week comes tomorrow.")
    assert "Please look: no tested clinician" in desk.reads("infusion-changed")[0].text
    async with world.transaction() as tx:
        entry = (await audit.read(tx, audit.stream_of(patient.id)))[-1]
    assert (entry.action, entry.actor) == ("infusion-postponed", f"staff:{desk.id}")
    assert entry.detail["uncovered"] is True
    await desk.says(f"/infusion {patient.alias}")  # the reason stands for that day: within it, it only warns
    await desk.presses("Thu 14 May, 14:00")
    await desk.presses("Move it")
    await desk.says("2026-05-14 16:00")
    await desk.presses("Yes")
    assert (await course_of(world, patient)).uncovered_reason == "The rota of that week comes tomorrow."
    await desk.says(f"/infusion {patient.alias}")  # and on another day it is asked for anew
    await desk.presses("Thu 14 May, 16:00")
    await desk.presses("Move it")
    await desk.presses("A day later")
    await desk.presses("Yes")
    assert "No tested clinician is on the rota on the new first day" in desk.last.text
    assert (await course_of(world, patient)).infusion_at == at + 7 * DAY + 2 * HOUR
    await desk.says("Nor does that of the day after.")
    async with world.transaction() as tx:
        entry = (await audit.read(tx, audit.stream_of(patient.id)))[-1]
    assert entry.detail["reason_before"] == "The rota of that week comes tomorrow."


async def test_the_reason_for_an_uncovered_day_does_not_stand_for_a_covered_one(world: World) -> None:
    await world.clinician(days=5)
    patient = await world.patient()
    recorded = await world.infusion(patient, ended_at=world.now + 9 * DAY, uncovered="No rota yet.")
    async with world.transaction() as tx:
        someone = await people.patient(tx, patient.alias)
        more = {"to": world.now + 3 * DAY, "uncovered": None, "actor": "cli", "now": world.now}
        await changing.postpone(world.clinic, tx, someone, recorded.course, **more)
    assert (await course_of(world, patient)).uncovered_reason is None  # so that a gap there would be told


async def test_an_infusion_that_has_begun_meanwhile_is_refused_in_the_members_language(world: World) -> None:
    await world.clinician(days=60)
    patient = await world.patient()
    desk, at = await planned(world, patient, language="es")
    await world.until(at - timedelta(minutes=10))
    desk.reads()
    await desk.says(f"/infusion {patient.alias}")
    await desk.presses("jue 7 may, 14:00")
    await desk.presses("Moverla")
    await desk.presses("Una semana después")
    assert "del jue 7 may, 14:00 al jue 14 may 2026, 14:00" in desk.last.text
    await world.until(at + timedelta(minutes=1))
    desk.reads()
    await desk.presses("Sí")
    refused = desk.received("form-refused").text
    assert refused == (
        "Esa infusión ya pasó o está anulada.\n"
        "→ /infusion registra la siguiente; la clínica retira la que fue un error."
    )
    assert (await course_of(world, patient)).infusion_at == at
    patient.reads()


async def test_it_may_not_fall_on_another_of_the_same_patient(world: World) -> None:
    await world.clinician(days=60)
    patient = await world.patient()
    desk, at = await planned(world, patient)
    await world.infusion(patient, ended_at=at + DAY)
    await desk.says(f"/infusion {patient.alias}")
    await desk.presses("Thu 7 May, 14:00")
    await desk.presses("Move it")
    desk.reads()
    await desk.presses("A day later")
    assert "has an infusion at that instant already" in desk.received("form-refused").text


async def test_whoever_may_not_any_more_changes_nothing(world: World) -> None:
    await world.clinician(days=60)
    patient = await world.patient()
    desk, at = await planned(world, patient)
    await desk.says(f"/infusion {patient.alias}")
    await desk.presses("Thu 7 May, 14:00")
    await desk.presses("Cancel it")
    desk.reads()
    async with world.transaction() as tx:
        await staff.change(tx, (await people.member(tx, desk.alias)).id, role="auditor")
    await desk.presses("Yes")
    desk.received("no-role")
    assert (await course_of(world, patient)).state == "active"
    assert to_local(at, "Europe/Madrid").hour == 14
