"""One reminder a prompt, for what of it is wholly unanswered, never in quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from rules.finding import Finding
from rules.tier import Tier
from services import safety
from tests.jobs.conftest import Days, answer, asked

FIRST_MOOD = datetime(2026, 5, 5, 8, tzinfo=UTC)  # Tuesday 10:00 in Madrid
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REMINDER = FIRST_MOOD + 3 * HOUR


async def test_an_unanswered_prompt_is_reminded_of_once(days: Days) -> None:
    await days.patient()
    await days.until(FIRST_MOOD + MINUTE)
    assert asked(await days.until(REMINDER - MINUTE)) == []
    went = await days.until(REMINDER + MINUTE)
    assert asked(went) == ["reminder"]  # one, although two check-ins ride in the prompt
    assert asked(await days.until(FIRST_MOOD + 15 * HOUR)) == []


async def test_what_is_answered_is_not_reminded_of_but_the_rest_of_the_prompt_is(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD + MINUTE)
    mood = next(row for row in await days.rows(patient, "sent") if row.slot == "mood")
    await answer(days, patient, mood, 7)
    (reminder,) = (m for m in await days.until(REMINDER + MINUTE) if m.kind == "reminder")
    assert reminder.params["instrument"] == "side-effects"


async def test_who_has_answered_all_gets_no_reminder(days: Days) -> None:
    patient = await days.patient()
    second_day = FIRST_MOOD + 24 * HOUR  # mood alone
    await days.until(second_day + MINUTE)
    mood = next(row for row in await days.rows(patient, "sent") if row.slot == "mood" and row.day == 2)
    await answer(days, patient, mood, 7)
    assert asked(await days.until(second_day + 4 * HOUR)) == []


async def test_no_reminder_goes_out_in_quiet_hours_or_in_a_safety_conversation(days: Days) -> None:
    patient = await days.patient(preferred=time(20))
    evening = FIRST_MOOD + 10 * HOUR
    await days.until(evening + MINUTE)
    assert asked(await days.until(evening + 12 * HOUR - MINUTE)) == []  # up to 07:59
    async with days.clinic.database.transaction() as tx:
        await safety.act(days.clinic, tx, patient, [Finding(rule="free-text", tier=Tier.RED)], now=days.now)
    assert asked(await days.until(evening + 13 * HOUR)) == []


async def test_the_reminder_of_a_prompt_at_night_comes_in_the_morning(days: Days) -> None:
    await days.patient(preferred=time(20))
    evening = FIRST_MOOD + 10 * HOUR
    await days.until(evening + 12 * HOUR - MINUTE)
    assert asked(await days.until(evening + 12 * HOUR + MINUTE)) == ["reminder"]
