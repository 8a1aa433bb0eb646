"""Waiting for a wake-up, with an interval as the net below it."""

from __future__ import annotations

import asyncio


async def woken_or(seconds: float, woken: asyncio.Event) -> None:
    """Wait until the event is set, but no longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
