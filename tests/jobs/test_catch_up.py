"""Missed by us is not missed by the patient: after an outage at most one combined prompt, and the list to staff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.clinic import Clinic
from tests.builders import make_clinic, shelf
from tests.jobs.conftest import Days, answer, asked, kinds
from tests.jobs.test_expire_checkins import tiers

FIRST_MOOD = datetime(2026, 5, 5, 8, tzinfo=UTC)  # Tuesday 10:00 in Madrid
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def down_until(days: Days, at: datetime) -> None:
    """The engine dies now and starts again then."""
    days.now = at
    await days.restarted().start(at)


async def test_an_outage_over_two_days_leaves_one_prompt_and_a_list(days: Days) -> None:
    patient, coordinator = await days.patient(), await days.member(role="coordinator")
    await days.until(FIRST_MOOD - MINUTE)
    await down_until(days, FIRST_MOOD + 2 * DAY + 2 * HOUR)  # Thursday noon
    went = await days.until(days.now + 2 * MINUTE)
    assert asked(went) == ["catch-up"]
    assert kinds(went, of=coordinator) == ["missed-by-us"]
    missed = [(row.slot, row.day) for row in await days.rows(patient, "missed_by_us")]
    assert missed == [("mood", 1), ("side-effects", 1), ("mood", 2)]
    sent = [(row.slot, row.day) for row in await days.rows(patient, "sent")]
    assert sent == [("mood", 3), ("side-effects", 3)]
    assert await tiers(days, patient) == []


async def test_staff_get_one_list_with_every_alias(days: Days) -> None:
    patients, coordinator = [await days.patient() for _ in range(3)], await days.member(role="coordinator")
    await days.until(FIRST_MOOD - MINUTE)
    await down_until(days, FIRST_MOOD + DAY + HOUR)
    went = await days.until(days.now + MINUTE)
    (told,) = (message for message in went if message.staff_id == coordinator.id)
    assert (told.kind, told.params["count"]) == ("missed-by-us", 3)
    assert told.params["patients"] == ", ".join(patient.alias for patient in patients)


async def test_what_is_late_but_can_still_be_answered_is_one_prompt_that_says_whose_fault_it_is(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD - MINUTE)
    await down_until(days, FIRST_MOOD + 5 * HOUR)
    assert asked(await days.until(days.now + 2 * MINUTE)) == ["catch-up"]
    assert [row.slot for row in await days.rows(patient, "sent")] == ["mood", "side-effects"]


async def test_a_restart_is_not_an_outage(days: Days) -> None:
    await days.patient()
    await days.until(FIRST_MOOD - MINUTE)
    await down_until(days, FIRST_MOOD + 2 * MINUTE)
    assert asked(await days.until(days.now + MINUTE)) == ["prompt"]
    assert days.alarms == []


SPARSE = """
id = "sparse"
title = "Mood every other day"
window = "14d"
[[slot]]
name = "mood"
days = "1,3,5"
at = "10:00"
asks = ["mood"]
expires_after = "20h"
"""


async def test_when_nothing_else_is_left_the_last_mood_is_asked_and_its_answer_counts(
    clinic: Clinic, now: datetime
) -> None:
    days = Days(make_clinic(clinic.database, protocols=shelf(sparse=SPARSE)), now)
    patient = await days.patient(protocol_id="sparse")
    await days.until(FIRST_MOOD - MINUTE)
    await down_until(days, FIRST_MOOD + DAY + 2 * HOUR)
    assert asked(await days.until(days.now + 2 * MINUTE)) == ["catch-up"]
    (row,) = await days.rows(patient, "missed_by_us")
    await answer(days, patient, row, 4)
    (row,) = (each for each in await days.rows(patient) if each.id == row.id)
    assert (row.state, row.late) == ("answered", True)


async def test_a_missed_phq9_is_asked_all_the_same(days: Days) -> None:
    patient = await days.patient()
    week_1 = FIRST_MOOD + 6 * DAY
    await days.until(week_1 - MINUTE)
    await down_until(days, week_1 + 22 * HOUR)  # Monday's milestone ended at 06:00; it is 08:00
    (prompt,) = (m for m in await days.until(days.now + 2 * MINUTE) if m.kind == "catch-up")
    assert prompt.params["instrument"] == "phq9"
    (row,) = (row for row in await days.rows(patient) if row.slot == "week-1")
    assert (row.state, row.sent_at is not None) == ("missed_by_us", True)
    await answer(days, patient, row, 1)
    (row,) = (row for row in await days.rows(patient) if row.slot == "week-1")
    assert (row.state, row.late) == ("partial", True)
    went = await days.until(week_1 + DAY + MINUTE)
    assert asked(went) == ["prompt"]  # the new day's, and no other catch-up


async def test_a_paused_patient_is_not_caught_up_with(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD - MINUTE)
    await days.change(patient, state="paused")
    await down_until(days, FIRST_MOOD + 2 * DAY)
    assert asked(await days.until(days.now + MINUTE)) == []
    assert await days.rows(patient, "missed_by_us") == []


async def test_what_telegram_did_not_take_in_time_was_missed_by_us(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD - MINUTE)
    while days.now < FIRST_MOOD + 23 * HOUR:  # the tick runs, nothing goes out
        following = await days.tick.next_due_at(days.now)
        days.now = min(following or days.now + DAY, FIRST_MOOD + 23 * HOUR)
        await days.tick.run_due(days.now)
    assert {row.slot for row in await days.rows(patient, "missed_by_us")} == {"mood", "side-effects"}
    went = await days.until(days.now + MINUTE)
    assert asked(went) == []  # what had been queued is dropped: the next prompt is two hours away
