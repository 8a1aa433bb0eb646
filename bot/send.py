"""The sender: four lanes that claim from the outbox, render, send and settle. Nobody else talks to Telegram.

Pages ride their own lane on their own `Bot`; what throttles one lane holds no other. Messages of one chat keep their
order, chats go side by side. A commit wakes the lane it concerns, the tick is the net below.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import outcome
from bot.deliver import Wire
from bot.outcome import (
    MaybeDelivered,
    Moved,
    NotModified,
    Outcome,
    PlainText,
    Refused,
    Sent,
    TryAgain,
    Unauthorised,
    Unreachable,
)
from bot.pace import Pace
from services import delivery
from services.clinic import Clinic
from services.delivery import Claimed, Result, Settlement

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """How one lane sends: at most `in_flight` at a time, `batch` claimed at once."""

    name: str
    in_flight: int
    batch: int


LANES = (
    Lane(name="page", in_flight=16, batch=32),
    Lane(name="crisis", in_flight=16, batch=32),
    Lane(name="reply", in_flight=16, batch=64),
    Lane(name="bulk", in_flight=32, batch=200),
)


class Sender:
    """Runs the lanes. `paces` limits each; the clock is only asked for `now`."""

    def __init__(
        self,
        clinic: Clinic,
        wire: Wire,
        now: Callable[[], datetime],
        *,
        claimer: str,
        lease: timedelta,
        interval: timedelta,
        paces: dict[str, Pace],
    ) -> None:
        self._clinic, self._wire, self._now = clinic, wire, now
        self._claimer, self._lease, self._interval = claimer, lease, interval
        self._paces = paces
        self._wakes = {lane.name: asyncio.Event() for lane in LANES}
        clinic.database.on_commit(self._woken)

    def _woken(self, topics: Iterable[str]) -> None:
        for topic in topics:
            if topic in self._wakes:
                self._wakes[topic].set()

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for lane in LANES:
                tasks.create_task(self._run_lane(lane), name=f"send-{lane.name}")

    async def _run_lane(self, lane: Lane) -> None:
        wake = self._wakes[lane.name]
        while True:
            wake.clear()
            try:
                sent = await self.send_due(lane)
            except Exception as error:  # a lane never ends: what failed is claimed again when its lease lapses
                log.error("lane failed", extra={"action": "lane-failed", "lane": lane.name}, exc_info=error)
                sent = 0
                await asyncio.sleep(min(1.0, self._interval.total_seconds()))
            if not sent:
                await _wait(wake, self._interval.total_seconds())

    async def send_due(self, lane: Lane) -> int:
        """Send one batch of a lane; returns how many messages it was."""
        claimed = await delivery.claim(
            self._clinic,
            lane.name,
            claimer=self._claimer,
            now=self._now(),
            lease=self._lease,
            limit=lane.batch,
        )
        if not claimed:
            return 0
        gate = asyncio.Semaphore(lane.in_flight)
        results: list[Result] = []
        await asyncio.gather(*(self._send_chat(lane, chat, gate, results) for chat in _by_chat(claimed)))
        await delivery.settle(self._clinic, results, claimer=self._claimer, now=self._now())
        return len(claimed)

    async def _send_chat(
        self, lane: Lane, messages: Sequence[Claimed], gate: asyncio.Semaphore, results: list[Result]
    ) -> None:
        """The messages of one chat, one after the other."""
        for message in messages:
            async with gate:
                results.append(await self._send(lane, message))

    async def _send(self, lane: Lane, message: Claimed) -> Result:
        pace = self._paces[lane.name]
        if message.channel == "telegram":
            await pace.wait()
        came_out = await self._attempt(message)
        if isinstance(came_out, TryAgain) and came_out.after is not None:
            pace.hold(came_out.after.total_seconds())
        return _result(message, came_out, self._now(), urgent=lane.name in ("page", "crisis"))

    async def _attempt(self, message: Claimed) -> Outcome:
        try:
            return Sent(message_id=await self._wire.send(message))
        except Exception as error:
            came_out = outcome.of(error)
        if not isinstance(came_out, PlainText):
            return came_out
        try:
            return Sent(message_id=await self._wire.send_plain(message))
        except Exception as error:
            return outcome.of(error)


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(wake.wait(), seconds)
    except TimeoutError:
        return


def _by_chat(claimed: Sequence[Claimed]) -> list[list[Claimed]]:
    chats: dict[object, list[Claimed]] = defaultdict(list)
    for message in claimed:
        chats[message.chat_id if message.chat_id is not None else message.id].append(message)
    return list(chats.values())


def _result(message: Claimed, came_out: Outcome, now: datetime, *, urgent: bool) -> Result:
    """What an outcome means for the row. A page that timed out may have arrived: it goes out again, same alert id."""

    def settled(state: str, said: str, **more: object) -> Settlement:
        return Settlement(id=message.id, state=state, outcome=said, **more)  # type: ignore[arg-type]

    def again(said: str) -> Result:
        wait = outcome.next_attempt(message.attempts, came_out, urgent=urgent)
        return Result(message=message, settlement=settled("waiting", said, again_at=now + wait))

    match came_out:
        case Sent(message_id=message_id):
            return Result(message=message, settlement=settled("sent", "sent", message_id=message_id))
        case NotModified():
            return Result(message=message, settlement=settled("sent", "shown already"))
        case Unreachable(reason=reason):
            return Result(message=message, settlement=settled("refused", reason), unreachable=True)
        case Moved(new_chat_id=chat_id):
            return Result(message=message, settlement=settled("waiting", "the chat moved"), moved_to=chat_id)
        case Refused(reason=reason) | PlainText(reason=reason):
            return Result(message=message, settlement=settled("refused", reason))
        case TryAgain(reason=reason) | MaybeDelivered(reason=reason) | Unauthorised(reason=reason):
            return again(reason)
