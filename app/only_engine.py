"""Lets one engine work on an embedded database: a second one would page and poll beside it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from services.errors import Refused
from store.database import Database

PATIENCE = timedelta(seconds=15)  # an engine that was told to end may still be finishing what it had in hand
AGAIN = 0.2


@contextlib.asynccontextmanager
async def only_engine(database: Database, role: str, patience: timedelta = PATIENCE) -> AsyncIterator[None]:
    """Hold the database file's lock for a role; PostgreSQL needs none. Raises Refused when another engine has it."""
    if not database.is_sqlite:
        yield
        return
    async with no_engine(Path(str(database.engine.url.database)), role, patience):
        yield


@contextlib.asynccontextmanager
async def no_engine(database: Path, role: str = "all", patience: timedelta = PATIENCE) -> AsyncIterator[None]:
    """Hold the lock of a database's file, so that no engine of the role can start. Raises Refused when one runs."""
    path = database.with_name(f"{database.name}.{'auditor' if role == 'auditor' else 'engine'}.lock")
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await _lock(file, patience)
        yield
    finally:
        os.close(file)  # and with it the lock, as when the process is killed


async def _lock(file: int, patience: timedelta) -> None:
    for _ in range(int(patience.total_seconds() / AGAIN) + 1):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            await asyncio.sleep(AGAIN)
    raise Refused(
        "Another engine works on this database already.",
        "end it first; several at once need PostgreSQL (database.url)",
    )
