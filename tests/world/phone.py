"""A person's phone in a story: what they do, and what they have got and not yet read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.client import Client
from sandbox.state import Sent

if TYPE_CHECKING:
    from tests.world.clinic import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message from the bot as it arrived; `kind` is what it was queued as, `silent` that nothing rang."""

    id: int
    at: datetime
    kind: str
    text: str
    labels: tuple[str, ...]
    silent: bool
    protected: bool


class Phone:
    """A phone. Whoever holds it acts, then everything comes to rest; `id` and `alias` name its owner to the clinic.

    What arrives is to be read by the story: `received` the kinds that it expects, in their order, or `reads` whatever
    there is. What a patient has got and no story has read is a stray, and fails the test at its end.
    """

    def __init__(self, world: World, user_id: int, *, id: str, alias: str, patient: bool) -> None:  # noqa: A002
        self._world, self.user_id, self.id, self.alias, self.is_patient = world, user_id, id, alias, patient
        self._read = dict.fromkeys(world.tokens, 0)

    def app(self, token: str | None = None) -> Client:
        """Telegram's app on this phone, for what has no word here; settle the world after using it."""
        return self._world.telegram.client(self.user_id, token or self._world.tokens[0])

    # What its owner does.

    async def opens(self, code: str, token: str | None = None) -> None:
        """Open a link with a code."""
        self.app(token).start(code)
        await self._world.settle()

    async def says(self, text: str) -> int:
        """Write something; returns the id of the message, for an edit of it."""
        said = self.app().say(text)
        await self._world.settle()
        return int(said["message_id"])

    async def edits(self, message_id: int, text: str) -> None:
        """Change what was written."""
        self.app().edit(message_id, text)
        await self._world.settle()

    async def sends(self, kind: str, caption: str = "") -> None:
        """Send a voice, photo, sticker, document or video_note."""
        self.app().send(kind, caption)
        await self._world.settle()

    async def presses(self, label: str, on: Message | None = None) -> str | None:
        """Press a button of the newest message that has it, or of a certain one; returns what flashes up."""
        said = len(self._toasts())
        self.app().press(label, message_id=on.id if on else None)
        await self._world.settle()
        toasts = self._toasts()[said:]
        return toasts[-1] if toasts else None

    async def blocks(self) -> None:
        """Block the bot."""
        self.app().block()
        await self._world.settle()

    async def unblocks(self) -> None:
        """Let the bot write again."""
        self.app().unblock()
        await self._world.settle()

    # What has come.

    @property
    def texts(self) -> list[str]:
        """What the bot's messages say now, edits and all, oldest first."""
        return [str(each.get("text", each.get("caption", ""))) for each in self._standing()]

    @property
    def labels(self) -> list[str]:
        """The buttons under the bot's newest message as it stands."""
        standing = self._standing()
        rows = standing[-1].get("reply_markup", {}).get("inline_keyboard", []) if standing else []
        return [button["text"] for row in rows for button in row]

    @property
    def unread(self) -> list[Message]:
        """What has arrived and was not read, oldest first. An edit of an old message is no arrival."""
        return [self._message(sent) for sent in self._arrived(self._read)]

    @property
    def last(self) -> Message:
        """The newest message that has arrived, read or not, as it arrived."""
        return self._message(list(self._arrived(dict.fromkeys(self._read, 0)))[-1])

    def reads(self, kind: str | None = None) -> list[Message]:
        """Read all that is unread and return it, or those of a kind; what comes later must be read anew."""
        messages = self.unread
        for token in self._read:
            self._read[token] = len(self._world.telegram.sent(token, self.user_id))
        return [message for message in messages if kind in (None, message.kind)]

    def received(self, *kinds: str) -> Message:
        """Read all that is unread, which is exactly of these kinds in this order; returns the last message."""
        messages = self.reads()
        assert [message.kind for message in messages] == list(kinds), [(m.kind, m.text) for m in messages]
        return messages[-1]

    def received_nothing(self) -> None:
        """Nothing is unread."""
        assert self.unread == []

    def _arrived(self, read: Mapping[str, int]) -> Iterator[Sent]:
        arrived = [
            sent
            for token, number in read.items()
            for sent in self._world.telegram.sent(token, self.user_id)[number:]
            if sent.method.startswith("send")
        ]
        yield from sorted(arrived, key=lambda sent: sent.at)

    def _message(self, sent: Sent) -> Message:
        message_id = int(sent.message["message_id"])
        return Message(
            id=message_id,
            at=sent.at,
            kind=self._world.kinds.get((sent.token, self.user_id, message_id), "?"),
            text=sent.text,
            labels=sent.labels,
            silent=sent.silent,
            protected=bool(sent.message.get("has_protected_content")),
        )

    def _standing(self) -> list[dict[str, Any]]:
        messages = [each for token in self._world.tokens for each in self.app(token).messages]
        return [each for each in messages if each["from"]["is_bot"]]

    def _toasts(self) -> list[str]:
        sent = self._world.telegram.sent(self._world.tokens[0], self.user_id)
        return [each.text for each in sent if each.method == "answerCallbackQuery"]
