"""A bot with a webhook gets its updates there, one by one, until each is taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram import Bot

from sandbox.client import Client


class Hook:
    """A bot's webhook that refuses the first delivery."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []
        self.url = ""

    async def take(self, request: web.BaseRequest) -> web.Response:
        text = (await request.json())["message"]["text"]
        self.came.append((text, request.headers["X-Telegram-Bot-Api-Secret-Token"]))
        return web.Response(status=500 if len(self.came) == 1 else 200)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook.take, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield hook
    await runner.cleanup()


async def test_an_update_is_delivered_until_it_is_taken(bot: Bot, phone: Client, hook: Hook) -> None:
    await bot.set_webhook(hook.url, secret_token="s3cret")
    phone.say("hello")
    async with asyncio.timeout(5):
        while len(hook.came) < 3 or (await bot.get_webhook_info()).pending_update_count:
            await asyncio.sleep(0.02)
    assert hook.came == [("/start", "s3cret"), ("/start", "s3cret"), ("hello", "s3cret")]
    await bot.delete_webhook()
    phone.say("kept for the poll")
    assert [update.message.text for update in await bot.get_updates() if update.message] == ["kept for the poll"]
