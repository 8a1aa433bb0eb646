"""The driver of the embedded database: sqlcipher3 in a thread of its own for each connection, behind aiosqlite's names.

A statement and all its rows are one trip to that thread; aiosqlite's own cursor takes four.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

BEGIN_WRITING = "BEGIN IMMEDIATE"
BEGIN_READING = "BEGIN"
BUSY_TIMEOUT = 15  # seconds


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
        await self._connection.run(lambda raw: self._keep(raw.execute(statement, parameters)))

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Execute a statement once for each of the parameters."""
        await self._connection.run(lambda raw: self._keep(raw.executemany(statement, parameters)))

    async def fetchall(self) -> Sequence[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """Nothing: it was closed when its rows had been fetched."""

    def _keep(self, cursor: Any) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else ()
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


class Connection(aiosqlite.Connection):
    """A connection whose cursors are ours.

    `in_place` when nothing goes through its thread, since nobody else is to be kept going meanwhile. `busy` while
    something does, and for ever when whoever awaited that was cancelled.
    """

    in_place = False
    busy = False

    @property
    def raw(self) -> Any:
        """The driver's own connection; it is used by one thread at a time."""
        return self._conn

    async def run(self, work: Callable[[Any], Any]) -> Any:
        """Do something with the driver's own connection, in its thread."""
        if self.in_place:
            return work(self.raw)
        self.busy = True
        try:
            done = await self._execute(work, self.raw)  # type: ignore[no-untyped-call]
        except sqlcipher.Error:
            self.busy = False
            raise
        self.busy = False
        return done

    async def commit(self) -> None:
        """Commit, which waits for the disk."""
        await self.run(lambda raw: raw.commit())

    async def rollback(self) -> None:
        """Roll back, if there is anything: SQLAlchemy does it after each commit too."""
        if self.raw.in_transaction:
            await self.run(lambda raw: raw.rollback())

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
