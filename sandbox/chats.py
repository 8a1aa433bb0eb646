"""A chat: who is in it, and its messages under ids that rise."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.params import Json


@dataclass(slots=True, kw_only=True)
class Chat:
    """A private chat of one user with one bot, or a group. `json` is how the Bot API writes it."""

    json: Json
    token: str | None = None  # the bot of a private chat; a group has any number
    members: set[int] = field(default_factory=set)
    bots: set[str] = field(default_factory=set)
    keep: int | None = None
    messages: dict[int, Json] = field(default_factory=dict)
    next_id: int = 1
    started: bool = False
    blocked: bool = False
    deleted: bool = False
    migrated_to: int | None = None

    @property
    def id(self) -> int:
        """The chat's id: the user's own in a private chat, negative in a group."""
        return int(self.json["id"])

    @property
    def private(self) -> bool:
        """Whether it is a user's chat with a bot."""
        return self.token is not None

    def add(self, sender: Json, date: int, content: Json) -> Json:
        """Put a message at the end; returns it as the Bot API writes it."""
        message = {"message_id": self.next_id, "from": sender, "chat": self.json, "date": date, **content}
        self.messages[self.next_id] = message
        self.next_id += 1
        if self.keep is not None and len(self.messages) > self.keep:
            del self.messages[next(iter(self.messages))]
        return message

    def replace(self, message: Json) -> Json:
        """Put an edited message in its place."""
        self.messages[message["message_id"]] = message
        return message
