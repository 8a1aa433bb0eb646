"""The pace of a lane: so many messages a second, evenly, and a stop when Telegram asks for one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Pace:
    """Lets one message through every 1/`rate` seconds; `monotonic` tells seconds. No rate, no waiting."""

    def __init__(self, rate: float | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._gap = 0.0 if rate is None else 1.0 / rate
        self._monotonic = monotonic
        self._next = 0.0
        self._held_until = 0.0

    async def wait(self) -> None:
        """Wait for this message's turn."""
        now = self._monotonic()
        turn = max(now, self._next)
        self._next = turn + self._gap
        if turn > now:
            await asyncio.sleep(turn - now)

    def hold(self, seconds: float) -> None:
        """Let nothing through for so many seconds."""
        self._held_until = max(self._held_until, self._monotonic() + seconds)

    def step_aside(self, seconds: float) -> None:
        """Let what comes from now on wait so long, once; unlike a hold it keeps nothing from going out."""
        self._next = max(self._next, self._monotonic() + seconds)

    def within(self, seconds: float, at_most: int) -> int:
        """How many messages go through in so many seconds: at least one, and at most a number."""
        return max(1, min(at_most, int(seconds / self._gap))) if self._gap else at_most

    @property
    def held_for(self) -> float:
        """Seconds until the stop ends; 0 when there is none."""
        return max(0.0, self._held_until - self._monotonic())
