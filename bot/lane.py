"""One lane of the sender: it claims from the outbox, sends side by side, settles, and loses no outcome."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import outcome, settling
from bot.deliver import Wire
from bot.outcome import MaybeDelivered, Outcome, PlainText, Sent, TryAgain
from bot.pace import Pace
from bot.waking import woken_or
from services import delivery
from services.clinic import Clinic
from services.delivery import Claimed, Result, UnreachableDatabase

log = logging.getLogger(__name__)

AFTER_A_FAULT = timedelta(seconds=30)
AHEAD = 4.0  # seconds of its pace that a lane claims: what waits here longer might be unwanted by then
GRACE = 10.0  # seconds that what is under way has when the process ends
SETTLE_AGAIN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """How a lane sends: at most `in_flight` at a time, `batch` claimed and not yet sent.

    `urgent` tries again quickly, and takes a throttle as that of one chat. Outcomes are collected for `gather` seconds,
    so that many share a transaction.
    """

    name: str
    in_flight: int
    batch: int
    urgent: bool = False
    gather: float = 0.0


class LaneSender:
    """Works a lane off. What it has claimed it remembers until that is settled, so that it sends nothing twice."""

    def __init__(
        self,
        lane: Lane,
        clinic: Clinic,
        wire: Wire,
        now: Callable[[], datetime],
        pace: Pace,
        *,
        claimer: str,
        lease: timedelta,
    ) -> None:
        self.lane, self.woken = lane, asyncio.Event()
        self._clinic, self._wire, self._now, self._pace = clinic, wire, now, pace
        self._claimer, self._lease = claimer, lease
        self._batch = pace.within(min(AHEAD, lease.total_seconds() / 3), lane.batch)
        self._gate = asyncio.Semaphore(lane.in_flight)
        self._held: dict[str, Claimed] = {}
        self._came_out: list[Result] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    async def run(self, interval: timedelta) -> None:
        """Send until cancelled; then let what is under way arrive, and give back the rest."""
        try:
            while True:
                self.woken.clear()
                if not await _to_its_end(self._turn()):
                    await woken_or(interval.total_seconds(), self.woken)
                await asyncio.sleep(self.lane.gather)
        finally:
            await self._wind_up()

    def step_aside(self, seconds: float) -> None:
        """Leave the process to others for a moment."""
        self._pace.step_aside(seconds)

    async def send_due(self) -> int:
        """Send one batch and see it settled; returns how many messages it was."""
        claimed = await self._claim()
        await asyncio.gather(*self._tasks)
        await self._settle()
        return claimed

    async def _turn(self) -> int:
        await self._settle()
        try:
            return await self._claim()
        except Exception as error:  # a lane never ends: what it could not claim now it claims later
            log.error("claim failed", extra={"action": "claim-failed", "lane": self.lane.name}, exc_info=error)
            return 0

    async def _claim(self) -> int:
        room = self._batch - len(self._held) + len(self._came_out)
        if 2 * room < self._batch or (self._pace.held_for and not self.lane.urgent):
            return 0
        until = asyncio.get_running_loop().time() + self._lease.total_seconds()
        claimed = await delivery.claim(
            self._clinic, self.lane.name, claimer=self._claimer, now=self._now(), lease=self._lease, limit=room
        )
        fresh = [message for message in claimed if message.id not in self._held]
        self._held |= {message.id: message for message in fresh}
        for messages in _in_order(fresh):
            task = asyncio.create_task(self._send_in_order(messages, until))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(fresh)

    async def _send_in_order(self, messages: Sequence[Claimed], until: float) -> None:
        """Send messages that keep their order: those behind one that did not go out wait as long as it does."""
        for place, message in enumerate(messages):
            try:
                async with self._gate:
                    result = await self._send(message, until)
            except Exception as error:
                log.error("send failed", extra={"action": "send-failed", "outbox": message.id}, exc_info=error)
                result = settling.give_back(message, self._now() + AFTER_A_FAULT)
            self._note(result)
            if result.settlement.state == "waiting":
                for later in messages[place + 1 :]:
                    self._note(Result(message=later, settlement=replace(result.settlement, id=later.id)))
                return

    def _note(self, result: Result) -> None:
        self._came_out.append(result)
        self.woken.set()

    async def _send(self, message: Claimed, until: float) -> Result:
        if message.channel != "second":
            await self._pace.wait()
        held = 0.0 if self.lane.urgent else self._pace.held_for
        left = until - asyncio.get_running_loop().time()
        if held or left <= 0 or self._closing:
            return settling.give_back(message, self._now() + timedelta(seconds=held))
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._under_way[message.id] = task
        try:
            came_out = await self._attempt(message, left)
        finally:
            del self._under_way[message.id]
        if isinstance(came_out, TryAgain) and came_out.after is not None and not self.lane.urgent:
            self._pace.hold(came_out.after.total_seconds())
        return settling.result(message, came_out, self._now(), urgent=self.lane.urgent)

    async def _attempt(self, message: Claimed, left: float) -> Outcome:
        """Send it, as plain text if it does not go otherwise, and for no longer than it is leased."""
        try:
            async with asyncio.timeout(left):
                came_out = await _outcome_of(self._wire.send(message))
                if isinstance(came_out, PlainText):
                    came_out = await _outcome_of(self._wire.send_plain(message))
                return came_out
        except TimeoutError:
            return MaybeDelivered(reason="no answer during its lease")

    async def _settle(self) -> bool:
        """Settle what came out; whether any of it stays in memory."""
        batch, self._came_out = self._came_out, []
        self._came_out = await self._settle_all(batch) + self._came_out
        return bool(self._came_out)

    async def _settle_all(self, batch: Sequence[Result]) -> list[Result]:
        """Settle results; returns those that stay in memory. By halves, so that a broken row holds up no other."""
        if not batch:
            return []
        try:
            await delivery.settle(self._clinic, batch, claimer=self._claimer, now=self._now())
        except Exception as error:
            log.error("settle failed", extra={"action": "settle-failed", "lane": self.lane.name}, exc_info=error)
            if len(batch) == 1 or isinstance(error, UnreachableDatabase):
                return list(batch)
            half = len(batch) // 2
            return await self._settle_all(batch[:half]) + await self._settle_all(batch[half:])
        for result in batch:
            self._held.pop(result.message.id, None)
            if result.settlement.again_at is not None:
                wait = (result.settlement.again_at - self._now()).total_seconds()
                asyncio.get_running_loop().call_later(max(0.0, wait), self.woken.set)
        return []

    async def _wind_up(self) -> None:
        self._closing = True
        for task in self._tasks - set(self._under_way.values()):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        known = {result.message.id for result in self._came_out} | set(self._under_way)
        for message in [message for message in self._held.values() if message.id not in known]:
            self._note(settling.give_back(message, self._now()))
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):  # a database that is away for a moment must not make it go out twice
                while await self._settle():  # noqa: ASYNC110 - only the database can tell
                    await asyncio.sleep(SETTLE_AGAIN)


async def _to_its_end(turn: Coroutine[Any, Any, int]) -> int:
    """Let a turn end before a cancellation does: what it claims must be remembered, what came out must be noted."""
    task = asyncio.create_task(turn)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def _outcome_of(sending: Awaitable[int | None]) -> Outcome:
    try:
        return Sent(message_id=await sending)
    except Exception as error:
        return outcome.of(error)


def _in_order(claimed: Sequence[Claimed]) -> list[list[Claimed]]:
    """Messages by what they keep their order in: their chat, but pages only with edits of the same page."""
    rows: dict[object, list[Claimed]] = defaultdict(list)
    for message in claimed:
        alone = message.chat_id is None or (message.lane == "page" and message.edits is None)
        place = message.edits if message.lane == "page" else None
        rows[message.id if alone else (message.chat_id, place)].append(message)
    return list(rows.values())
