"""The control interface: people and faults driven over HTTP, and only from this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from sandbox.client import Client
from sandbox.server import Server
from sandbox.telegram import Telegram
from tests.sandbox.conftest import CLINICIAN, PATIENT, TOKEN

Do = Callable[..., Awaitable[Any]]
BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])


@pytest.fixture
async def do(server: Server) -> AsyncIterator[Do]:
    async with aiohttp.ClientSession(server.url) as session:

        async def do(act: str, status: int = 200, **body: Any) -> Any:
            async with session.post(f"/sandbox/{act}", json=body) as response:
                assert response.status == status, await response.text()
                return await response.json()

        yield do


async def test_a_whole_conversation_can_be_had_over_http(do: Do, bot: Bot) -> None:
    await do("start", user=PATIENT, code="abc")
    asked = await bot.send_message(PATIENT, "How are you?", reply_markup=BUTTONS)
    await do("press", user=PATIENT, label="Yes")
    said = await do("say", user=PATIENT, text="fine")
    await do("edit", user=PATIENT, message=said["message_id"], text="not fine")
    await do("send", user=PATIENT, kind="voice")
    await do("block", user=PATIENT)
    await do("unblock", user=PATIENT)
    kinds = [next(iter(update.to_dict().keys() - {"update_id"})) for update in await bot.get_updates()]
    assert kinds == [
        "message",
        "callback_query",
        "message",
        "edited_message",
        "message",
        "my_chat_member",
        "my_chat_member",
    ]
    assert [each["message"]["message_id"] for each in await do("sent", chat=PATIENT)] == [asked.message_id]
    assert len(await do("messages", user=PATIENT)) == 4


async def test_new_bots_users_and_groups_can_be_made(do: Do, sandbox: Telegram) -> None:
    await do("bot", token="101:pages", username="pages_bot")
    await do("user", id=20, name="Clinician Two", language="es")
    group = await do("group", id=-60, title="On call", members=[20], bots=[TOKEN])
    await do("say", user=20, chat=-60, text="hello")
    assert group["title"] == "On call"
    assert (await do("migrate", chat=-60))["type"] == "supergroup"
    assert len(sandbox.bots[TOKEN].updates) == 3


async def test_one_can_wait_for_a_bot_to_write(do: Do, bot: Bot, phone: Client) -> None:
    waiting = asyncio.ensure_future(do("wait", user=PATIENT, after=1))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await bot.send_message(PATIENT, "Hello")
    assert (await waiting)["text"] == "Hello"
    await do("wait", 400, user=PATIENT, after=2, timeout=0.05)


async def test_faults_and_updates_are_scripted_over_http(do: Do, bot: Bot, phone: Client) -> None:
    await do("faults", method="sendMessage", error=429, retry_after=3, times=2)
    assert [fault["times"] for fault in await do("faults")] == [2]
    await do("clear-faults")
    await bot.send_message(PATIENT, "Hello")
    await do("restart-ids", at=70)
    await do("inject", update={"message": {"date": "yesterday"}})
    await do("repeat")
    await do("reverse")
    assert len(phone._state.bots[TOKEN].updates) == 3


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("fly", {}),
        ("say", {"user": 99, "text": "x"}),
        ("say", {"user": PATIENT}),
        ("say", {"user": PATIENT, "token": "9:none", "text": "x"}),
        ("say", {"user": CLINICIAN, "chat": PATIENT, "text": "x"}),
        ("press", {"user": PATIENT, "label": "Yes"}),
        ("faults", {"colour": "red"}),
    ],
)
async def test_what_cannot_be_done_is_said(do: Do, phone: Client, act: str, body: dict[str, Any]) -> None:
    assert (await do(act, 400, **body))["error"]


async def test_another_sites_page_cannot_drive_it(server: Server) -> None:
    async with aiohttp.ClientSession(server.url) as session:
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            async with session.post("/sandbox/faults", headers=headers) as response:
                assert response.status == 403
