"""Takes updates as a webhook: 200 is answered after the commit only, so that what is not stored comes again."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from telegram import Bot

from bot.receive import ALLOWED, COMMIT_PATIENCE, NO_ID, as_received
from services import intake
from services.clinic import Clinic
from services.intake import Received

log = logging.getLogger(__name__)

LARGEST = 1024 * 1024
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name, not a secret
SHORTEST_SECRET = 16


class Webhook:
    """Answers at one path for one bot. Raises ValueError without a secret: anybody could send updates otherwise."""

    def __init__(
        self,
        clinic: Clinic,
        name: str,
        secret: str,
        now: Callable[[], datetime],
        *,
        emergency: Callable[[Sequence[Received]], Awaitable[None]],
    ) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the webhook's secret has fewer than {SHORTEST_SECRET} characters: give it a longer one")
        self._clinic, self._name, self._secret, self._now = clinic, name, secret, now
        self._emergency = emergency

    def app(self, path: str) -> web.Application:
        """The web application that takes POSTs at a path."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post(path, self._handle)
        return app

    async def register(self, bot: Bot, url: str) -> None:
        """Tell Telegram where to send updates to, and keep what waits. Raises TelegramError."""
        await bot.set_webhook(url, secret_token=self._secret, allowed_updates=list(ALLOWED), drop_pending_updates=False)

    async def _handle(self, request: web.Request) -> web.Response:
        shown = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(shown.encode(errors="surrogateescape"), self._secret.encode()):
            return web.Response(status=403)
        received = self._received((await request.read()).decode("utf-8", "replace"))
        try:
            async with asyncio.timeout(COMMIT_PATIENCE):
                await intake.receive(self._clinic, [received], self._now())
        except Exception as error:
            log.error("not stored", extra={"action": "receive-failed"}, exc_info=error)
            await self._emergency([received])
            return web.Response(status=503)
        return web.Response()

    def _received(self, body: str) -> Received:
        try:
            update: Any = json.loads(body)
        except (ValueError, RecursionError):  # laid aside later, and screened as it is
            return Received(bot=self._name, update_id=NO_ID, chat_id=None, raw=body)
        return as_received(update, self._name)
