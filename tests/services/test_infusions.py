"""Infusions are moved, cancelled and taken back: what that does to the check-ins, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services import infusions
from services.clinic import Clinic
from services.errors import Refused
from services.protocols import Shelf
from store import checkins, courses
from tests.builders import add_patient, record_infusion, shelf

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize("back", [timedelta(0), timedelta(minutes=1), 31 * DAY])
async def test_a_planned_infusion_is_not_moved_to_a_time_that_has_been(
    clinic: Clinic, now: datetime, back: timedelta
) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        recorded = await record_infusion(clinic, tx, patient, now, ended_at=now + DAY)
        before = await checkins.of_patient(tx, patient.id)
        with pytest.raises(Refused, match=r"\(Europe/Madrid\) has been already") as refused:
            await infusions.postpone(tx, patient, recorded.course, to=now - back, actor="cli", now=now)
        assert await checkins.of_patient(tx, patient.id) == before
        (course,) = await courses.of_patient(tx, patient.id)
    assert course.infusion_at == now + DAY
    assert "month" in refused.value.mend


BEFORE = """\
id = "before"
extends = "ketamine-14d"
[[slot]]
name = "before"
days = "-2"
at = "10:00"
asks = ["mood"]
expires_after = "5h"
"""


async def test_what_an_infusion_brought_forward_leaves_no_time_for_is_not_asked(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        texts = {"before": (*shelf().texts["ketamine-14d"], BEFORE)}
        clinic = replace(clinic, protocols=Shelf(texts=texts, default="before"))
        patient = await add_patient(clinic, tx, now)
        recorded = await record_infusion(clinic, tx, patient, now, ended_at=now + 9 * DAY)
        await infusions.postpone(tx, patient, recorded.course, to=now + DAY, actor="cli", now=now)
        nearer = {row.slot: row.state for row in await checkins.of_patient(tx, patient.id)}
        (course,) = await courses.of_patient(tx, patient.id)
        await infusions.postpone(tx, patient, course, to=now + 9 * DAY, actor="cli", now=now)
        further = {row.slot: row.state for row in await checkins.of_patient(tx, patient.id)}
    assert (nearer["before"], nearer["week-1"]) == ("cancelled", "scheduled")
    assert further["before"] == "scheduled"  # there is time for it again


async def test_a_cancelled_infusion_gives_the_earlier_course_all_its_check_ins_back(
    clinic: Clinic, now: datetime
) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now)
        before = await checkins.unsent_of(tx, patient.id)
        second = await record_infusion(clinic, tx, patient, now, ended_at=now + 5 * DAY)
        await infusions.cancel(tx, patient, second.course, actor="cli", now=now)
        assert await checkins.unsent_of(tx, patient.id) == before
