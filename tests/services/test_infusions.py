"""Infusions are moved, cancelled and taken back: what that does to the check-ins, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services import infusions
from services.clinic import Clinic
from services.errors import Refused
from services.protocols import Shelf
from store import audit, checkins, courses
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


async def test_one_that_was_a_mistake_is_taken_back_with_a_reason_and_what_was_asked_stays(
    clinic: Clinic, now: datetime
) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        recorded = await record_infusion(clinic, tx, patient, now, ended_at=now - HOUR)
        settle, *rest = await checkins.of_patient(tx, patient.id)
        await checkins.change(tx, settle.id, state="sent", queued_at=now, sent_at=now)
        with pytest.raises(Refused, match="has been") as refused:
            await infusions.cancel(tx, patient, recorded.course, actor="cli", now=now)
        await infusions.cancel(tx, patient, recorded.course, actor="cli", now=now, reason="another patient's")
        (course,) = await courses.of_patient(tx, patient.id)
        after = {row.id: row for row in await checkins.of_patient(tx, patient.id)}
        entry = (await audit.read(tx, audit.stream_of(patient.id)))[-1]
        with pytest.raises(Refused, match="cancelled") as again:
            await infusions.cancel(tx, patient, course, actor="cli", now=now, reason="once more")
    assert "--reason" in refused.value.mend
    assert "record the next one" in again.value.mend
    assert course.state == "cancelled"
    assert (after[settle.id].state, after[settle.id].remind_at) == ("sent", None)
    assert {after[row.id].state for row in rest} == {"cancelled"}
    assert entry.action == "infusion-withdrawn"
    assert entry.detail == {"infusion": course.infusion_id, "reason": "another patient's"}


async def test_one_whose_course_has_ended_can_be_taken_back_too(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now, ended_at=now - 30 * DAY, though_over=True)
        (course,) = await courses.of_patient(tx, patient.id)
        await courses.set_state(tx, course.id, "ended")
        (course,) = await courses.of_patient(tx, patient.id)
        await infusions.cancel(tx, patient, course, actor="cli", now=now, reason="the month was mistyped")
        (course,) = await courses.of_patient(tx, patient.id)
    assert course.state == "cancelled"


async def test_an_infusion_whose_course_would_be_over_is_asked_back(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        with pytest.raises(Refused, match=r"2026-04-04 .* would be over already") as refused:
            await record_infusion(clinic, tx, patient, now, ended_at=now - 30 * DAY)
        assert await courses.of_patient(tx, patient.id) == []
        recorded = await record_infusion(clinic, tx, patient, now, ended_at=now - 13 * DAY)
    assert "--date-is-right" in refused.value.mend
    assert recorded.slots > 0
