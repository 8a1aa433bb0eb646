"""Delivers updates to the bots that have set a webhook: one at a time, again and again until it is taken."""

from __future__ import annotations

import asyncio
import logging

import aiohttp

from sandbox.state import Bot, Event
from sandbox.telegram import Telegram

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0
TIMEOUT = aiohttp.ClientTimeout(total=10)


class Webhooks:
    """Runs one delivery for each bot that has a webhook."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._news: dict[str, asyncio.Event] = {}
        self._end = telegram.listen(self._on_event)

    async def close(self) -> None:
        """End all deliveries."""
        self._end()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _on_event(self, event: Event) -> None:
        if event.kind == "webhook":
            self._restart(self._telegram.bots[event.token])
        elif event.kind == "update" and event.token in self._news:
            self._news[event.token].set()

    def _restart(self, bot: Bot) -> None:
        if task := self._tasks.pop(bot.token, None):
            task.cancel()
        if bot.webhook:
            self._news[bot.token] = asyncio.Event()
            self._tasks[bot.token] = asyncio.create_task(self._deliver(bot, self._news[bot.token]))

    async def _deliver(self, bot: Bot, news: asyncio.Event) -> None:
        wait = FIRST_WAIT
        secret = bot.webhook["secret_token"]
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        async with aiohttp.ClientSession(timeout=TIMEOUT, headers=headers) as session:
            while True:
                news.clear()
                waiting = bot.updates.take(self._telegram.now(), limit=1)
                if not waiting:
                    await news.wait()
                elif await _taken(session, bot.webhook["url"], waiting[0]):
                    bot.updates.confirm_first()
                    wait = FIRST_WAIT
                else:
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, LONGEST_WAIT)


async def _taken(session: aiohttp.ClientSession, url: str, update: dict[str, object]) -> bool:
    try:
        async with session.post(url, json=update) as response:
            return response.ok
    except (aiohttp.ClientError, TimeoutError) as error:
        log.info("webhook refused", extra={"action": "webhook-refused", "error": type(error).__name__})
        return False
