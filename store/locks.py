"""A lock that one process holds while it lives: on PostgreSQL by a connection of its own, freed when that breaks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database
from store.driver_errors import translated
from store.errors import UnreachableDatabase

TRY_EVERY = ALIVE_EVERY = 2.0  # seconds
PATIENCE = 5.0

_NOTICE_A_DEAD_CLIENT = text(  # of a machine that went without a word the server would hold the lock for hours
    "SELECT set_config('tcp_keepalives_idle', '4', false), set_config('tcp_keepalives_interval', '1', false), "
    "set_config('tcp_keepalives_count', '3', false)"
)
_NOTICE_A_STOPPED_PROCESS = text(  # one that is stopped or hangs: its kernel would answer for it as long as it stands
    "SELECT set_config(name, '8s', false) FROM pg_settings WHERE name = 'idle_session_timeout'"  # from PostgreSQL 14 on
)

StillHeld = Callable[[], Awaitable[bool]]


@contextlib.asynccontextmanager
async def sole_holder(database: Database, name: str) -> AsyncIterator[StillHeld]:
    """Wait until no other process holds the name, then hold it; yields a question: is it held still?

    An SQLite database has one process anyway. Raises UnreachableDatabase when it cannot be asked for.
    """
    if database.is_sqlite:
        yield _yes
        return
    with translated():
        connection = await database.engine.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await _acquire(connection, name)
            async with _kept_alive(connection) as still_held:
                yield still_held
        finally:
            await connection.invalidate()  # ends the session, and with it the lock
            await connection.close()


async def _acquire(connection: AsyncConnection, name: str) -> None:
    await connection.execute(_NOTICE_A_DEAD_CLIENT)
    await connection.execute(_NOTICE_A_STOPPED_PROCESS)
    question = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
    while True:
        if (await connection.execute(question, {"name": name})).scalar_one():
            return
        await asyncio.sleep(TRY_EVERY)


@contextlib.asynccontextmanager
async def _kept_alive(connection: AsyncConnection) -> AsyncIterator[StillHeld]:
    """Show the server every moment that this process goes on, and notice when the connection broke."""

    async def show() -> None:
        while True:
            async with asyncio.timeout(PATIENCE):
                await connection.execute(text("SELECT 1"))
            await asyncio.sleep(ALIVE_EVERY)

    async def still_held() -> bool:
        if showing.done():
            raise UnreachableDatabase("The connection that held a lock broke.", "see that the server runs")
        return True

    showing = asyncio.create_task(show(), name="lock")
    try:
        yield still_held
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


async def _yes() -> bool:
    return True
