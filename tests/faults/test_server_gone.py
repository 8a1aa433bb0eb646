"""Row 40: the server ends connections in the middle of whatever they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.faults.oracle import all_is_well
from tests.faults.process import until
from tests.faults.stage import Stage, staged

pytestmark = pytest.mark.process
TIMES = 20


@pytest.fixture
async def on_server(postgresql_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A clinic on PostgreSQL."""
    async with staged(postgresql_url, tmp_path) as stage:
        yield stage


async def test_row_40_connections_that_drop_in_commits_lose_nothing_and_count_nothing_twice(
    on_server: Stage, postgresql_url: str
) -> None:
    await on_server.clinician()
    people = await on_server.enrolled(TIMES)
    engine = await on_server.engine()
    await until(lambda: all("5" in each.buttons for each in people))
    await on_server.clinic.database.close()
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        for each in people:
            each.cries_for_help()
            await asyncio.sleep(0.1)
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    await all_is_well(on_server, within=timedelta(seconds=60), patience=90)
    assert engine.is_alive
