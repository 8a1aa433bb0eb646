"""A new version of the consent: whoever is in a course is asked once, by day, and nothing waits for the answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from services import people, records
from store import audit, checkins, patients
from tests.world import Phone, World

NEW = "2027-01"
HOUR = timedelta(hours=1)


async def in_a_course(world: World) -> Phone:
    """A patient in a course who has agreed to the version that was in force."""
    patient = await world.patient()
    await world.infusion(patient, uncovered="a test")
    patient.reads()
    return patient


async def agreed(world: World, phone: Phone) -> dict[str, datetime | None]:
    """What a patient has agreed to, and when they took it back."""
    async with world.transaction() as tx:
        found = await people.patient(tx, phone.alias)
        return {each.version: each.withdrawn_at for each in await patients.consents_of(tx, found.id)}


async def actions(world: World, phone: Phone) -> list[tuple[str, str]]:
    """What the audit has of a patient's consent."""
    async with world.transaction() as tx:
        entries = await audit.read(tx, audit.stream_of(phone.id))
    return [(each.action, each.detail["version"]) for each in entries if each.action.startswith("consent-")]


async def test_who_is_in_a_course_is_asked_once_and_agrees_with_a_tap(world: World) -> None:
    patient, other = await in_a_course(world), await world.patient()
    world.restart(consent_version=NEW)
    await world.settle()
    asked = patient.received("consent-again")
    assert "new version" in asked.text
    assert "/stop" in asked.text
    other.received_nothing()  # is in no course, and is asked when one begins
    await patient.presses("I agree", on=asked)
    patient.received("consent-renewed")
    await patient.presses("I agree", on=asked)
    patient.received_nothing()
    assert await agreed(world, patient) == {"2026-11": None, NEW: None}
    assert await actions(world, patient) == [
        ("consent-given", "2026-11"),
        ("consent-asked", NEW),
        ("consent-given", NEW),
    ]
    await world.infusion(other, uncovered="a test")
    await world.advance(HOUR)
    other.received("consent-again")


async def test_questions_and_pages_do_not_wait_for_the_answer_and_nobody_is_asked_twice(world: World) -> None:
    clinician, patient = await world.clinician(), await in_a_course(world)
    world.restart(consent_version=NEW)
    await world.settle()
    patient.received("consent-again")
    await world.advance(timedelta(days=3))
    kinds = [message.kind for message in patient.reads()]
    assert "prompt" in kinds
    assert "consent-again" not in kinds
    await patient.says("I want to kill myself")
    assert clinician.reads("page")
    assert patient.reads("crisis")


async def test_at_night_it_waits_for_the_morning_and_is_dropped_for_who_stops_before(world: World) -> None:
    stays, stops = await in_a_course(world), await in_a_course(world)
    await world.advance(timedelta(hours=11))  # 23:00 in Madrid
    stays.reads(), stops.reads()
    world.restart(consent_version=NEW)
    await world.settle()
    stays.received_nothing()
    await stops.says("/stop")
    stops.received("stopped")
    await world.advance(timedelta(hours=12))
    assert [message.kind for message in stays.reads()].count("consent-again") == 1
    stops.received_nothing()
    assert all((await agreed(world, stops)).values())


async def test_the_button_of_the_old_text_agrees_to_nothing_new_and_shows_the_new_one(world: World) -> None:
    patient = await world.patient(joined="linked")
    world.restart(consent_version=NEW)
    await patient.presses("I agree")
    shown = patient.received("consent")
    assert await agreed(world, patient) == {}
    await patient.presses("I agree", on=shown)
    patient.received("welcome")
    assert await agreed(world, patient) == {NEW: None}


async def test_whoever_paused_is_asked_when_they_come_back_and_stopping_takes_all_versions_back(world: World) -> None:
    patient = await in_a_course(world)
    await patient.says("/pause")
    patient.received("paused")
    world.restart(consent_version=NEW)
    await world.advance(2 * HOUR)
    patient.received_nothing()
    await patient.says("/resume")
    patient.received("resumed")
    await world.advance(HOUR)
    asked = [message for message in patient.reads() if message.kind == "consent-again"]
    await patient.presses("I agree", on=asked[0])
    patient.received("consent-renewed")
    await patient.says("/stop")
    patient.received("stopped")
    taken_back = await agreed(world, patient)
    assert taken_back.keys() == {"2026-11", NEW}
    assert all(taken_back.values())
    assert (await actions(world, patient))[-1] == ("consent-withdrawn", f"2026-11, {NEW}")
    async with world.transaction() as tx:
        assert not [row for row in await checkins.of_patient(tx, patient.id) if row.state == "scheduled"]


async def test_staff_see_who_has_not_agreed_to_the_new_version_where_they_look(world: World) -> None:
    desk = await world.member("Coordinator", role="coordinator")
    patient, other = await in_a_course(world), await world.patient()
    await desk.says("/today")
    assert "consent" not in desk.received("today").text
    world.restart(consent_version=NEW)
    await world.settle()
    await desk.says("/today")
    assert f"Have not agreed to the new consent: 1\n{patient.alias}" in desk.received("today").text
    async with world.transaction() as tx:
        lines = {each["id"]: each["consent"] for each in await records.patient_lines(world.clinic, tx)}
        record = await records.patient_record(world.clinic, tx, await people.patient(tx, patient.alias))
    assert lines == {patient.alias: "older", other.alias: "older"}
    assert record["consent"] == {"version": "2026-11", "current": False}
    await patient.presses("I agree", on=patient.received("consent-again"))
    patient.received("consent-renewed")
    await desk.says("/today")
    assert "consent" not in desk.received("today").text
    async with world.transaction() as tx:
        lines = {each["id"]: each["consent"] for each in await records.patient_lines(world.clinic, tx)}
        record = await records.patient_record(world.clinic, tx, await people.patient(tx, patient.alias))
    assert lines == {patient.alias: "current", other.alias: "older"}
    assert record["consent"] == {"version": NEW, "current": True}
