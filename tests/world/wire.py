"""The bot's way to the sandbox without a network, on which each message keeps the kind that it was queued as."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from telegram.error import TimedOut
from telegram.request import BaseRequest, RequestData

from bot.deliver import Wire
from bot.request import Dropped
from bot.second_channel import SecondChannel
from bot.texts import Rendered
from sandbox.faults import Fault
from sandbox.state import Upload
from sandbox.telegram import Telegram
from services.delivery import Claimed

BASE_URL = "http://sandbox/bot"
Kinds = dict[tuple[str, int, int], str]  # (token, chat, message) → the kind that it was queued as

_sending: ContextVar[str] = ContextVar("sending", default="?")


class DirectRequest(BaseRequest):
    """Calls the sandbox as a function, and lets its faults look as they look over HTTP."""

    def __init__(self, telegram: Telegram, kinds: Kinds) -> None:
        self._telegram, self._kinds = telegram, kinds

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more_timeouts: Any
    ) -> tuple[int, bytes]:
        address = urlsplit(url)
        token, _, call = address.path.removeprefix("/bot").partition("/")
        params: dict[str, Any] = dict(parse_qsl(address.query))
        if request_data is not None:
            params |= request_data.json_parameters
            params |= {name: Upload(name=n, content=c, mime=m) for name, (n, c, m) in _files(request_data)}
        answer = self._telegram.answer(token, call, params)
        sent = answer.json.get("result")
        if isinstance(sent, dict) and "message_id" in sent:
            self._kinds.setdefault((token, sent["chat"]["id"], sent["message_id"]), _sending.get())
        if answer.fault is not None:
            _suffer(answer.fault)
        return (200 if answer.json["ok"] else answer.json["error_code"]), json.dumps(answer.json).encode()


class TellingWire(Wire):
    """The wire, which tells the request what kind of message is going out."""

    async def put(self, message: Claimed, rendered: Rendered) -> int:
        with _named(message):
            return await super().put(message, rendered)

    async def send_plain(self, message: Claimed) -> int | None:
        with _named(message):
            return await super().send_plain(message)


class Pager(SecondChannel):
    """The second channel, which only keeps what it was given; `broken` when no service takes anything."""

    def __init__(self) -> None:
        super().__init__(["pager://"], timedelta(seconds=1))
        self.texts: list[str] = []
        self.broken = False

    async def send(self, text: str) -> None:
        if self.broken:
            raise ConnectionError
        self.texts.append(text)


@contextmanager
def _named(message: Claimed) -> Iterator[None]:
    token = _sending.set(message.kind)
    try:
        yield
    finally:
        _sending.reset(token)


def _files(request_data: RequestData) -> Any:
    return (request_data.multipart_data or {}).items() if request_data.contains_files else ()


def _suffer(fault: Fault) -> None:
    """Raise what the real request raises for a fault on the way back; a mere delay is none, for no time goes by."""
    match fault.ends:
        case "reset":
            raise Dropped("perhaps sent: reset on request")
        case "never":
            raise TimedOut
        case "garbage":
            raise Dropped("perhaps sent: garbage on request")
