"""Check-ins that are over: missed by the patient, silence counted, nobody blamed for a pause or a half answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from rules.finding import Finding
from rules.tier import Tier
from services import expiring, ownership, safety
from store import alerts
from store.alerts import Alert
from store.patients import Patient
from store.schema import finding
from tests.jobs.conftest import Days, answer

FIRST_MOOD = datetime(2026, 5, 5, 8, tzinfo=UTC)  # Tuesday 10:00 in Madrid
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def tiers(days: Days, patient: Patient) -> list[str]:
    """What silence has been found to mean so far."""
    async with days.clinic.database.reading() as tx:
        rows = await tx.rows(select(finding).where(finding.c.patient_id == patient.id).order_by(finding.c.id))
    return [f"{row.rule} {row.tier}" for row in rows if row.rule.startswith("missed")]


async def only_alert(days: Days) -> Alert | None:
    async with days.clinic.database.reading() as tx:
        return next(iter(await alerts.every(tx)), None)


async def test_two_missed_running_are_a_note_and_three_an_amber(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD - MINUTE)  # the settle prompt is over, unanswered
    assert await tiers(days, patient) == []
    await days.until(FIRST_MOOD + 20 * HOUR)  # the first day's ends
    assert await tiers(days, patient) == ["missed-running note"]
    assert await only_alert(days) is None
    await days.until(FIRST_MOOD + DAY + 20 * HOUR)
    assert await tiers(days, patient) == ["missed-running note", "missed-running amber"]
    alert = await only_alert(days)
    assert alert is not None
    assert alert.tier is Tier.AMBER


async def test_an_answer_in_between_begins_the_count_again(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD + MINUTE)
    await answer(days, patient, next(r for r in await days.rows(patient, "sent") if r.slot == "mood"), 7)
    await days.until(FIRST_MOOD + DAY + 20 * HOUR)
    assert await tiers(days, patient) == []


async def test_a_half_answered_prompt_is_not_silence(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD + MINUTE)
    await answer(days, patient, next(r for r in await days.rows(patient, "sent") if r.slot == "side-effects"), 0)
    await days.until(FIRST_MOOD + 20 * HOUR)
    assert await tiers(days, patient) == []


async def test_a_missed_prompt_soon_after_an_alarm_is_amber_at_once(days: Days) -> None:
    patient, clinician = await days.patient(), await days.member(on_call="primary")
    async with days.clinic.database.transaction() as tx:
        await safety.act(days.clinic, tx, patient, [Finding(rule="mood-fall", tier=Tier.AMBER)], now=days.now)
        (alert,) = await alerts.every(tx)
        await ownership.acknowledge(days.clinic, tx, alert, clinician, days.now)
    await days.until(FIRST_MOOD - MINUTE)
    assert await tiers(days, patient) == ["missed-after-alert amber"]


async def test_a_patient_who_pauses_or_leaves_is_not_silent(days: Days) -> None:
    paused, ended = await days.patient(), await days.patient()
    await days.until(FIRST_MOOD + 2 * MINUTE)
    await days.change(paused, state="paused")
    await days.change(ended, state="ended")
    await days.until(FIRST_MOOD + 3 * DAY)
    assert await tiers(days, paused) == await tiers(days, ended) == []
    held = [row for row in await days.rows(paused) if row.day == 2]
    assert [(row.state, row.cancelled_because) for row in held] == [("cancelled", "pause")]


async def test_what_is_over_is_closed_batch_by_batch(small_batches: Days) -> None:
    days = small_batches
    patients = [await days.patient() for _ in range(5)]
    await days.until(FIRST_MOOD + MINUTE)
    days.now = FIRST_MOOD + 20 * HOUR
    await days.tick.run_due(days.now)
    for patient in patients:
        assert await tiers(days, patient) == ["missed-running note"]
    assert await expiring.expire_due(days.clinic, days.now) == 0


async def test_a_late_answer_is_taken_after_the_end(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD + 21 * HOUR)
    row = next(row for row in await days.rows(patient, "expired") if row.slot == "mood")
    await answer(days, patient, row, 6)
    after = next(each for each in await days.rows(patient) if each.id == row.id)
    assert (after.state, after.late) == ("answered", True)
