"""Staff change one patient's plan: what they skip is not asked, what they move stays there, a course may go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services import infusions, scheduling, slots
from services.clinic import Clinic
from services.errors import Refused
from store import audit, checkins, courses, patients
from store.checkins import Checkin
from store.database import Transaction
from store.patients import Patient
from tests.builders import add_patient, record_infusion

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVENING = datetime(2026, 5, 11, 16, tzinfo=UTC)  # 18:00 in Madrid on day 7


async def in_course(clinic: Clinic, tx: Transaction, now: datetime, **infusion: object) -> Patient:
    patient = await add_patient(clinic, tx, now)
    await record_infusion(clinic, tx, patient, now, **infusion)
    return patient


async def moved(
    tx: Transaction, patient: Patient, slot: str, to: datetime, now: datetime, day: int | None = None
) -> Checkin:
    row = await slots.find(tx, patient, slot, None if day is None else (now + day * DAY).date())
    await slots.move(tx, patient, row, to=to, actor="cli", now=now)
    return await again(tx, row)


async def again(tx: Transaction, row: Checkin) -> Checkin:
    found = await checkins.get(tx, row.id)
    assert found is not None
    return found


async def elsewhere(tx: Transaction, patient: Patient, now: datetime) -> None:
    """The patient travels to New York."""
    await patients.change(tx, patient.id, timezone="America/New_York")
    travelled = await patients.get(tx, patient.id)
    assert travelled is not None
    await scheduling.reschedule(tx, travelled, now)


async def test_a_skipped_slot_is_not_asked_whatever_moves(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        row = await slots.find(tx, patient, "side-effects", (now + 3 * DAY).date())
        await slots.skip(tx, patient, row, actor="cli", now=now)
        await elsewhere(tx, patient, now)
        await record_infusion(clinic, tx, patient, now, ended_at=now + 5 * DAY)
        skipped = await again(tx, row)
        (entry,) = [each for each in await audit.read(tx, audit.stream_of(patient.id)) if each.action == "slot-skipped"]
    assert (skipped.state, skipped.cancelled_because) == ("cancelled", "staff")
    assert entry.detail == {"checkin": row.id, "key": "side-effects/3/0"}


async def test_a_moved_slot_stays_where_staff_put_it(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        row = await moved(tx, patient, "week-1", EVENING, now)
        await elsewhere(tx, patient, now)
        stands = await again(tx, row)
    assert (row.due_at, row.expires_at, row.moved_because) == (EVENING, EVENING + 20 * HOUR, "staff")
    assert row.remind_at == datetime(2026, 5, 12, 6, tzinfo=UTC)  # not at nine in the evening: quiet hours
    assert (row.day, row.local_at) == (7, datetime(2026, 5, 11, 18))  # noqa: DTZ001
    assert stands.due_at == EVENING


async def test_a_course_lasts_until_its_last_slot_wherever_that_was_moved(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        row = await moved(tx, patient, "week-2", now + 20 * DAY, now)
        (course,) = await courses.active_of(tx, patient.id)
    assert course.ends_at == row.expires_at


async def test_a_postponed_infusion_takes_along_what_staff_moved(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now, ended_at=now + 2 * DAY)
        row = await moved(tx, patient, "week-1", EVENING + 2 * DAY, now)
        (course,) = await courses.active_of(tx, patient.id)
        await infusions.postpone(tx, patient, course, to=now + 12 * DAY, actor="cli", now=now)
        after = await again(tx, row)
    assert (after.pinned, after.day, after.due_at) == (False, 7, datetime(2026, 5, 23, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("slot", "day", "to", "said"),
    [
        ("week-1", 7, datetime(2026, 5, 4, 9, tzinfo=UTC), "has been"),
        ("week-1", 7, datetime(2029, 5, 11, 9, tzinfo=UTC), "90 days after the course"),
        ("week-1", 7, datetime(2026, 5, 11, 20, tzinfo=UTC), "quiet hours"),
        ("mood", 3, datetime(2026, 5, 8, 12, tzinfo=UTC), "a daily mood on 2026-05-08"),
    ],
)
async def test_a_move_that_makes_no_sense_is_refused(
    clinic: Clinic, now: datetime, slot: str, day: int, to: datetime, said: str
) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        with pytest.raises(Refused, match=said):
            await moved(tx, patient, slot, to, now, day)


async def test_a_slot_stays_on_its_side_of_a_planned_infusion(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now, ended_at=now + 2 * DAY)
        with pytest.raises(Refused, match="belongs after the infusion"):
            await moved(tx, patient, "week-1", now + DAY, now)


async def test_what_was_asked_or_is_not_the_only_one_cannot_be_found(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        row = await slots.find(tx, patient, "settle", None)
        await checkins.change(tx, row.id, queued_at=now)
        assert not await checkins.change_unasked(tx, row.id, state="cancelled")
        for name, mend in (
            ("settle", "ahead is: mood, side-effects"),
            ("mood", "--on: 2026-05-05, 2026-05-06, 2026-05-07, 2026-05-08, 2026-05-09 and 9 more"),
            ("lunch", "mood"),
        ):
            with pytest.raises(Refused) as refused:
                await slots.find(tx, patient, name, None)
            assert mend in refused.value.mend


async def test_a_slot_skipped_before_is_named_with_its_date_and_where_it_is_still_ahead(
    clinic: Clinic, now: datetime
) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        on = (now + 2 * DAY).date()
        await slots.skip(tx, patient, await slots.find(tx, patient, "mood", on), actor="cli", now=now)
        with pytest.raises(Refused, match="has no mood on 2026-05-06") as refused:
            await slots.find(tx, patient, "mood", on)
    assert "mood is ahead on: 2026-05-05, 2026-05-07" in refused.value.mend
    assert "and 8 more" in refused.value.mend


async def test_the_date_of_a_slot_is_the_one_where_the_patient_is_now(clinic: Clinic, now: datetime) -> None:
    noon = datetime(2026, 5, 11, 10, tzinfo=UTC)
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        row = await moved(tx, patient, "week-1", noon, now)
        await patients.change(tx, patient.id, timezone="Pacific/Kiritimati")
        travelled = await patients.get(tx, patient.id)
        assert travelled is not None
        found = await slots.find(tx, travelled, "week-1", (noon + DAY).date())
        with pytest.raises(Refused, match="week-1 on 2026-05-11"):
            await slots.find(tx, travelled, "week-1", noon.date())
    assert (found.id, slots.day_of(travelled, found)) == (row.id, (noon + DAY).date())


async def test_of_two_on_one_day_one_is_named_by_its_id(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        one = await slots.find(tx, patient, "week-1", None)
        two = await slots.find(tx, patient, "week-2", None)
        await checkins.change(tx, two.id, slot="week-1", due_at=one.due_at + HOUR)
        with pytest.raises(Refused, match="2 times") as refused:
            await slots.find(tx, patient, "week-1", slots.day_of(patient, one))
        assert await slots.find(tx, patient, two.id, None) is not None
    assert f"{one.id}, {two.id}" in refused.value.mend


async def test_a_course_goes_on_with_the_daily_mood(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        (before,) = await courses.active_of(tx, patient.id)
        once = await slots.extend(tx, patient, days=3, actor="cli", now=now)
        after = await slots.extend(tx, patient, days=2, actor="cli", now=now)
        rows = await checkins.of_patient(tx, patient.id)
        for days in (0, 86):
            with pytest.raises(Refused, match="so many days more"):
                await slots.extend(tx, patient, days=days, actor="cli", now=now)
    moods = [row for row in rows if row.slot == "mood"]
    assert [row.day for row in moods] == list(range(1, 20))
    assert (once.course.ends_at, after.course.ends_at) == (before.ends_at + 3 * DAY, before.ends_at + 5 * DAY)
    assert (after.course.extra_days, after.last_on) == (5, moods[-1].local_on)
    assert once.last_on == after.last_on - 2 * DAY


async def test_who_is_in_no_course_has_none_to_extend(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        with pytest.raises(Refused, match="no course"):
            await slots.extend(tx, patient, days=3, actor="cli", now=now)
