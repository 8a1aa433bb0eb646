"""Waiting for a bot: what a person does who has asked something."""

from __future__ import annotations

import asyncio

from sandbox.params import Json
from sandbox.state import Event
from sandbox.telegram import Telegram


async def next_message(telegram: Telegram, token: str, chat_id: int, *, after: int = 0, timeout: float = 5.0) -> Json:  # noqa: ASYNC109
    """The first message of a bot in a chat with an id beyond `after`; raises TimeoutError."""
    news = asyncio.Event()

    def on_event(event: Event) -> None:
        if event.chat_id == chat_id and event.kind == "message":
            news.set()

    ended = telegram.listen(on_event)
    try:
        async with asyncio.timeout(timeout):
            while (message := _first(telegram, token, chat_id, after)) is None:
                await news.wait()
                news.clear()
            return message
    finally:
        ended()


def _first(telegram: Telegram, token: str, chat_id: int, after: int) -> Json | None:
    chat, bot = telegram.chat(token, chat_id), telegram.bot(token).user
    messages = chat.messages.values() if chat else ()
    return next((each for each in messages if each["message_id"] > after and each["from"] == bot), None)
