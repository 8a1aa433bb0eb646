"""Alerts: one open at most for a person, numbered, taken by one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rules.tier import Tier
from store import alerts, schema
from store.database import Database
from store.errors import Conflict
from tests.store import rows

MINUTE = timedelta(minutes=1)


async def test_an_alert_comes_back_as_it_was_opened(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        opened = await rows.alert(tx, whose, now, policy={"repeat": "2m"}, progress={"level": 1}, at_any_hour=True)
        assert await alerts.by_number(tx, opened.number) == opened
    assert (opened.alias, opened.tier, opened.state, opened.at_any_hour) == ("A-1", Tier.RED, "open", True)
    assert (opened.policy, opened.progress) == ({"repeat": "2m"}, {"level": 1})


async def test_a_second_open_alert_for_a_patient_is_a_conflict(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        await rows.alert(tx, whose, now)
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await rows.alert(tx, whose, now)


async def test_a_second_open_alert_for_a_stranger_is_a_conflict(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        await rows.alert(tx, None, now, stranger_id=1)
        await rows.alert(tx, None, now, stranger_id=2)
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await rows.alert(tx, None, now, stranger_id=1)


async def test_after_the_closing_another_may_open(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        first = await rows.alert(tx, whose, now)
        await alerts.change(tx, first.id, state="closed", closed_at=now, due_at=None)
        assert await alerts.unclosed_of(tx, patient_id=whose.id) is None
        second = await rows.alert(tx, whose, now)
        assert (second.number, await alerts.unclosed_of(tx, patient_id=whose.id)) == (2, second)
        assert [each.state for each in await alerts.of_patient(tx, whose.id)] == ["closed", "open"]


async def test_one_of_two_takes_it(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        opened = await rows.alert(tx, await rows.patient(tx, now), now)
    async with database.transaction() as tx:
        assert await alerts.change_if(tx, opened.id, "open", state="acknowledged", acknowledged_at=now)
        assert not await alerts.change_if(tx, opened.id, "open", state="acknowledged", acknowledged_at=now)
        assert await alerts.unclosed_of(tx, patient_id=opened.patient_id) is not None


async def test_the_ladder_looks_at_red_ones_first(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        amber = await rows.alert(tx, await rows.patient(tx, now), now, tier=Tier.AMBER, due_at=now - MINUTE)
        red = await rows.alert(tx, await rows.patient(tx, now), now)
        later = await rows.alert(tx, await rows.patient(tx, now), now, due_at=now + MINUTE)
        closed = await rows.alert(tx, await rows.patient(tx, now), now)
        await alerts.change(tx, closed.id, state="closed")
        assert await alerts.due(tx, now, 10) == [red.id, amber.id]
        assert await alerts.due(tx, now, 1) == [red.id]
        assert await alerts.due(tx, now + MINUTE, 10) == [red.id, later.id, amber.id]
        assert await alerts.next_due_at(tx, now - 2 * MINUTE) == now - MINUTE


async def test_alerts_can_be_listed_by_state(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        first, second = [await rows.alert(tx, await rows.patient(tx, now), now) for _ in range(2)]
        await alerts.change(tx, second.id, state="closed")
        assert [each.id for each in await alerts.every(tx)] == [first.id, second.id]
        assert [each.id for each in await alerts.every(tx, *alerts.OPEN_STATES)] == [first.id]


async def test_the_latest_alert_about_a_stranger_is_found(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        assert await alerts.last_of_stranger(tx, 1) is None
        first = await rows.alert(tx, None, now, stranger_id=1)
        await alerts.change(tx, first.id, state="closed")
        second = await rows.alert(tx, None, now + MINUTE, stranger_id=1)
        assert await alerts.last_of_stranger(tx, 1) == second


async def test_what_happened_is_appended(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        opened = await rows.alert(tx, await rows.patient(tx, now), now)
        await alerts.add_event(tx, opened.id, "paged", now, staff_id="s1", detail={"ring": 1})
        await alerts.add_event(tx, opened.id, "acknowledged", now)
        events = await alerts.events(tx, opened.id)
    assert [(event.kind, event.staff_id, event.detail) for event in events] == [
        ("paged", "s1", {"ring": 1}),
        ("acknowledged", None, {}),
    ]


async def test_the_closing_note_is_sealed(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        opened = await rows.alert(tx, await rows.patient(tx, now), now)
        await alerts.write_note(tx, opened, "Spoke with her sister")
        row = await tx.row(schema.alert.select())
        assert row is not None
        assert b"sister" not in row.note
        assert await tx.open(f"alert.note:{opened.id}", row.note) == "Spoke with her sister"


async def test_an_opening_wakes_the_ladder(database: Database, now: datetime) -> None:
    heard: list[frozenset[str]] = []
    database.on_commit(heard.append)
    async with database.transaction() as tx:
        await rows.alert(tx, None, now, stranger_id=1)
    assert heard == [frozenset({"alert"})]
