"""Receives by webhook: listens, keeps Telegram told where, and shows that the line between the two is alive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from app.settings import Telegram
from bot.bots import Bots
from bot.webhook import LARGEST, Webhook
from services import intake
from services.clinic import Clinic
from services.intake import Received

log = logging.getLogger(__name__)

LOOK_EVERY = 10.0  # seconds
ALARM_AFTER = 6  # looks that failed, one after the other


class Webhooks:
    """The webhooks of all bots, at one port: each at its name under the public URL."""

    def __init__(
        self,
        clinic: Clinic,
        section: Telegram,
        bots: Bots,
        now: Callable[[], datetime],
        *,
        alarm: Callable[[str], Awaitable[None]],
        emergency: Callable[[Sequence[Received]], Awaitable[None]],
    ) -> None:
        secret = section.webhook_secret.get_secret_value() if section.webhook_secret else ""
        self._clinic, self._section, self._now, self._alarm = clinic, section, now, alarm
        self._bots = {name: bot for name, bot, _ in bots.polled()}
        self._hooks = {name: Webhook(clinic, name, secret, now, emergency=emergency) for name in self._bots}
        self._failed = 0

    async def run(self) -> None:
        """Listen until cancelled."""
        root = web.Application(client_max_size=LARGEST)
        for name, hook in self._hooks.items():
            root.add_subapp(f"/{name}", hook.app("/"))
        runner = web.AppRunner(root, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._section.webhook_host, self._section.webhook_port).start()
            while True:
                await self._look()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await runner.cleanup()

    async def _look(self) -> None:
        """See that Telegram still knows where to, and note that it answers."""
        try:
            for name, bot in self._bots.items():
                await self._keep_told(bot, self._hooks[name], f"{str(self._section.webhook_url).rstrip('/')}/{name}/")
            await intake.receive(self._clinic, [], self._now())
            self._failed = 0
        except Exception as error:
            log.warning("webhook not seen to", extra={"action": "webhook-failed", "why": type(error).__name__})
            self._failed += 1
            if self._failed >= ALARM_AFTER:
                await self._alarm("channel-down")

    async def _keep_told(self, bot: Any, hook: Webhook, url: str) -> None:
        if (await bot.get_webhook_info()).url != url:
            await hook.register(bot, url)
