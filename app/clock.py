"""The only reader of the clock. Everything else is handed `now`."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, in UTC."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        return datetime.now(UTC)


class DemoClock:
    """A clock that can be run fast or stepped, for the demo: `speed` seconds go by in each real one."""

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self._start = start
        self._since = time.monotonic()
        self.speed = speed

    def now(self) -> datetime:
        """The demo's present instant."""
        return self._start + timedelta(seconds=(time.monotonic() - self._since) * self.speed)

    def run_at(self, speed: float) -> None:
        """Go on from now at another speed; 0 stands still."""
        self._start, self._since, self.speed = self.now(), time.monotonic(), speed

    def step(self, by: timedelta) -> None:
        """Jump ahead."""
        self._start, self._since = self.now() + by, time.monotonic()


async def sleep_until_woken(wake: asyncio.Event, at_most: float) -> None:
    """Wait for a wake-up or `at_most` real seconds, whichever is first, and take the wake-up."""
    try:
        await asyncio.wait_for(wake.wait(), at_most)
    except TimeoutError:
        return
    wake.clear()
