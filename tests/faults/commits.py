"""The way to a PostgreSQL server, on which a chosen commit is cut: before the server hears of it, or before it answers.

Which transaction has written to which table the server says itself, by a warning on the same connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

COMMIT = b"COMMIT\x00"
TABLES = ("inbox", "alert", "outbox")
WARN = """
CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE WARNING 'written to %', TG_TABLE_NAME; RETURN NULL; END $$
"""


class Commits:
    """Relays connections. `cut` names a table and a moment, "before" or "after": its next commit is cut there."""

    def __init__(self, server: str) -> None:
        self.done: list[tuple[str, str]] = []
        self._server = server
        self._next: tuple[str, str] | None = None
        self._relays: set[asyncio.Task[None]] = set()

    async def cut(self, table: str, moment: str) -> None:
        """Cut the next commit of a transaction that has written to a table; returns once it is cut."""
        so_far = len(self.done)
        self._next = (table, moment)
        async with asyncio.timeout(20):
            while len(self.done) == so_far:
                await asyncio.sleep(0.01)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        there_reader, there_writer = await asyncio.open_unix_connection(self._server)
        wrote: set[str] = set()
        ways = (self._asked(reader, there_writer, wrote), self._answered(there_reader, writer, wrote))
        try:
            await asyncio.wait([asyncio.create_task(way) for way in ways], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (writer, there_writer):
                each.transport.abort()
            self._relays.discard(task)

    async def close(self) -> None:
        """End all of it."""
        for task in [*self._relays]:
            task.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _asked(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, wrote: set[str]) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if COMMIT in data and self._cuts(wrote, "before"):
                    return
                sink.write(data)
                await sink.drain()

    async def _answered(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, wrote: set[str]) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if COMMIT in data and self._cuts(wrote, "after"):
                    return
                wrote -= {*TABLES} if COMMIT in data or b"ROLLBACK\x00" in data else set()
                wrote |= {table for table in TABLES if f"written to {table}\0".encode() in data}
                sink.write(data)
                await sink.drain()

    def _cuts(self, wrote: set[str], moment: str) -> bool:
        if self._next is None or self._next[1] != moment or self._next[0] not in wrote:
            return False
        self.done.append(self._next)
        self._next = None
        return True


@contextlib.asynccontextmanager
async def between(url: str) -> AsyncIterator[tuple[Commits, str]]:
    """Commits that can be cut, and the URL that leads to the database of `url` through them."""
    there = make_url(url)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(WARN)
        for table in TABLES:
            on = f'AFTER INSERT OR UPDATE ON "{table}"'
            admin.execute(f"CREATE TRIGGER warn {on} FOR EACH STATEMENT EXECUTE FUNCTION warn()".encode())
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:  # a socket's path is short
        commits = Commits(f"{there.query['host']}/.s.PGSQL.5432")
        server = await asyncio.start_unix_server(commits.connected, Path(folder) / ".s.PGSQL.5432")
        try:
            yield commits, there.set(query={"host": folder}).render_as_string(hide_password=False)
        finally:
            server.close()
            await commits.close()
