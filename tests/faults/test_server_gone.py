"""Row 40: the server ends connections in the middle of whatever they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.faults.commits import TABLES, between
from tests.faults.oracle import all_is_well
from tests.faults.process import until
from tests.faults.stage import TOKEN, Person, Stage, staged

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


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_row_40_a_commit_that_is_cut_is_made_once_whether_the_server_heard_of_it_or_not(
    on_server: Stage, postgresql_url: str, tmp_path: Path, moment: str
) -> None:
    clinician = await on_server.clinician()
    people = await on_server.enrolled(len(TABLES), in_course=False)
    async with between(postgresql_url) as (commits, through):
        config = tmp_path / "config.toml"
        config.write_text(config.read_text().replace(postgresql_url, through))
        engine = await on_server.engine()
        for table, each in zip(TABLES, people, strict=True):
            cut = asyncio.create_task(commits.cut(table, moment))
            await asyncio.sleep(0)  # it waits for the commit before there is one
            each.cries_for_help()
            await cut
            await paged_about(each, on_server, clinician)
        on_record = await all_is_well(on_server, within=timedelta(seconds=15))
        assert commits.done == [(table, moment) for table in TABLES]
        assert len(on_record.inbox) == len(people)
        assert "emergency-page" not in {line.get("action") for line in engine.lines}
        await engine.kill()


async def paged_about(patient: Person, stage: Stage, clinician: Person) -> None:
    """Wait until a clinician has got a page about a patient."""
    await until(lambda: any(patient.alias in sent.text for sent in stage.telegram.sent(TOKEN, clinician.user_id)))
