"""What time brings to check-ins: who is to be asked, reminded or left alone, and what is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from rules.tier import Tier
from store import alerts, checkins, prompts
from store.database import Database
from tests.store import rows

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


async def asked(database: Database, at: datetime, limit: int = 100) -> list[str]:
    async with database.transaction() as tx:
        return [patient.id for patient in await prompts.to_ask(tx, at, limit)]


async def test_a_patient_is_asked_from_the_minute_it_is_due_until_it_is_over(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        await rows.checkin(tx, whose, now)
    assert await asked(database, now - MINUTE) == []
    assert await asked(database, now) == [whose.id]
    assert await asked(database, now + 2 * HOUR - MINUTE) == [whose.id]
    assert await asked(database, now + 2 * HOUR) == []


async def test_who_has_waited_longest_is_asked_first(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        later, earlier = [await rows.patient(tx, now) for _ in range(2)]
        await rows.checkin(tx, later, now)
        await rows.checkin(tx, earlier, now - MINUTE)
    assert await asked(database, now, limit=1) == [earlier.id]
    assert set(await asked(database, now)) == {earlier.id, later.id}


@pytest.mark.parametrize(
    "unreachable",
    [{"state": "linked"}, {"state": "paused"}, {"state": "ended"}, {"chat_id": None}, {"blocked_at": True}],
)
async def test_whom_no_prompt_may_reach_is_not_asked(
    database: Database, now: datetime, unreachable: dict[str, Any]
) -> None:
    values: dict[str, Any] = {key: now if value is True else value for key, value in unreachable.items()}
    async with database.transaction() as tx:
        await rows.checkin(tx, await rows.patient(tx, now, **values), now)
    assert await asked(database, now) == []


@pytest.mark.parametrize(
    ("tier", "state", "held"),
    [
        (Tier.RED, "open", True),
        (Tier.RED, "acknowledged", False),
        (Tier.RED, "closed", False),
        (Tier.AMBER, "open", False),
    ],
)
async def test_nobody_is_asked_while_a_red_alert_waits_for_a_human(
    database: Database, now: datetime, tier: Tier, state: str, held: bool
) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        await rows.checkin(tx, whose, now)
        about = await rows.alert(tx, whose, now, tier=tier)
        await alerts.change(tx, about.id, state=state)
        assert await prompts.held(tx, [whose.id]) == ({whose.id} if held else set())
    assert await asked(database, now) == ([] if held else [whose.id])


async def test_nobody_is_asked_in_the_middle_of_a_safety_conversation(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose, other = [await rows.patient(tx, now) for _ in range(2)]
        for each in (whose, other):
            await rows.checkin(tx, each, now)
        talk = await rows.checkin(
            tx, whose, now, key="talk", cause="item9", silence_at=now + 10 * MINUTE, queued_at=now
        )
        assert await prompts.held(tx, [whose.id, other.id]) == {whose.id}
    assert await asked(database, now) == [other.id]
    async with database.transaction() as tx:
        await checkins.change(tx, talk.id, silence_at=None)
    assert set(await asked(database, now)) == {whose.id, other.id}


async def test_an_alert_about_a_stranger_holds_nobody_back(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        await rows.checkin(tx, whose, now)
        await rows.alert(tx, None, now, stranger_id=1)
    assert await asked(database, now) == [whose.id]


async def test_what_was_queued_is_not_asked_again(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        lead, led = [await rows.checkin(tx, whose, now, key=key) for key in "ab"]
        assert [row.id for row in (await prompts.unasked_of(tx, [whose.id], now))[whose.id]] == [lead.id, led.id]
        await prompts.queued(tx, [(lead.id, None, "mood/rating"), (led.id, lead.id, None)], now)
        await prompts.queued(tx, [], now)
        assert await prompts.unasked_of(tx, [whose.id], now) == {}
        assert [row.asked for row in await checkins.of_prompt(tx, lead.id)] == ["mood/rating", None]
    assert await asked(database, now) == []


async def test_what_is_moved_is_due_later(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        row = await rows.checkin(tx, whose, now)
        await prompts.move(tx, [(row.id, now + MINUTE)], "quiet hours")
        await prompts.move(tx, [], "quiet hours")
    assert await asked(database, now) == []
    assert await asked(database, now + MINUTE) == [whose.id]


async def test_a_wholly_unanswered_prompt_has_one_reminder(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        row, partly = [await rows.checkin(tx, whose, now, key=key) for key in "ab"]
        await checkins.sent(tx, [(row.id, 1), (partly.id, 2)], now)
        await checkins.change(tx, partly.id, state="partial")
        assert await prompts.to_remind(tx, now + HOUR - MINUTE, 10) == []
        assert [each.id for each in await prompts.to_remind(tx, now + HOUR, 10)] == [whose.id]
        reminded = await prompts.unreminded_of(tx, [whose.id], now + HOUR)
        assert [found.id for found in reminded[whose.id]] == [row.id]
        await checkins.change(tx, row.id, reminded_at=now + HOUR)
        assert await prompts.to_remind(tx, now + HOUR, 10) == []


async def test_what_is_neither_answered_nor_cancelled_is_over_in_time(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        states = ("scheduled", "sent", "partial", "answered", "cancelled", "expired", "missed_by_us")
        known = {state: await rows.checkin(tx, whose, now, key=state, state=state) for state in states}
        assert await prompts.over(tx, now + 2 * HOUR - MINUTE, 10) == []
        over = await prompts.over(tx, now + 2 * HOUR, 10)
    assert {row.id for row in over} == {known[state].id for state in ("scheduled", "sent", "partial")}


async def test_what_we_missed_is_caught_up_with_once(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        missed = await rows.checkin(tx, whose, now, state="missed_by_us")
        assert [each.id for each in await prompts.to_catch_up(tx, 10)] == [whose.id]
        assert [row.id for row in (await prompts.missed_of(tx, [whose.id]))[whose.id]] == [missed.id]
        await prompts.queued(tx, [(missed.id, None, None)], now)
        assert await prompts.to_catch_up(tx, 10) == []


async def test_silence_is_heeded_when_its_time_has_come(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        await rows.checkin(tx, whose, now, key="plain")
        talk = await rows.checkin(tx, whose, now, key="talk", cause="item9", silence_at=now + 10 * MINUTE)
        assert await prompts.silent(tx, now + 9 * MINUTE, 10) == []
        assert await prompts.silent(tx, now + 10 * MINUTE, 10) == [talk.id]


async def test_who_has_not_joined_although_a_prompt_is_due_is_named(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        states = ("enrolled", "linked", "consented")
        people = {state: await rows.patient(tx, now, state=state) for state in states}
        for patient in people.values():
            await rows.checkin(tx, patient, now)
        assert await prompts.unlinked(tx, now - MINUTE) == []
        assert {each.state for each in await prompts.unlinked(tx, now)} == {"enrolled", "linked"}


async def test_the_next_event_is_the_earliest_of_all_kinds(database: Database, now: datetime) -> None:
    before = now - MINUTE
    async with database.transaction() as tx:
        assert await prompts.next_at(tx, before) is None
        row = await rows.checkin(tx, await rows.patient(tx, now), now)
        assert await prompts.next_at(tx, before) == now
        assert await prompts.next_at(tx, now) == now + 2 * HOUR
        await prompts.queued(tx, [(row.id, None, None)], now)
        assert await prompts.next_at(tx, before) == now + 2 * HOUR
        await checkins.sent(tx, [(row.id, 1)], now)
        assert await prompts.next_at(tx, before) == now + HOUR
        await checkins.change(tx, row.id, silence_at=now + MINUTE)
        assert await prompts.next_at(tx, before) == now + MINUTE


@pytest.mark.on("postgresql")
async def test_two_processes_never_hold_the_same_patient(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        people = [await rows.patient(tx, now) for _ in range(2)]
        for each in people:
            await rows.checkin(tx, each, now)
    async with database.transaction() as tx:
        first = [each.id for each in await prompts.to_ask(tx, now, 1)]
        assert set(await asked(database, now)) == {each.id for each in people} - set(first)
