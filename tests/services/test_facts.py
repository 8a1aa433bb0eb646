"""The baseline that answers are judged against is what was said last before the treatment."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.worsening import Facts
from services import facts
from services.clinic import Clinic
from store import answers, checkins
from store.answers import Given
from store.checkins import NewCheckin
from store.database import Transaction
from store.patients import Patient
from tests.builders import add_patient, make_clinic, record_infusion, shelf

DAY = timedelta(days=1)
SERIES = """
id = "series"
title = "A series with a baseline"
window = "14d"
[[slot]]
name = "before"
days = -1
asks = ["mood"]
infusions = "first"
[[slot]]
name = "mood"
days = "1-14"
asks = ["mood"]
"""


async def answer(tx: Transaction, patient: Patient, checkin_id: str, value: int, at: datetime) -> None:
    told = {"instrument": "mood", "item": "rating", "via": "button", "at": at, "now": at, "value": value}
    await answers.add(tx, patient_id=patient.id, checkin_id=checkin_id, **told)


async def offered(tx: Transaction, patient: Patient, value: int, at: datetime) -> None:
    """The baseline that a patient may give after the consent."""
    new = NewCheckin(
        patient_id=patient.id,
        course_id=None,
        slot="baseline",
        key="baseline/0",
        day=0,
        asks=("mood", "phq9"),
        local_at=at.replace(tzinfo=None),
        due_at=at,
        remind_at=None,
        expires_at=at + DAY,
    )
    (checkin_id,) = await checkins.add(tx, [new])
    await answer(tx, patient, checkin_id, value, at)


async def judged(clinic: Clinic, tx: Transaction, patient: Patient, day: int) -> Facts:
    history = await facts.history_of(tx, patient)
    row = next(row for row in await checkins.of_patient(tx, patient.id) if row.slot == "mood" and row.day == day)
    about = {"checkin_id": row.id, "course_id": row.course_id, "slot": row.slot, "day": row.day}
    this = Given(
        **about, local_on=row.local_on, due_at=row.due_at, at=row.due_at, instrument="mood", item="rating", value=5
    )
    return facts.facts_of(clinic, history, this, clinic.protocols.get(None).thresholds)


async def test_a_prompt_before_the_infusion_is_the_baseline_and_until_then_what_was_offered(
    clinic: Clinic, now: datetime
) -> None:
    clinic = make_clinic(clinic.database, protocols=shelf(series=SERIES))
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        await offered(tx, patient, 6, now)
        await record_infusion(clinic, tx, patient, now, ended_at=now + 3 * DAY, protocol_id="series")
        assert (await judged(clinic, tx, patient, 1)).baseline_moods == (6,)
        (before,) = [row for row in await checkins.of_patient(tx, patient.id) if row.slot == "before"]
        await answer(tx, patient, before.id, 3, before.due_at)
        assert (await judged(clinic, tx, patient, 1)).baseline_moods == (3,)


async def test_the_baseline_of_a_series_is_the_one_before_its_first_infusion(clinic: Clinic, now: datetime) -> None:
    clinic = make_clinic(clinic.database, protocols=shelf(series=SERIES))
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        for days in (3, 6):
            await record_infusion(clinic, tx, patient, now, ended_at=now + days * DAY, protocol_id="series")
        rows = await checkins.of_patient(tx, patient.id)
        (before,) = [row for row in rows if row.slot == "before"]
        await answer(tx, patient, before.id, 3, before.due_at)
        assert (await judged(clinic, tx, patient, 14)).baseline_moods == (3,)
