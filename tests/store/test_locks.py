"""The lock of the one poller: held by one process, taken over when it is gone."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from store import locks
from store.database import Database
from store.errors import UnreachableDatabase
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


@pytest.mark.on("postgresql")
async def test_who_no_longer_shows_that_it_goes_on_loses_the_lock(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "ALIVE_EVERY", 3600)
    async with asyncio.timeout(20), sole_holder(database, "poller"), opened(database_url) as own:
        second = sole_holder(own, "poller")
        assert await (await second.__aenter__())()
        await second.__aexit__(None, None, None)


@pytest.mark.on("postgresql")
async def test_who_goes_on_keeps_it_and_notices_when_its_connection_broke(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "ALIVE_EVERY", 0.05)
    async with asyncio.timeout(20), sole_holder(database, "poller") as still_held:
        await asyncio.sleep(0.2)
        assert await still_held()
        async with database.engine.begin() as connection:
            others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        await asyncio.sleep(0.5)
        with pytest.raises(UnreachableDatabase):
            await still_held()
