"""A process that is killed in the middle of a migration leaves a database that refuses to run until it is mended."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from store import migrations
from store.errors import MissingDatabase, SchemaMismatch
from tests.databases import opened

KILLED = """
import asyncio, os, signal, sys
from sqlalchemy import event
from store.migrations import migrate
from tests.databases import opened

async def main(url, place):
    async with opened(url, create=True) as database:
        engine = database.engine.sync_engine

        @event.listens_for(engine, "before_cursor_execute")
        def at_statement(connection, cursor, statement, *rest):
            if place in " ".join(statement.split()):
                os.kill(os.getpid(), signal.SIGKILL)

        @event.listens_for(engine, "commit")
        def at_commit(connection):
            if place == "COMMIT":
                os.kill(os.getpid(), signal.SIGKILL)

        await migrate(database)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.process
@pytest.mark.parametrize(
    "place",
    ["CREATE TABLE checkin", "CREATE INDEX ix_checkin_due", "INSERT INTO alembic_version", "INTO meta", "COMMIT"],
)
async def test_a_migration_that_was_killed_is_refused_until_it_is_run_again(empty_url: str, place: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, empty_url, place)
    assert await process.wait() == -signal.SIGKILL
    with pytest.raises((SchemaMismatch, MissingDatabase)) as refusal:
        async with opened(empty_url) as database:
            await migrations.refuse_unready(database)
    assert "fortnight migrate" in refusal.value.mend

    async with opened(empty_url, create=True) as database:
        await migrations.migrate(database)
        await migrations.refuse_unready(database)
