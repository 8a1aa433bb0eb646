"""A coordinator enrols and records in the chat, question by question, and sees the day."""

from __future__ import annotations

from datetime import timedelta

from sandbox.state import Sent
from services import people
from store import courses
from tests.world import Phone, World


async def coordinator(world: World) -> Phone:
    return await world.member("Coordinator", role="coordinator")


def link_sent(world: World, phone: Phone) -> Sent:
    (sent,) = [each for each in world.telegram.sent(world.tokens[0], phone.user_id) if each.method == "sendPhoto"]
    return sent


async def enrol(desk: Phone, phone: str) -> None:
    await desk.says("/enrol")
    await desk.says("Patient One")
    await desk.presses("Europe/Madrid")
    await desk.presses("Español")
    await (desk.presses(phone) if phone == "Leave it out" else desk.says(phone))


async def test_a_patient_is_enrolled_in_five_steps_and_joins_by_the_picture(world: World) -> None:
    desk = await coordinator(world)
    await enrol(desk, "+34 600 000 000")
    assert "Patient One" not in "".join(message.text for message in desk.reads())
    await desk.presses("Yes")
    desk.received("enrolled")
    sent = link_sent(world, desk)
    assert "P-1 is enrolled" in sent.text or "P-1" in sent.text
    code = sent.text.partition("?start=")[2].split()[0]
    patient = world._phone("?", "P", patient=True, language="es")
    await patient.opens(code)
    patient.received("consent")
    async with world.transaction() as tx:
        (found,) = [await people.patient(tx, sent.text.split()[0])]
    assert (found.language, found.timezone, found.state) == ("es", "Europe/Madrid", "linked")


async def test_nothing_is_done_when_it_is_cancelled_and_old_buttons_are_too_late(world: World) -> None:
    desk = await coordinator(world)
    await desk.says("/enrol Patient One")
    zone = desk.received("form-ask")
    await desk.presses("Cancel")
    desk.received("form-cancelled")
    assert await desk.presses("Europe/Madrid", on=zone) == "That question is over."
    await desk.says("Patient Two")
    desk.received("staff-help")


async def test_an_infusion_is_recorded_and_an_odd_dose_is_asked_back(world: World) -> None:
    await world.clinician()
    desk, patient = await coordinator(world), await world.patient()
    await desk.says("/infusion")
    await desk.presses(patient.alias)
    await desk.says("after lunch")
    await desk.says("11:30")
    await desk.says("5")
    desk.reads()
    await desk.presses("No, I mistyped")
    desk.received("form-ask")
    await desk.presses("0.5 mg/kg")
    assert "0.5 mg/kg" in desk.received("form-ask").text
    await desk.presses("Yes")
    assert patient.alias in desk.received("infusion-recorded").text
    async with world.transaction() as tx:
        (course,) = await courses.of_patient(tx, patient.id)
    assert (course.infusion_at, course.dose_mg_per_kg) == (world.now - timedelta(minutes=30), 0.5)


async def test_an_infusion_whose_course_would_be_over_is_refused_with_what_to_look_at(world: World) -> None:
    await world.clinician()
    desk, patient = await coordinator(world), await world.patient()
    await desk.says(f"/infusion {patient.alias}")
    await desk.says("2026-04-04 10:00")  # a month ago
    await desk.presses("0.5 mg/kg")
    desk.reads()
    await desk.presses("Yes")
    refused = desk.received("form-refused").text
    assert "2026-04-04 10:00 (Europe/Madrid) would be over already" in refused
    assert "look at the month" in refused
    async with world.transaction() as tx:
        assert await courses.of_patient(tx, patient.id) == []


async def test_without_a_tested_clinician_a_reason_is_asked_for(world: World) -> None:
    desk, patient = await coordinator(world), await world.patient()
    await desk.says(f"/infusion {patient.alias}")
    await desk.presses("Just now")
    await desk.presses("0.5 mg/kg")
    await desk.presses("Yes")
    assert "rota" in desk.reads()[-1].text
    await desk.says("The rota starts tomorrow")
    desk.received("infusion-recorded")
    async with world.transaction() as tx:
        assert len(await courses.of_patient(tx, patient.id)) == 1


async def test_only_whoever_may_enrols(world: World) -> None:
    auditor = await world.member("Auditor", role="auditor")
    for command in ("/enrol", "/infusion"):
        await auditor.says(command)
        auditor.received("no-role")
    await auditor.says("/today")
    auditor.received("no-role")


async def test_a_conversation_is_forgotten_after_an_hour(world: World) -> None:
    desk = await coordinator(world)
    await desk.says("/enrol")
    desk.received("form-ask")
    await world.advance(timedelta(minutes=61))
    await desk.says("Patient One")
    desk.received("staff-help")


async def test_today_shows_who_starts_who_ends_and_who_is_silent(world: World) -> None:
    await world.clinician()
    desk, ends, silent = await coordinator(world), await world.patient(), await world.patient()
    ending = await world.infusion(ends, ended_at=world.now - timedelta(days=13))
    await world.infusion(silent)
    await desk.says("/today")
    text = desk.received("today").text
    assert f"{silent.alias} · infusion ends at 12:00" in text
    assert "24 hours: 0" in text
    await world.until(ending.course.ends_at - timedelta(hours=9))
    desk.reads()
    await desk.says("/today")
    text = desk.received("today").text
    assert f"{silent.alias} · 1 missed running" in text
    assert f"{ends.alias} · until Wed 6 May, 06:00" in text
    ends.reads()
    silent.reads()


async def test_the_first_of_six_plans_the_others_after_showing_them(world: World) -> None:
    await world.clinician("Clinician One", days=60)
    desk, patient = await coordinator(world), await world.patient()
    await desk.says(f"/infusion {patient.alias}")
    await desk.says("2026-05-05 14:00")  # a Tuesday
    await desk.presses("0.5 mg/kg")
    await desk.presses("It is the first of six, twice a week")
    shown = desk.last
    assert shown.text.count("14:00") == 6
    assert "Fri 22 May 2026, 14:00" in shown.text
    assert shown.labels == ("Yes", "Cancel")
    async with world.transaction() as tx:
        assert await courses.of_patient(tx, patient.id) == []
    desk.reads()
    await desk.presses("Yes")
    assert (
        f"Recorded for {patient.alias}: 6 infusions, the last on Fri 22 May" in desk.received("infusion-recorded").text
    )
    async with world.transaction() as tx:
        assert len(await courses.of_patient(tx, patient.id)) == 6


async def test_a_series_says_where_the_clinic_is_closed_or_another_is_near(world: World) -> None:
    await world.clinician("Clinician One", days=60)
    desk, patient = await coordinator(world), await world.patient()
    await world.infusion(patient, ended_at=world.now + timedelta(days=4))  # the Friday
    await desk.says(f"/infusion {patient.alias}")
    await desk.presses("Record another one")
    await desk.says("2026-05-09 14:00")  # the day after, a Saturday
    await desk.presses("0.5 mg/kg")
    await desk.presses("It is the first of six, twice a week")
    assert "Sat 9 May 2026, 14:00 · the clinic is closed · another is on the same or the next day" in desk.last.text
    await desk.presses("Cancel")
    async with world.transaction() as tx:
        assert len(await courses.of_patient(tx, patient.id)) == 1
