"""Courses keep their day 0, and end with their last slot wherever that is moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from services import infusions, scheduling
from services.clinic import Clinic
from store import checkins, courses, patients
from store.courses import Course
from store.database import Transaction
from store.patients import Patient
from tests.builders import add_patient, record_infusion


async def end_of(tx: Transaction, patient: Patient) -> tuple[Course, datetime]:
    """The patient's course, and when its last check-in is over."""
    (course,) = await courses.of_patient(tx, patient.id)
    return course, max(row.expires_at for row in await checkins.of_patient(tx, patient.id))


async def test_a_course_ends_with_its_last_slot_also_when_the_patient_moves_it(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now)
        course, last = await end_of(tx, patient)
        assert course.ends_at == last
        await patients.change(tx, patient.id, preferred="20:00")
        moved = await patients.get(tx, patient.id)
        assert moved is not None
        assert moved.preferred == time(20)
        await scheduling.reschedule(tx, moved, now)
        later, last = await end_of(tx, patient)
        assert later.ends_at == last == course.ends_at + timedelta(hours=10)


async def test_day_0_is_the_day_of_the_infusion_wherever_the_patient_travels(clinic: Clinic) -> None:
    evening = datetime(2026, 5, 4, 21, 30, tzinfo=UTC)  # 23:30 in Madrid on the 4th, already the 5th in Tokyo
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, evening)
        await record_infusion(clinic, tx, patient, evening)
        await patients.change(tx, patient.id, timezone="Asia/Tokyo")
        travelled = await patients.get(tx, patient.id)
        assert travelled is not None
        await scheduling.reschedule(tx, travelled, evening)
        (course,) = await courses.of_patient(tx, patient.id)
        moods = [row for row in await checkins.of_patient(tx, patient.id) if row.slot == "mood"]
    assert course.infusion_on == date(2026, 5, 4)
    assert [(row.day, row.local_on) for row in moods][-1] == (14, date(2026, 5, 18))


async def test_a_postponed_infusion_has_another_day_0(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        planned, later = now + timedelta(days=2), now + timedelta(days=4)
        recorded = await record_infusion(clinic, tx, patient, now, ended_at=planned)
        await infusions.postpone(tx, patient, recorded.course, to=later, actor="cli", now=now)
        course, last = await end_of(tx, patient)
    assert (course.infusion_at, course.infusion_on, course.ends_at) == (later, date(2026, 5, 8), last)
