"""What a story can see of the wire: the kind that each message was queued as, and what the second channel was given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from bot.deliver import Wire
from bot.second_channel import SecondChannel, SecondChannelFailed
from bot.texts import Rendered
from sandbox.state import Event
from services.delivery import Claimed

_sending: ContextVar[str] = ContextVar("sending", default="?")


class Kinds(dict[tuple[str, int, int], str]):
    """(token, chat, message) → the kind that it was queued as; listens to the sandbox."""

    def __call__(self, event: Event) -> None:
        if event.kind == "message":
            self.setdefault((event.token, event.chat_id, event.content["message_id"]), _sending.get())


class TellingWire(Wire):
    """The wire, which says what kind of message is going out."""

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
            raise SecondChannelFailed("broken")
        self.texts.append(text)


@contextmanager
def _named(message: Claimed) -> Iterator[None]:
    token = _sending.set(message.kind)
    try:
        yield
    finally:
        _sending.reset(token)
