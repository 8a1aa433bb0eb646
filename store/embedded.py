"""Executes on the embedded database, without a detour: SQLAlchemy's SQL on a connection of its pool.

Under the write lock a statement runs where it is awaited, since it waits for nothing; what may wait goes to the
connection's thread: for the lock, for the disk, and whatever somebody reads beside the writer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Executable, PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from store.driver_errors import translated
from store.errors import UnreachableDatabase
from store.session import Result
from store.sqlcipher_driver import BEGIN_READING, BEGIN_WRITING, BUSY_TIMEOUT, Connection
from store.statements import Statements

SPARE = 2  # one writes, one reads
PATIENCE = 5.0  # seconds for what a thread has in hand, once nobody waits for it


class EmbeddedSession:
    """An open transaction on the embedded database."""

    dialect = "sqlite"

    def __init__(self, connection: Connection, statements: Statements, *, here: bool) -> None:
        self._connection, self._statements, self._here = connection, statements, here

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Result:
        """Execute a statement; with a list of values, once for each."""
        if isinstance(values, Sequence):
            return await self._execute_many(statement, values)
        prepared, extracted = self._statements.prepare(statement, values or ())
        sql, bound = prepared.values(values, extracted)
        raw, cursor = await self._run(lambda raw: _fetched(raw.execute(sql, bound)))
        rows = prepared.rows(raw, cursor.description) if cursor.description else ()
        return Result(rows=rows, rowcount=cursor.rowcount)

    async def _execute_many(self, statement: Executable, values: Sequence[Mapping[str, Any]]) -> Result:
        prepared, extracted = self._statements.prepare(statement, values[0], many=True)
        bound = prepared.many(values, extracted)
        _, cursor = await self._run(lambda raw: _fetched(raw.executemany(prepared.sql, bound)))
        return Result(rows=(), rowcount=cursor.rowcount)

    @contextlib.asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """A part that can fail alone."""
        await self._say("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # SQLite itself rolls all back when the disk is full
                await self._say("ROLLBACK TO part")
            raise
        finally:
            if self._connection.in_transaction:
                await self._say("RELEASE part")

    async def _say(self, sql: str) -> None:
        await self._run(lambda raw: _fetched(raw.execute(sql)))

    async def _run(self, work: Any) -> Any:
        _refuse_outside(self._connection)
        with translated():
            return work(self._connection.raw) if self._here else await self._connection.run(work)


class Embedded:
    """The transactions of an embedded database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._spare: list[PoolProxiedConnection] = []  # at hand, so that most transactions need not ask the pool
        self._statements = Statements(engine.dialect)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[EmbeddedSession]:
        """A transaction under the write lock: committed at the end, rolled back on any exception."""
        async with self._connection() as connection:
            if not _locked_at_once(connection.raw):
                await connection.run(lambda raw: raw.execute(BEGIN_WRITING))
            before = connection.raw.total_changes
            yield EmbeddedSession(connection, self._statements, here=True)
            _refuse_outside(connection)
            if connection.raw.total_changes == before:
                connection.raw.commit()
            else:
                await connection.run(lambda raw: raw.commit())

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[EmbeddedSession]:
        """A transaction that sees one instant."""
        async with self._connection() as connection:
            connection.raw.execute(BEGIN_READING)
            yield EmbeddedSession(connection, self._statements, here=connection.in_place)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection of the pool; whatever is open on it at the end is rolled back."""
        with translated():
            pooled = self._spare.pop() if self._spare else await self._engine.raw_connection()
        connection = pooled.driver_connection
        assert isinstance(connection, Connection)  # noqa: S101 - what the engine opens
        try:
            with translated():
                yield connection
        finally:
            if not _rolled_back(connection):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE):
                        await greenlet_spawn(pooled.invalidate)
            if pooled.is_valid and len(self._spare) < SPARE:
                self._spare.append(pooled)
            else:
                await greenlet_spawn(pooled.close)

    async def close(self) -> None:
        """Give back to the pool what is at hand."""
        while self._spare:
            await greenlet_spawn(self._spare.pop().close)


def _refuse_outside(connection: Connection) -> None:
    """SQLite takes all back by itself when the disk fails: what follows would stand alone, each statement of it."""
    if not connection.in_transaction:
        raise UnreachableDatabase("The database has taken a transaction back.", "see to the disk under it; try again")


def _rolled_back(connection: Connection) -> bool:
    """Leave a connection without a transaction, if that can be done.

    It cannot when whoever awaited it was cancelled: its thread ends what it does, and then closes it.
    """
    if connection.busy:
        return False
    try:
        if connection.in_transaction:
            connection.raw.rollback()
    except sqlcipher.Error:
        return False
    return True


def _locked_at_once(raw: Any) -> bool:
    """Take the write lock if nobody has it."""
    raw.set_busy_timeout(0)
    try:
        raw.execute(BEGIN_WRITING)
    except sqlcipher.OperationalError as error:
        if "locked" not in str(error):
            raise
        return False
    finally:
        raw.set_busy_timeout(BUSY_TIMEOUT)
    return True


def _fetched(cursor: Any) -> tuple[Sequence[Any], Any]:
    return (cursor.fetchall() if cursor.description else ()), cursor
