"""Transactions: all or nothing, one writer after the other, heard of once committed, instants in UTC."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from store import heartbeats, meta
from store.database import Database, Transaction
from tests.databases import opened
from tests.store import rows


async def count(tx: Transaction) -> int:
    return len(await heartbeats.last(tx))


async def test_what_is_rolled_back_was_never_there_and_wakes_nobody(database: Database, now: datetime) -> None:
    heard: list[frozenset[str]] = []
    database.on_commit(heard.append)
    async with rows.undone(database) as tx:
        await heartbeats.beat(tx, "poll", now)
        tx.wake("inbox")
    async with database.reading() as tx:
        assert await count(tx) == 0
    assert heard == []


async def test_readers_see_the_last_commit_while_somebody_writes(database: Database, now: datetime) -> None:
    async with database.transaction() as writer:
        await heartbeats.beat(writer, "poll", now)
        async with database.reading() as reader:
            assert await count(reader) == 0
    async with database.reading() as reader:
        assert await count(reader) == 1


async def test_writers_of_one_process_wait_for_each_other_and_none_fails(database: Database) -> None:
    async def add_one() -> None:
        async with database.transaction() as tx:
            await tx.lock("total")
            await meta.put(tx, "total", str(int(await meta.get(tx, "total") or 0) + 1))

    await asyncio.gather(*(add_one() for _ in range(40)))
    async with database.reading() as tx:
        assert await meta.get(tx, "total") == "40"


async def test_writers_of_several_processes_wait_for_each_other(database: Database, database_url: str) -> None:
    async def add_ten() -> None:
        async with opened(database_url) as own:
            for _ in range(10):
                async with own.transaction() as tx:
                    await tx.lock("total")
                    await meta.put(tx, "total", str(int(await meta.get(tx, "total") or 0) + 1))

    await asyncio.gather(*(add_ten() for _ in range(3)))
    async with database.reading() as tx:
        assert await meta.get(tx, "total") == "30"


async def test_a_cancelled_writer_leaves_nothing_behind(database: Database, now: datetime) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with database.transaction() as tx:
            await heartbeats.beat(tx, "poll", now)
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.transaction() as tx:
        assert await count(tx) == 0
        await heartbeats.beat(tx, "tick", now)


@pytest.mark.on("sqlite")
async def test_a_batch_lets_everybody_else_write_before_the_next_batch(database: Database) -> None:
    order: list[str] = []

    async def write(name: str, *, batch: bool) -> None:
        async with database.transaction(gives_way=batch):
            order.append(name)

    async with database.transaction(gives_way=True):
        tasks = [asyncio.create_task(write(f"batch {number}", batch=True)) for number in range(2)]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(write("page", batch=False)))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == ["page", "batch 0", "batch 1"]


async def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 5, 4, 10)  # noqa: DTZ001 - that is the point
    with pytest.raises((TypeError, StatementError), match="has no zone"):
        async with database.transaction() as tx:
            await heartbeats.beat(tx, "poll", naive)


async def test_an_instant_comes_back_in_utc_and_to_the_microsecond(database: Database, now: datetime) -> None:
    at = now.replace(microsecond=123456)
    async with database.transaction() as tx:
        await heartbeats.beat(tx, "poll", at.astimezone(timezone(timedelta(hours=-7))))
        (found,) = (await heartbeats.last(tx)).values()
    assert (found, found.utcoffset()) == (at, timedelta(0))
