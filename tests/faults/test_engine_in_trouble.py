"""Rows 17 and 39: the token is refused for a while, and somebody else holds the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from sandbox import faults
from store.database import Transaction
from tests.faults.oracle import all_is_well
from tests.faults.process import until
from tests.faults.stage import TOKEN, Stage, staged

pytestmark = pytest.mark.process
HELD = 9.0  # seconds; a server gives up waiting for a lock after ten


@pytest.fixture
async def small(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A clinic on the embedded database."""
    async with staged(sqlite_url, tmp_path) as stage:
        yield stage


async def test_row_17_a_token_that_is_refused_for_a_moment_ends_nothing(small: Stage) -> None:
    await small.clinician()
    (patient,) = await small.enrolled(1)
    engine = await small.engine()
    await until(lambda: "5" in patient.buttons)
    small.telegram.faults.add(faults.failing(401).on("getUpdates", times=3))
    patient.cries_for_help()  # ends the poll under way; the next ones are refused
    await until(lambda: engine.logged("poll-recovered"))
    alarms = [line["alarm"] for line in engine.lines if line.get("action") == "alarm"]
    assert alarms == ["token-refused"]
    await all_is_well(small, within=timedelta(seconds=20))


async def test_row_39_a_database_that_is_locked_is_waited_for_and_nothing_confirmed(stage: Stage) -> None:
    await stage.clinician()
    (patient,) = await stage.enrolled(1)
    engine = await stage.engine()
    await until(lambda: "5" in patient.buttons)
    await asyncio.sleep(1)  # the prompt is noted as sent, nothing is under way
    async with stage.clinic.database.transaction() as tx:
        await _lock(tx)
        patient.cries_for_help()
        await asyncio.sleep(HELD)
        assert len(stage.telegram.bots[TOKEN].updates) == 1
    await all_is_well(stage, within=timedelta(seconds=HELD + 10))
    failed = [line for line in engine.lines if line.get("action") == "poll-failed"]
    assert len(failed) < 10  # it did not ask without pause
    assert engine.is_alive


async def _lock(tx: Transaction) -> None:
    """Hold what a writer needs: on SQLite the transaction itself does, which began with a write lock."""
    if tx.dialect == "postgresql":
        await tx.execute(text("LOCK TABLE inbox, outbox, heartbeat IN ACCESS EXCLUSIVE MODE"))
