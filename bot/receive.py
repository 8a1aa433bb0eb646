"""Our own poll loop: every update is committed to the inbox before the next getUpdates confirms it.

python-telegram-bot's Updater confirms a batch while handlers still run (kill -9 lost 50 of 50), goes deaf on one
malformed update and ends on one 401. This loop asks for raw JSON, commits, and only then asks with the offset that
confirms. It keeps that offset for no longer, since ids start again lower after an idle week; the inbox passes over
what it has.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.decode import LARGEST, chat_of
from services import intake
from services.clinic import Clinic
from services.intake import Received, UnreachableDatabase
from services.spill import Spill

log = logging.getLogger(__name__)

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post", "edited_channel_post")
AWAY = (UnreachableDatabase, TimeoutError)
MOST = 100  # updates that Telegram shows before they are confirmed
NO_ID = -1  # of an update without one: Telegram confirms it with the next that has one
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
ANSWER_GRACE, HANG_GRACE = 10.0, 15.0  # seconds on top of the long poll's own
DROPPED, AT_ONCE = (0.3, 1.0), 1.0  # seconds: when a commit that failed at once is tried again
COMMIT_PATIENCE = 20.0  # seconds; longer than the database waits for a lock
SHORTEST = timedelta(seconds=1)  # a long poll of nothing would ask without pause
UNREACHABLE_AFTER = timedelta(seconds=60)
BEAT_EVERY = timedelta(seconds=10)

Alarm = Callable[[str], Awaitable[None]]
Emergency = Callable[[Sequence[Received]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How one bot is polled: `name` tells its updates from another bot's, `timeout` is the long poll's."""

    name: str
    timeout: timedelta


class NotStored(Exception):
    """The database did not take what came; it is not confirmed, and comes again."""


FAILURES = (TelegramError, NotStored)  # what a single poll raises


class Poller:
    """Polls one bot until cancelled. Never gives up: not on a 401, not on a 409, not on a locked database.

    `alarm` is told once of each trouble, `emergency` of what the database will not take; `spill` keeps what must not
    stand in the way of what comes behind it.
    """

    def __init__(
        self,
        clinic: Clinic,
        bot: Bot,
        request: BaseRequest,
        polling: Polling,
        now: Callable[[], datetime],
        *,
        alarm: Alarm,
        emergency: Emergency,
        spill: Spill,
    ) -> None:
        self._clinic, self._bot, self._polling, self._now = clinic, bot, polling, now
        self._request = request
        self._alarm, self._emergency, self._spill = alarm, emergency, spill
        self._offset: int | None = None
        self._trouble: str | None = None
        self._beat_at: datetime | None = None
        self.last_success_at = now()

    async def run(self) -> None:
        """Poll until cancelled, while no other process polls this bot; another takes over when this one ends."""
        wait = FIRST_WAIT
        while True:
            held = False
            try:
                async with intake.only_poller(self._clinic, self._polling.name) as still_only:
                    held = True
                    while await still_only():
                        wait = await self._poll_safely(wait)
            except UnreachableDatabase as error:
                log.error("no lock", extra={"action": "poll-lock-failed"}, exc_info=error)
            if not held:  # while nobody can have the lock all poll: Telegram lets one through, nothing is confirmed
                wait = await self._poll_safely(wait)

    async def poll_once(self, timeout: timedelta | None = None) -> int:  # noqa: ASYNC109 - the long poll's own
        """Ask once, commit what came, and let the next call confirm it; returns how many updates were new."""
        updates = await self._get_updates(max(self._polling.timeout, SHORTEST) if timeout is None else timeout)
        self.last_success_at = self._now()
        batch = [as_received(update, self._polling.name) for update in updates]
        new = await self._store(batch) if batch or self._beat_is_due() else 0
        self._recovered()
        ids = [received.update_id for received in batch if received.update_id != NO_ID]
        self._offset = max(ids) + 1 if ids else None  # what the last one stood for is confirmed
        if batch and not ids:
            await asyncio.sleep(FIRST_WAIT)  # they cannot be confirmed, and come again at once
        return new

    async def _store(self, batch: Sequence[Received]) -> int:
        """Commit a batch, or set it aside when Telegram shows nothing behind it. Raises NotStored."""
        try:
            return await self._store_in_database(batch)
        except NotStored:
            await self._emergency(self._spill.kept())  # they come no more by themselves
            if len(batch) < MOST or not await self._set_aside(batch):
                raise
        return 0

    async def _set_aside(self, batch: Sequence[Received]) -> bool:
        """Keep a batch without the database, so that what is behind it can be seen."""
        try:
            await asyncio.to_thread(self._spill.keep, batch)
        except OSError as error:
            log.error("not set aside", extra={"action": "spill-failed"}, exc_info=error)
            await self._alarm("unseen-messages")
            return False
        await self._alarm("database-away")
        return True

    async def _store_in_database(self, batch: Sequence[Received]) -> int:
        """Commit a batch; what the database will not take is paged about without it. Raises NotStored."""
        try:
            return await self._commit(batch)
        except Exception as error:
            if len(batch) == 1 or isinstance(error, AWAY):
                await self._emergency(batch)
                raise NotStored from None
        return await self._store_singly(batch)

    async def _store_singly(self, batch: Sequence[Received]) -> int:
        """One of them may be to blame: what alone does not go in while others do is paged about and laid aside."""
        new, refused = 0, []
        for each in batch:
            try:
                new += await self._commit([each])
            except Exception as error:
                refused.append(each)
                if isinstance(error, AWAY):
                    refused = list(batch)
                    break
        await self._emergency(refused)
        if len(refused) == len(batch):
            raise NotStored
        if refused:
            await self._lay_aside(refused)
            await self._alarm("dead-letter")
        return new

    async def _lay_aside(self, refused: Sequence[Received]) -> None:
        """Keep what is passed over beside the roster, if the disk takes it: it was paged about already."""
        try:
            await asyncio.to_thread(self._spill.lay_aside, refused)
        except OSError as error:
            log.error("not laid aside", extra={"action": "spill-failed"}, exc_info=error)

    async def _commit(self, batch: Sequence[Received]) -> int:
        """Commit; a connection that dropped is made anew before anybody is told that the database is away."""
        for wait in DROPPED:
            began = asyncio.get_running_loop().time()
            try:
                return await self._commit_once(batch)
            except UnreachableDatabase:
                if asyncio.get_running_loop().time() - began > AT_ONCE:
                    raise
            await asyncio.sleep(wait)
        return await self._commit_once(batch)

    async def _commit_once(self, batch: Sequence[Received]) -> int:
        try:
            async with asyncio.timeout(COMMIT_PATIENCE):
                new = await intake.receive(self._clinic, batch, self._now())
        except Exception as error:
            log.error("not stored", extra={"action": "receive-failed"}, exc_info=error)
            raise
        self._beat_at = self._now()
        return new

    async def _poll_safely(self, wait: float) -> float:
        """Poll once; after a failure wait and return how long to wait after the next."""
        try:
            await self.poll_once()
            return FIRST_WAIT
        except RetryAfter as error:
            after = error.retry_after
            await asyncio.sleep(after.total_seconds() if isinstance(after, timedelta) else after)
            return wait
        except Exception as error:  # whatever it is, what came is not confirmed and will come again
            log.warning("poll failed", extra={"action": "poll-failed", "why": type(error).__name__})
            await self._in_trouble(error)
        await asyncio.sleep(wait)
        return min(wait * 2, LONGEST_WAIT)

    async def _get_updates(self, timeout: timedelta) -> list[Any]:  # noqa: ASYNC109 - the long poll's own
        """The raw updates: not python-telegram-bot's parsed ones, of which a single odd one would lose the batch."""
        seconds = int(timeout.total_seconds())
        query: dict[str, Any] = {"timeout": seconds, "allowed_updates": json.dumps(ALLOWED)}
        if self._offset is not None:
            query["offset"] = self._offset
        url = f"{self._bot.base_url}/getUpdates?{urlencode(query)}"
        async with asyncio.timeout(seconds + HANG_GRACE):  # not trusting the request to end by itself
            result = await self._request.post(url, read_timeout=seconds + ANSWER_GRACE)
        return result if isinstance(result, list) else []

    def _beat_is_due(self) -> bool:
        """Whether a poll that brought nothing is to be noted: it is, now and then."""
        return self._beat_at is None or self._now() - self._beat_at >= BEAT_EVERY

    async def _in_trouble(self, error: Exception) -> None:
        """Alarm once of each trouble; a network that fails for a moment is none."""
        trouble = _trouble(error)
        if trouble == "channel-down" and self._now() - self.last_success_at < UNREACHABLE_AFTER:
            return
        if trouble != self._trouble:
            self._trouble = trouble
            await self._alarm(trouble)

    def _recovered(self) -> None:
        if self._trouble is not None:
            log.warning("polling again", extra={"action": "poll-recovered", "after": self._trouble})
            self._trouble = None


def as_received(update: Any, bot: str) -> Received:
    """An update as the inbox stores it, whatever it is."""
    found = update.get("update_id") if isinstance(update, dict) else None
    update_id = found if isinstance(found, int) and abs(found) < LARGEST else NO_ID
    raw = json.dumps(update, ensure_ascii=False, sort_keys=True)
    return Received(bot=bot, update_id=update_id, chat_id=chat_of(update), raw=raw)


def _trouble(error: Exception) -> str:
    if isinstance(error, InvalidToken):
        return "token-refused"
    if isinstance(error, Conflict):
        return "second-poller"
    if isinstance(error, NotStored):
        return "database-away"
    return "channel-down"
