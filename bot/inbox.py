"""The pump: takes stored updates through their handlers, in order within a chat, chats side by side."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta

from bot.bots import Bots
from bot.decode import Unreadable, decode, salvage
from bot.deliver import Wire
from bot.router import route
from bot.waking import woken_or
from services import intake
from services.clinic import Clinic
from services.intake import Waiting
from services.turn import Incoming

log = logging.getLogger(__name__)

CHATS_AT_ONCE = 16
ANSWERS_AT_ONCE = 100
PATIENCE = 30.0  # seconds for one update; a handler does nothing but write rows
A_MOMENT = timedelta(seconds=5)
TOPIC = "inbox"

LastResort = Callable[[Sequence[Waiting]], Awaitable[None]]


class Pump:
    """Handles what is in the inbox until cancelled. An update that cannot be handled is laid aside, the others go on.

    `last_resort` is told of what can be neither handled nor laid aside, and of what the database will not let go on.
    """

    def __init__(
        self, clinic: Clinic, bots: Bots, wire: Wire, now: Callable[[], datetime], *, last_resort: LastResort
    ) -> None:
        self._clinic, self._bots, self._wire, self._now = clinic, bots, wire, now
        self._last_resort = last_resort
        self._gate = asyncio.Semaphore(CHATS_AT_ONCE)
        self._chats: dict[object, asyncio.Task[int]] = {}  # those that are being handled
        self._answers: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        clinic.database.on_commit(self._wake)

    async def run(self, interval: timedelta) -> None:
        """Handle until cancelled. A chat that hangs holds up no other."""
        try:
            while True:
                self._woken.clear()
                if len(self._chats) < CHATS_AT_ONCE:  # or there is enough in hand: no need to read on
                    await self._begin_all()
                await woken_or(interval.total_seconds(), self._woken)
        finally:
            for task in self._chats.values():
                task.cancel()
            await asyncio.gather(*self._chats.values(), return_exceptions=True)

    async def _begin_all(self) -> None:
        try:
            await self._begin_due()
        except Exception as error:  # the database is away: the rows stay, and the pump with them
            log.error("pump failed", extra={"action": "pump-failed"}, exc_info=error)

    async def handle_due(self) -> int:
        """Handle what is waiting now; returns how many updates were done with."""
        return sum(await asyncio.gather(*await self._begin_due()))

    async def _begin_due(self) -> list[asyncio.Task[int]]:
        """Begin with every chat that waits and is not being handled already."""
        busy = set(self._chats)  # before what waits is read: what one of these has done meanwhile is not done again
        chats: dict[object, list[Waiting]] = defaultdict(list)
        for row in await intake.waiting(self._clinic, self._now()):
            chats[row.id if row.chat_id is None else row.chat_id].append(row)
        return [self._begin(chat, rows) for chat, rows in chats.items() if chat not in busy]

    def _begin(self, chat: object, rows: Sequence[Waiting]) -> asyncio.Task[int]:
        task = self._chats[chat] = asyncio.create_task(self._handle_chat(rows))
        task.add_done_callback(lambda done: self._end(chat, done))
        return task

    def _end(self, chat: object, task: asyncio.Task[int]) -> None:
        del self._chats[chat]
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("pump failed", extra={"action": "pump-failed"}, exc_info=error)
        elif task.result() and len(self._chats) < CHATS_AT_ONCE:  # something is done with, and more may wait behind it
            self._woken.set()

    async def _handle_chat(self, rows: Sequence[Waiting]) -> int:
        """The updates of a chat, one after the other; those behind one that failed wait for it."""
        async with self._gate:
            for done, row in enumerate(rows):
                try:
                    if not await self._handle(row):
                        return done
                except Exception as error:  # not even noted: the rows stay as they are, and danger in them cannot
                    log.error("update failed", extra={"action": "update-failed", "inbox": row.id}, exc_info=error)
                    if self._now() - row.received_at >= A_MOMENT:  # a connection that dropped is there again by then
                        await self._last_resort(rows[done:])
                    return done
        return len(rows)

    async def _handle(self, row: Waiting) -> bool:
        """Handle one update or lay it aside; False when it is to be tried again."""
        try:
            incoming = decode(row.raw, self._bots.named(row.bot))
        except Unreadable as error:
            await self._lay_aside(row, f"unreadable: {error}")
            return True
        try:
            async with asyncio.timeout(PATIENCE):
                turn = await intake.handle(self._clinic, row, incoming, route, self._now())
        except Exception as error:
            log.error("handler failed", extra={"action": "handler-failed", "inbox": row.id}, exc_info=error)
            if not await intake.try_again(self._clinic, row, type(error).__name__, self._now()):
                return False
            await self._lay_aside(row, f"failed: {type(error).__name__}")
            return True
        self._answer(row, incoming, turn.toast if turn else None)
        return True

    async def _lay_aside(self, row: Waiting, error: str) -> None:
        try:
            await intake.lay_aside(self._clinic, row, salvage(row.raw), error, self._now())
        except Exception as worse:
            log.error("not laid aside", extra={"action": "lay-aside-failed", "inbox": row.id}, exc_info=worse)
            await self._last_resort([row])
            await intake.bury(self._clinic, row, error, self._now())

    def _answer(self, row: Waiting, incoming: Incoming, toast: str | None) -> None:
        """Answer a press beside the work, never in its way."""
        if incoming.press_id is None or len(self._answers) >= ANSWERS_AT_ONCE:
            return
        task = asyncio.create_task(self._wire.answer(row.bot, incoming.press_id, toast))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def answered(self) -> None:
        """Wait until every press is answered: for tests, and before the connections close."""
        if self._answers:
            await asyncio.wait(self._answers)

    def _wake(self, topics: Iterable[str]) -> None:
        if TOPIC in topics:
            self._woken.set()
