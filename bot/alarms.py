"""The operator's alarms: what the engine cannot mend by itself goes out by the second channel, each now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bot.second_channel import SecondChannel
from services.clinic import Clinic

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=10)
TOPICS = ("dead-letter", "laid-aside", "nobody-reachable")  # of commits that are an alarm


class Alarms:
    """Raises alarms, also those that a commit brings with it."""

    def __init__(self, clinic: Clinic, second: SecondChannel, now: Callable[[], datetime]) -> None:
        self._clinic, self._second, self._now = clinic, second, now
        self._raised_at: dict[str, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        clinic.database.on_commit(self._on_commit)

    async def raise_alarm(self, what: str) -> None:
        """Tell the operator, unless they were told the same a moment ago; never in the way of what raises it."""
        self._start(what)

    async def told(self) -> None:
        """Wait until what was raised has gone out: before the process ends."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, what: str) -> None:
        now = self._now()
        last = self._raised_at.get(what)
        if last is not None and now - last < AGAIN:
            return
        self._raised_at[what] = now
        log.error("alarm", extra={"action": "alarm", "alarm": what})
        task = asyncio.create_task(self._second.alarm(what, clinic=self._clinic.name), name=f"alarm-{what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_commit(self, topics: Iterable[str]) -> None:
        for what in topics:
            if what in TOPICS:
                self._start(what)
