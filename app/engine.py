"""The engine: keeps each part going by itself, and ends them in the order in which nothing is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from app.parts import Now, Part, Parts
from services import anchoring, belonging, intake, readiness
from services.belonging import Belonging
from services.clinic import Clinic
from store import damage, migrations
from store.errors import StoreError, UnreachableDatabase

log = logging.getLogger(__name__)

AGAIN = timedelta(seconds=2)  # until a part that failed is started afresh, or a database that was away is asked again
GRACE = timedelta(seconds=10)  # for what is in hand when the process is told to end


class Engine:
    """Runs parts until told to stop."""

    def __init__(
        self, clinic: Clinic, parts: Parts, now: Now, ours: Belonging | None = None, anchors: Path | None = None
    ) -> None:
        self._clinic, self._parts, self._now, self._ours, self._anchors = clinic, parts, now, ours, anchors
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Run until told to stop. Raises StoreError when the database is there but cannot be worked with."""
        self._clinic.screening  # noqa: B018 - read and understood before the first text comes
        try:
            with suppress(UnreachableDatabase):
                await self._refuse_unready()  # what is received into a copy is lost to those whose bot it is
            self._start(self._parts.receiving)  # then at once: red messages page even while the database is away
            if await self._is_ready(stop):
                log.info("running", extra={"action": "running", "parts": sorted(self._names())})
                self._start((*self._parts.handling, *self._parts.working))
                await self._warn()
                await stop.wait()
        finally:
            await self._end()

    async def _is_ready(self, stop: asyncio.Event) -> bool:
        """Wait for the database; False when told to stop meanwhile. Raises StoreError for what is not ours."""
        while not stop.is_set():
            try:
                await self._refuse_unready()
                await damage.refuse_damaged(self._clinic.database)
                return True
            except UnreachableDatabase:
                await self._parts.alarms.raise_alarm("database-away")
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), AGAIN.total_seconds())
        return False

    async def _refuse_unready(self) -> None:
        await migrations.refuse_unready(self._clinic.database)
        if self._ours is not None:
            await belonging.refuse_foreign(self._clinic.database, self._ours)
        if self._anchors is not None:
            await anchoring.refuse_behind(self._clinic.database, self._anchors)

    def _names(self) -> list[str]:
        parts = self._parts
        return [part.name for part in (*parts.receiving, *parts.handling, *parts.working)]

    async def _warn(self) -> None:
        """Say what is not ready; it runs all the same."""
        with suppress(StoreError):
            async with self._clinic.database.reading() as tx:
                for problem in await readiness.problems(self._clinic, tx, self._now()):
                    log.warning(
                        "not ready",
                        extra={"action": "not-ready", "code": problem.code, "figures": dict(problem.figures)},
                    )

    def _start(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self._tasks[part.name] = asyncio.create_task(self._keep_going(part), name=part.name)

    async def _keep_going(self, part: Part) -> None:
        """Run a part; whatever ends it, start it afresh. It takes no other part down."""
        while True:
            try:
                await part.run()
            except Exception as error:
                log.error("a part failed", extra={"action": "part-failed", "part": part.name}, exc_info=error)
                await self._parts.alarms.raise_alarm("pass-failed")
            await asyncio.sleep(AGAIN.total_seconds())

    async def _end(self) -> None:
        """Stop asking for more, finish what is in hand, then stop the rest: sends settle before the end."""
        await self._cancel(self._parts.receiving)
        if "pump" in self._tasks:
            with suppress(TimeoutError, StoreError):
                async with asyncio.timeout(GRACE.total_seconds()):
                    await self._until_handled()
        await self._cancel(self._parts.handling)
        await self._cancel(self._parts.working)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._parts.alarms.told(), GRACE.total_seconds())
        await self._parts.close()

    async def _until_handled(self) -> None:
        while await intake.waiting(self._clinic, self._now(), limit=1):  # noqa: ASYNC110 - only the rows tell
            await asyncio.sleep(0.05)

    async def _cancel(self, parts: Sequence[Part]) -> None:
        tasks = [self._tasks[part.name] for part in parts if part.name in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
