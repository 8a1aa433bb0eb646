"""The lock of the one poller: held by one process, taken over when it is gone."""

from __future__ import annotations

import asyncio

import pytest

from store import locks
from store.database import Database
from store.locks import sole_holder
from tests.databases import opened


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "TRY_EVERY", 0.02)


@pytest.mark.on("postgresql")
async def test_the_second_stands_by_until_the_first_is_gone(database: Database, database_url: str) -> None:
    order: list[str] = []
    first_in, first_out = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with sole_holder(database, "poller") as still_held:
            assert await still_held()
            order.append("first in")
            first_in.set()
            await first_out.wait()
            order.append("first out")

    async def second() -> None:
        await first_in.wait()
        async with opened(database_url) as own, sole_holder(own, "poller"):
            order.append("second in")

    async with asyncio.TaskGroup() as group:
        group.create_task(first())
        group.create_task(second())
        await first_in.wait()
        await asyncio.sleep(0.1)
        first_out.set()
    assert order == ["first in", "first out", "second in"]


async def test_another_name_is_another_lock(database: Database) -> None:
    async with asyncio.timeout(10), sole_holder(database, "a") as one, sole_holder(database, "b") as two:
        assert await one()
        assert await two()
