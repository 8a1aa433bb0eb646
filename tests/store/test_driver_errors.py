"""What goes wrong in a database is said in our words: what to do, whether to try again, and no value of any row."""

from __future__ import annotations

import asyncio
import traceback
from datetime import datetime

import psycopg
import pytest
from sqlalchemy import text

from store import heartbeats, meta
from store.database import Database, Transaction
from store.errors import Conflict, SchemaMismatch, StoreError, UnreachableDatabase
from tests.databases import opened
from tests.store import rows

PATIENCE = ("lock_timeout", "idle_in_transaction_session_timeout")


async def execute(database: Database, *statements: str) -> None:
    async with database.transaction() as tx:
        for statement in statements:
            await tx.execute(text(statement))


async def backend_of(tx: Transaction) -> int:
    return int((await tx.rows(text("SELECT pg_backend_pid()")))[0][0])


async def kill(url: str, backend: int) -> None:
    """End a server process, as an administrator or a crash would."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SELECT pg_terminate_backend(%s)", (backend,))


async def test_the_same_row_twice_is_a_conflict(database: Database) -> None:
    with pytest.raises(Conflict, match=r"pk_meta|meta\.key"):
        await execute(database, *2 * ["INSERT INTO meta VALUES ('a', 'b')"])


async def test_a_row_that_points_nowhere_is_refused(database: Database, now: datetime) -> None:
    async def write() -> None:
        async with database.transaction() as tx:
            await rows.checkin(tx, await rows.patient(tx, now), now, course_id="0" * 32)

    with pytest.raises(Conflict, match=r"fk_checkin_course_id|FOREIGN KEY"):
        await write()


async def test_missing_tables_are_told_apart_from_a_silent_server(database: Database) -> None:
    with pytest.raises(SchemaMismatch) as refusal:
        await execute(database, "SELECT 1 FROM no_such_table")
    assert "fortnight migrate" in refusal.value.mend


async def test_what_was_said_to_the_database_is_in_no_error(database: Database, now: datetime) -> None:
    async def write() -> None:
        async with database.transaction() as tx:
            for _ in range(2):
                await rows.patient(tx, now, user_id=987654321)

    with pytest.raises(Conflict) as refusal:
        await write()
    told = "".join(traceback.format_exception(refusal.value)).replace("user_id=987654321", "")
    assert "987654321" not in told


@pytest.mark.on("sqlite")
async def test_a_database_that_another_holds_too_long_is_worth_trying_again(
    database: Database, database_url: str
) -> None:
    async with opened(database_url) as other, other.transaction():
        async with database.engine.connect() as connection:  # the patience of one connection, shortened
            await connection.execution_options(reading=True)
            await connection.execute(text("PRAGMA busy_timeout = 50"))
        with pytest.raises(UnreachableDatabase):
            await execute(database, "SELECT 1")
    async with database.transaction() as tx:
        await meta.put(tx, "a", "b")


@pytest.mark.on("sqlite")
async def test_a_full_disk_says_so_and_leaves_the_database_whole(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.execution_options(reading=True)
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(UnreachableDatabase, match="full"):
        await execute(database, "INSERT INTO meta VALUES ('big', hex(zeroblob(100000)))")
    async with database.reading() as tx:
        assert await meta.get(tx, "big") is None


@pytest.mark.on("postgresql")
async def test_a_deadlock_is_a_conflict_for_one_and_none_for_the_other(database: Database) -> None:
    both_inside = asyncio.Barrier(2)

    async def lock_both(first: str, second: str) -> str:
        try:
            async with database.transaction() as tx:
                await tx.lock(first)
                await both_inside.wait()
                await tx.lock(second)
        except Conflict:
            return "conflict"
        return "done"

    assert sorted(await asyncio.gather(lock_both("a", "b"), lock_both("b", "a"))) == ["conflict", "done"]


@pytest.mark.on("postgresql")
async def test_a_serialisation_failure_is_a_conflict(database: Database) -> None:
    async def overtaken() -> None:
        async with database.transaction() as tx:
            await tx.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
            await meta.get(tx, "total")
            async with database.transaction() as other:
                await meta.put(other, "total", "1")
            await meta.put(tx, "total", "2")

    with pytest.raises(Conflict):
        await overtaken()


@pytest.mark.on("postgresql")
@pytest.mark.parametrize("at_the_commit", [True, False])
async def test_a_connection_that_breaks_is_worth_trying_again(
    database: Database, database_url: str, now: datetime, at_the_commit: bool
) -> None:
    async def write() -> None:
        async with database.transaction() as tx:
            await heartbeats.beat(tx, "poll", now)
            await kill(database_url, await backend_of(tx))
            if not at_the_commit:
                await heartbeats.beat(tx, "tick", now)

    with pytest.raises(UnreachableDatabase):
        await write()
    async with database.transaction() as tx:
        assert await heartbeats.last(tx) == {}


@pytest.mark.on("postgresql")
async def test_what_a_stopped_process_holds_is_let_go_and_it_may_try_again(database: Database, now: datetime) -> None:
    async def stop_in_the_middle() -> None:
        async with database.transaction() as tx:
            await tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
            await heartbeats.beat(tx, "poll", now)
            await asyncio.sleep(0.5)
            await heartbeats.beat(tx, "tick", now)

    with pytest.raises(UnreachableDatabase):
        await stop_in_the_middle()
    async with database.transaction() as tx:
        assert await heartbeats.last(tx) == {}
        patience = [(await tx.rows(text(f"SHOW {name}")))[0][0] for name in PATIENCE]
    assert patience == ["10s", "30s"]


@pytest.mark.on("postgresql")
async def test_a_lock_that_another_holds_too_long_is_worth_trying_again(database: Database) -> None:
    async def wait() -> None:
        async with database.transaction() as tx:
            await tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
            await tx.lock("chat:1")

    async with database.transaction() as holder:
        await holder.lock("chat:1")
        with pytest.raises(UnreachableDatabase):
            await wait()


@pytest.mark.on("postgresql")
async def test_connections_that_broke_while_idle_are_replaced_unnoticed(
    database: Database, database_url: str, now: datetime
) -> None:
    async with database.transaction() as tx:
        backend = await backend_of(tx)
    await kill(database_url, backend)
    async with database.transaction() as tx:
        await heartbeats.beat(tx, "poll", now)


@pytest.mark.on("postgresql")
async def test_when_no_connection_comes_free_it_is_worth_trying_again(database_url: str) -> None:
    async with opened(database_url, pool_size=1) as database:
        database.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
        async with database.reading(), database.reading():
            with pytest.raises(UnreachableDatabase, match="came free"):
                await execute(database, "SELECT 1")


async def test_every_refusal_has_a_mend(database: Database) -> None:
    with pytest.raises(StoreError) as refusal:
        await execute(database, "SELECT FROM WHERE")
    assert refusal.value.mend
