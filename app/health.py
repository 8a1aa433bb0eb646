"""Whether the engine is well, over HTTP: alive, ready, its tick comes round, its figures. Off without a port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from app import metrics
from app.settings import HealthSection
from services import figures, watching
from services.clinic import Clinic
from store import migrations
from store.errors import StoreError

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds for the database's answer
ROUND = 45.0  # seconds for a full tick; the longest pass of the urgent lane may take 30


class Health:
    """Answers at `/health/live`, `/health/ready`, `/metrics` and, where a tick runs, `/health/engine`.

    200 and `{"ok": true}` when all is well; 503 and the codes of what is not otherwise.
    """

    def __init__(
        self,
        clinic: Clinic,
        section: HealthSection,
        now: Callable[[], datetime],
        *,
        come_round: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self._clinic, self._section, self._now, self._come_round = clinic, section, now, come_round

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application()
        app.router.add_get("/health/live", self._live)
        app.router.add_get("/health/ready", self._ready)
        app.router.add_get("/metrics", self._metrics)
        if self._come_round is not None:
            app.router.add_get("/health/engine", self._engine)
        return app

    async def run(self) -> None:
        """Listen until cancelled."""
        runner = web.AppRunner(self.app(), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._section.host, self._section.port).start()
            log.info("health", extra={"action": "health-listens", "port": runner.addresses[0][1]})
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _live(self, request: web.Request) -> web.Response:
        return _answer(())

    async def _ready(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(PATIENCE):
                await migrations.refuse_unready(self._clinic.database)
                async with self._clinic.database.reading() as tx:
                    silent = await watching.silent_parts(tx, self._now())
        except (StoreError, TimeoutError):
            return _answer(["database"])
        return _answer([problem.code for problem in silent])

    async def _engine(self, request: web.Request) -> web.Response:
        """Wait until every pass of the tick has come round once more."""
        assert self._come_round is not None  # noqa: S101 - there is no such route otherwise
        try:
            async with asyncio.timeout(ROUND):
                await self._come_round()
        except TimeoutError:
            return _answer(["slow-tick"])
        return _answer(())

    async def _metrics(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(PATIENCE), self._clinic.database.reading() as tx:
                found = await figures.gather(self._clinic, tx, self._now())
        except (StoreError, TimeoutError):
            return _answer(["database"])
        return web.Response(body=metrics.exposition(found), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _answer(problems: Sequence[str]) -> web.Response:
    return web.json_response({"ok": not problems, "problems": [*problems]}, status=503 if problems else 200)
