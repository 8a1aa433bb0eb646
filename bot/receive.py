"""Our own poll loop: every update is committed to the inbox before the next getUpdates confirms it.

python-telegram-bot's Updater confirms a batch while handlers still run (kill -9 lost 50 of 50), goes deaf on one
malformed update and ends on one 401. This loop asks for raw JSON, commits, and only then asks again with the offset
that confirms. Each boot starts without an offset; the inbox passes over what it has.
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

from bot.decode import chat_of
from services import intake
from services.clinic import Clinic
from services.intake import Received

log = logging.getLogger(__name__)

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post", "edited_channel_post")
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
Alarm = Callable[[str], Awaitable[None]]
Emergency = Callable[[Sequence[Received]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How one bot is polled: `name` tells its updates from another bot's, `timeout` is the long poll's."""

    name: str
    timeout: timedelta


class Poller:
    """Polls one bot until cancelled. Never gives up: not on a 401, not on a 409, not on a locked database."""

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
    ) -> None:
        self._clinic, self._bot, self._polling, self._now = clinic, bot, polling, now
        self._request = request
        self._alarm, self._emergency = alarm, emergency
        self._offset: int | None = None
        self.last_success_at: datetime | None = None

    async def run(self) -> None:
        """Poll until cancelled."""
        wait = FIRST_WAIT
        while True:
            try:
                await self.poll_once(self._polling.timeout)
                wait = FIRST_WAIT
            except TelegramError as error:
                await self._alarm(_trouble(error))
                pause = error.retry_after if isinstance(error, RetryAfter) else wait
                await asyncio.sleep(pause.total_seconds() if isinstance(pause, timedelta) else float(pause))
                wait = min(wait * 2, LONGEST_WAIT)
            except Exception as error:  # the poll is not confirmed; what came will come again
                log.error("poll failed", extra={"action": "poll-failed"}, exc_info=error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)

    async def poll_once(self, timeout: timedelta) -> int:
        """Ask once, commit what came, and let the next call confirm it; returns how many updates were new."""
        updates = await self._get_updates(timeout)
        self.last_success_at = self._now()
        batch = [received for update in updates if (received := as_received(update, self._polling.name))]
        if not updates:
            return 0
        try:
            new = await intake.receive(self._clinic, batch, self._now())
        except Exception:
            await self._emergency(batch)  # the database will not have it: page without it, and do not confirm
            raise
        ids = [update["update_id"] for update in updates if isinstance(update.get("update_id"), int)]
        self._offset = max(ids) + 1 if ids else self._offset
        return new

    async def _get_updates(self, timeout: timedelta) -> list[dict[str, Any]]:
        """The raw updates: not python-telegram-bot's parsed ones, of which a single odd one would lose the batch."""
        seconds = int(timeout.total_seconds())
        query: dict[str, Any] = {"timeout": seconds, "allowed_updates": json.dumps(ALLOWED)}
        if self._offset is not None:
            query["offset"] = self._offset
        url = f"{self._bot.base_url}/getUpdates?{urlencode(query)}"
        result = await self._request.post(url, read_timeout=seconds + 10)
        return [update for update in result if isinstance(update, dict)] if isinstance(result, list) else []


def as_received(update: dict[str, Any], bot: str) -> Received | None:
    """An update as the inbox stores it; none without an id, which Telegram could not confirm either."""
    update_id = update.get("update_id")
    if not isinstance(update_id, int):
        return None
    raw = json.dumps(update, ensure_ascii=False, sort_keys=True)
    return Received(bot=bot, update_id=update_id, chat_id=chat_of(update), raw=raw)


def _trouble(error: TelegramError) -> str:
    if isinstance(error, InvalidToken):
        return "token-refused"
    if isinstance(error, Conflict):
        return "second-poller"
    return "telegram-unreachable"
