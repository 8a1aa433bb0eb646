"""The driver of the embedded database: sqlcipher3 in a thread of its own for each connection, behind aiosqlite's names.

A statement and all its rows are one trip to that thread; aiosqlite's own cursor takes four. Under the write lock it is
none: such a statement waits for nothing, and a red message, which is forty of them, would mostly wait for threads.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

BEGIN_WRITING = "BEGIN IMMEDIATE"


class Cursor:
    """A cursor that has fetched everything by the time its statement is done."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount, self.lastrowid, self.arraysize = -1, None, 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Execute a statement and fetch its rows."""
        await self._run(lambda raw: raw.execute(statement, parameters), here=self._connection.holds_lock)
        if statement == BEGIN_WRITING:
            self._connection.holds_lock = True

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Execute a statement once for each of the parameters."""
        await self._run(lambda raw: raw.executemany(statement, parameters), here=self._connection.holds_lock)

    async def fetchall(self) -> Sequence[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """Nothing: it was closed when its rows had been fetched."""

    async def _run(self, execute: Callable[[Any], Any], *, here: bool) -> None:
        def run() -> None:
            cursor = execute(self._connection.raw)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else ()
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
            cursor.close()

        self._connection.at_rest = False
        if here:
            run()
        else:
            await self._connection.run(run)


class Connection(aiosqlite.Connection):
    """A connection whose cursors are ours.

    `holds_lock` from BEGIN IMMEDIATE to the end of the transaction; `at_rest` when there is nothing to roll back. An
    await that is cancelled leaves both false, whatever the thread is still doing: then everything goes through it.
    `in_place` when nothing goes through it at all, since nobody else is to be kept going meanwhile.
    """

    holds_lock = False
    at_rest = False
    in_place = False

    @property
    def raw(self) -> Any:
        """The driver's own connection, for use in its thread."""
        return self._conn

    async def run(self, function: Callable[[], None]) -> None:
        """Run a function in the connection's thread."""
        if self.in_place:
            function()
        else:
            await self._execute(function)  # type: ignore[no-untyped-call]

    async def commit(self) -> None:
        """Commit, which waits for the disk."""
        self.holds_lock = False
        await self.run(self.raw.commit)
        self.at_rest = True

    async def rollback(self) -> None:
        """Roll back, if there is anything: SQLAlchemy does it after each commit too."""
        self.holds_lock = False
        if not self.at_rest:
            await self.run(self.raw.rollback)
            self.at_rest = True

    def cursor(self) -> Any:
        """A new cursor; it costs nothing before its first statement."""
        return Cursor(self)


async def opened(connect: Callable[[], Any], *, in_place: bool = False) -> Connection:
    """A connection, opened in its thread by a function that gives the driver's own."""
    connection = Connection(connect, iter_chunk_size=64)
    connection.in_place = in_place
    thread = connection._thread  # noqa: SLF001
    thread.daemon = True  # as SQLAlchemy does, so that a crash can end the process
    try:
        await connection
    except sqlcipher.Error:
        thread.join()  # it has nothing left to do, and must not outlive the event loop that it reports to
        raise
    return connection


def module() -> AsyncAdapt_aiosqlite_dbapi:
    """The driver as SQLAlchemy takes it: aiosqlite's names with sqlcipher3's exception classes, which it translates."""
    names = types.ModuleType("aiosqlite_over_sqlcipher")
    for name in ("connect", "__version__"):
        setattr(names, name, getattr(aiosqlite, name))
    names.__dict__.update(Connection=Connection, Cursor=Cursor)
    for name in (
        "DatabaseError",
        "Error",
        "IntegrityError",
        "NotSupportedError",
        "OperationalError",
        "ProgrammingError",
        "sqlite_version",
        "sqlite_version_info",
    ):
        setattr(names, name, getattr(sqlcipher, name))
    return AsyncAdapt_aiosqlite_dbapi(names, sqlcipher)
