"""Rows 54 and 55: one dead-man service is down, and the auditor's own process fails, stands still or is killed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import text

from app.clock import SystemClock
from services import watching
from tests.faults.process import Engine, until
from tests.faults.stage import Stage

pytestmark = pytest.mark.process
QUIET = 3.0  # seconds without a ping, of one a second


class DeadMan:
    """A service that counts pings."""

    def __init__(self) -> None:
        self.pings, self.url = 0, ""

    async def pinged(self, _: web.Request) -> web.Response:
        """Take a ping."""
        self.pings += 1
        return web.Response()

    async def more(self, by: int = 2) -> None:
        """Wait for further pings."""
        enough = self.pings + by
        await until(lambda: self.pings >= enough)

    async def stays_silent(self) -> bool:
        """Whether no ping comes any more, once what was under way is over."""
        await asyncio.sleep(1)
        before = self.pings
        await asyncio.sleep(QUIET)
        return self.pings == before


@pytest.fixture
async def second() -> AsyncIterator[DeadMan]:
    """The second dead-man service; the first is down."""
    service = DeadMan()
    app = web.Application()
    app.router.add_get("/ping", service.pinged)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping"
    yield service
    await runner.cleanup()


async def audited(stage: Stage, second: DeadMan, folder: Path) -> Engine:
    """A clinic whose engine has worked a moment ago, and its auditor."""
    engine = await stage.engine()
    while not await _has_worked(stage):
        await asyncio.sleep(0.1)
    await engine.kill()
    auditor = Engine(
        folder,
        folder / "auditor.log",
        "--role",
        "auditor",
        FORTNIGHT_AUDITOR__PING_URL="http://127.0.0.1:9/down",
        FORTNIGHT_AUDITOR__SECOND_PING_URL=second.url,
        FORTNIGHT_AUDITOR__INTERVAL="1s",
        FORTNIGHT_AUDITOR__SYNTHETIC_EVERY="0s",
    )
    stage.engines.append(auditor)
    assert await auditor.started(), auditor.lines
    return auditor


@pytest.mark.on("sqlite")
async def test_row_54_while_one_service_is_down_the_other_hears_and_the_log_says_so(
    stage: Stage, second: DeadMan, tmp_path: Path
) -> None:
    auditor = await audited(stage, second, tmp_path)
    await second.more()
    failed = [line for line in auditor.lines if line.get("action") == "ping-failed"]
    assert failed
    assert "down" not in str(failed)  # the URL is a secret


async def test_row_55_an_auditor_that_cannot_look_does_not_ping_until_it_can(
    stage: Stage, second: DeadMan, tmp_path: Path
) -> None:
    auditor = await audited(stage, second, tmp_path)
    await second.more()
    await _rename(stage, "alert", "gone")
    assert await second.stays_silent()
    assert auditor.logged("audit-failed")
    await _rename(stage, "gone", "alert")
    await second.more()


@pytest.mark.on("sqlite")
async def test_row_55_an_auditor_that_stands_still_or_is_killed_does_not_ping(
    stage: Stage, second: DeadMan, tmp_path: Path
) -> None:
    auditor = await audited(stage, second, tmp_path)
    await second.more()
    auditor.send(signal.SIGSTOP)
    with contextlib.ExitStack() as stack:
        stack.callback(auditor.send, signal.SIGCONT)
        assert await second.stays_silent()
    await second.more()
    await auditor.kill()
    assert await second.stays_silent()


async def _has_worked(stage: Stage) -> bool:
    async with stage.clinic.database.reading() as tx:
        return not await watching.silent_parts(tx, SystemClock().now())


async def _rename(stage: Stage, table: str, to: str) -> None:
    async with stage.clinic.database.transaction() as tx:
        await tx.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))
