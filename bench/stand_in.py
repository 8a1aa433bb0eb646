"""The local Telegram in the bench's own process, with a watch on what arrives: both sides are timed by its clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from time import perf_counter

from bench.clinic import TOKEN, now
from sandbox.faults import Fault
from sandbox.server import Server
from sandbox.state import Event
from sandbox.telegram import Telegram

PATIENCE = 600.0  # seconds


class StandIn:
    """Telegram, served over HTTP to the process that is measured."""

    def __init__(self, telegram: Telegram, base_url: str) -> None:
        self._telegram, self.base_url = telegram, base_url
        self.arrived: list[float] = []  # when each message of the bot came, in seconds
        self._waiting: list[tuple[Callable[[Event], bool], asyncio.Future[float]]] = []
        telegram.listen(self._on_event)

    def people(self, user_ids: Iterable[int]) -> None:
        """Let people be there who have started the bot long ago."""
        for user_id in user_ids:
            self._telegram.add_user(user_id, name="Somebody")
            self._telegram.client(user_id, TOKEN).chat.started = True

    def throttle(self, chats: Iterable[int], fault: Fault) -> Callable[[], int]:
        """Let the next message to each of these chats suffer a fault; returns a question: how many have?"""
        ours = [fault.on("sendMessage", chat_id=chat, times=1) for chat in chats]
        for each in ours:
            self._telegram.faults.add(each)
        return lambda: len(ours) - len(self._telegram.faults.in_force())

    def say(self, user_id: int, text: str) -> None:
        """Let somebody send a text."""
        self._telegram.client(user_id, TOKEN).say(text)

    async def answer_time(self, user_id: int, text: str, *, chat_id: int, holding: str) -> float:
        """Seconds from a text of somebody to the bot's message in a chat that holds some words."""
        answered = self._first(lambda event: event.chat_id == chat_id and holding in event.content.get("text", ""))
        began = perf_counter()
        self.say(user_id, text)
        return await asyncio.wait_for(answered, PATIENCE) - began

    async def until_arrived(self, count: int) -> None:
        """Wait until the bot has sent so many messages in all."""
        if len(self.arrived) < count:
            await asyncio.wait_for(self._first(lambda _: len(self.arrived) >= count), PATIENCE)

    def _first(self, wanted: Callable[[Event], bool]) -> asyncio.Future[float]:
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        return future

    def _on_event(self, event: Event) -> None:
        if event.kind != "message" or not event.content["from"]["is_bot"]:
            return
        at = perf_counter()
        self.arrived.append(at)
        for wanted, future in [each for each in self._waiting if each[0](event)]:
            self._waiting.remove((wanted, future))
            if not future.done():
                future.set_result(at)


@asynccontextmanager
async def serving() -> AsyncIterator[StandIn]:
    """A stand-in while it is entered."""
    telegram = Telegram(now, keep=5)
    telegram.register(TOKEN)
    async with Server(telegram) as server:
        yield StandIn(telegram, f"{server.url}/bot")
