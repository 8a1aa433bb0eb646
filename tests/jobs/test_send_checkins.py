"""Prompts go out when they are due: one message for all that is due, asked once, never in quiet hours."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta

from rules.finding import Finding
from rules.tier import Tier
from services import ownership, prompting, safety
from store import alerts, checkins
from tests.jobs.conftest import Days, asked, kinds
from tests.wire import deliver

FIRST_MOOD = datetime(2026, 5, 5, 8, tzinfo=UTC)  # Tuesday 10:00 in Madrid
MINUTE = timedelta(minutes=1)


async def test_slots_due_at_the_same_time_are_one_message_that_asks_mood_first(days: Days) -> None:
    patient = await days.patient()
    await days.until(FIRST_MOOD - MINUTE)
    went = await days.until(FIRST_MOOD + MINUTE)
    assert asked(went) == ["prompt"]
    (message,) = (each for each in went if each.kind == "prompt")
    assert (message.params["instrument"], message.params["item"]) == ("mood", "rating")
    lead, follower = (row for row in await days.rows(patient, "sent") if row.slot != "settle")
    assert [lead.slot, follower.slot] == ["mood", "side-effects"]
    assert (lead.lead_id, follower.lead_id) == (None, lead.id)
    assert lead.message_id == follower.message_id is not None
    assert (lead.asked, lead.asked_at, follower.asked) == ("mood/rating", lead.sent_at, None)


async def test_a_prompt_is_asked_once_whatever_restarts(days: Days) -> None:
    await days.patient()
    went = await days.until(FIRST_MOOD + MINUTE)
    for _ in range(3):
        days.restarted()
        went += await days.at(days.now + timedelta(seconds=2))
    assert asked(went) == ["prompt", "reminder", "prompt"]  # settle, its reminder, and the first morning


async def test_two_processes_that_send_at_once_ask_once(days: Days) -> None:
    for _ in range(5):
        await days.patient()
    days.now = FIRST_MOOD
    counts = await asyncio.gather(*(prompting.send_due(days.clinic, days.now) for _ in range(4)))
    assert sum(counts) == 5
    went = await deliver(days.clinic, days.now + MINUTE, "bulk")
    assert len({message.patient_id for message in went}) == len(went) == 5


async def test_a_pass_goes_on_until_nothing_is_due(small_batches: Days) -> None:
    days = small_batches
    for _ in range(5):
        await days.patient()
    days.now = FIRST_MOOD
    await days.tick.run_due(days.now)
    assert len(await deliver(days.clinic, days.now + MINUTE, "bulk")) == 5


async def test_prompts_of_one_minute_are_spread(days: Days) -> None:
    for _ in range(20):
        await days.patient()
    days.now = FIRST_MOOD
    await days.tick.run_due(days.now)
    first = await deliver(days.clinic, days.now + timedelta(seconds=20), "bulk")
    rest = await deliver(days.clinic, days.now + MINUTE, "bulk")
    assert 0 < len(first) < 20
    assert len(first) + len(rest) == 20


async def test_after_an_outage_nothing_goes_out_in_quiet_hours(days: Days) -> None:
    patient = await days.patient(preferred=time(20))
    await days.until(FIRST_MOOD)
    night = datetime(2026, 5, 5, 20, tzinfo=UTC)  # 22:00 in Madrid, and the prompt of 20:00 unsent
    assert asked(await days.at(night)) == []
    morning = night + timedelta(hours=10)
    moved = [(row.due_at, row.queued_at) for row in await days.rows(patient, "scheduled") if row.day == 1]
    assert moved == [(morning, None)] * 2  # decided again then: the patient may be elsewhere, or have paused
    assert asked(await days.until(morning - MINUTE)) == []
    went = await days.until(morning + MINUTE)
    assert kinds(went, of=patient) == ["prompt"]


async def test_a_prompt_waits_until_somebody_has_taken_the_red_alert(days: Days) -> None:
    clinician, patient = await days.member(on_call="primary"), await days.patient()
    await days.until(FIRST_MOOD - MINUTE)
    async with days.clinic.database.transaction() as tx:
        await safety.act(days.clinic, tx, patient, [Finding(rule="free-text", tier=Tier.RED)], now=days.now)
    assert asked(await days.until(FIRST_MOOD + 5 * MINUTE)) == []
    assert [row.queued_at for row in await days.rows(patient, "scheduled") if row.day == 1] == [None, None]
    async with days.clinic.database.transaction() as tx:
        (alert,) = await alerts.every(tx)
        await ownership.acknowledge(days.clinic, tx, alert, clinician, days.now)
    assert asked(await days.until(FIRST_MOOD + 10 * MINUTE)) == ["prompt"]


async def test_whoever_is_paused_blocked_or_not_linked_gets_no_prompt(days: Days) -> None:
    paused, blocked, linked = await days.patient(), await days.patient(), await days.patient(state="linked")
    await days.change(paused, state="paused")
    await days.change(blocked, blocked_at=days.now)
    went = await days.until(FIRST_MOOD + MINUTE)
    for patient in (paused, blocked, linked):
        assert asked([message for message in went if message.patient_id == patient.id]) == []
        assert {row.queued_at for row in await days.rows(patient)} == {None}


async def test_a_check_in_that_cannot_be_asked_holds_nobody_else_up(days: Days) -> None:
    broken, well = await days.patient(), await days.patient()
    async with days.clinic.database.transaction() as tx:
        row = next(row for row in await checkins.of_patient(tx, broken.id) if row.slot == "mood")
        await checkins.change(tx, row.id, asks=["no-such-instrument"])
    woken: list[str] = []
    days.clinic.database.on_commit(woken.extend)
    days.now = FIRST_MOOD
    went = await days.until(FIRST_MOOD + MINUTE)
    assert asked([m for m in went if m.patient_id == well.id])
    states = {each.slot: each.state for each in await days.rows(broken) if each.day == 1}
    assert states["mood"] == "missed_by_us"
    assert "laid-aside" in woken


async def test_a_whole_fortnight_asks_every_slot_once(days: Days) -> None:
    patient = await days.patient()
    went = await days.until(days.now + timedelta(days=16))
    rows = await days.rows(patient)
    assert {row.state for row in rows} == {"expired"}
    prompts = [message.checkin_id for message in went if message.kind == "prompt"]
    assert len(prompts) == len(set(prompts)) == 15  # settle, then one a day
    assert all(row.sent_at is not None and row.sent_at >= row.due_at for row in rows)
