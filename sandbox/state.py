"""What the local Telegram holds: bots, users, chats, files, and the record of all that the bots sent."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from sandbox.chats import Chat
from sandbox.errors import NotPossible, Refused
from sandbox.faults import Faults
from sandbox.params import Json
from sandbox.updates import Updates

SUPERGROUP = -1_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file, as it came or as it is kept."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One thing that a bot did in a chat, as it was at that moment. `silent`: without a notification."""

    at: datetime
    token: str
    chat_id: int
    method: str
    message: Json
    silent: bool = False

    @property
    def text(self) -> str:
        """Its text, or its caption."""
        return str(self.message.get("text", self.message.get("caption", "")))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its buttons, row by row."""
        rows = self.message.get("reply_markup", {}).get("inline_keyboard", [])
        return tuple(button["text"] for row in rows for button in row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something changed. `kind`: message, edited, deleted, toast, chat, bot, update or webhook."""

    kind: str
    token: str
    chat_id: int = 0
    content: Json = field(default_factory=dict)
    silent: bool = False


@dataclass(slots=True, kw_only=True)
class Bot:
    """A bot: its account, the updates that wait for it, and what it has told Telegram about itself."""

    token: str
    user: Json
    updates: Updates = field(default_factory=Updates)
    webhook: Json = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    presses: dict[str, int] = field(default_factory=dict)  # the presses that wait for an answer, and whose they are


Listener = Callable[[Event], None]


class State:
    """All of it. `now` tells the time, `keep` bounds the messages and the record of each chat."""

    def __init__(self, now: Callable[[], datetime], *, keep: int | None = None) -> None:
        self.now, self.faults = now, Faults()
        self.bots: dict[str, Bot] = {}
        self.users: dict[int, Json] = {}
        self.files: dict[str, Upload] = {}
        self._keep = keep
        self._chats: dict[tuple[str, int], Chat] = {}
        self._sent: dict[tuple[str, int], deque[tuple[int, Sent]]] = defaultdict(lambda: deque(maxlen=keep))
        self._serial = count(1)
        self._listeners: list[Listener] = []

    def date(self) -> int:
        """The present time as the Bot API writes it, in seconds."""
        return int(self.now().timestamp())

    def serial(self) -> int:
        """A number that was not given before."""
        return next(self._serial)

    # Bots, users, chats.

    def register(self, token: str, *, username: str = "fortnight_bot", name: str = "Fortnight") -> Bot:
        """Make a bot; the number before the colon of its token is its id."""
        user = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": name, "username": username}
        self.bots[token] = Bot(token=token, user=user)
        self.tell(Event(kind="bot", token=token))
        return self.bots[token]

    def bot(self, token: str) -> Bot:
        """The bot of a token; raises Refused."""
        try:
            return self.bots[token]
        except KeyError:
            raise Refused(401, "Unauthorized") from None

    def add_user(self, user_id: int, *, name: str, username: str | None = None, language: str = "en") -> Json:
        """Make a user; returns the account as the Bot API writes it."""
        user = {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}
        self.users[user_id] = user if username is None else {**user, "username": username}
        return self.users[user_id]

    def add_group(self, chat_id: int, title: str, *, members: Iterable[int], bots: Iterable[str]) -> Chat:
        """Make a group of users and bots; its id is negative."""
        json = {"id": chat_id, "type": "group", "title": title}
        group = Chat(json=json, members=set(members), bots=set(bots), keep=self._keep)
        self._chats["", chat_id] = group
        return group

    def chat(self, token: str, chat_id: int) -> Chat | None:
        """A chat as a bot sees it: a group, or its private chat with a user; none if there is nobody of that id."""
        found = self._chats.get((token, chat_id)) or self._chats.get(("", chat_id))
        if found is None and (user := self.users.get(chat_id)):
            json = {"id": chat_id, "type": "private", **{key: user[key] for key in NAMES if key in user}}
            found = Chat(json=json, token=token, members={chat_id}, bots={token}, keep=self._keep)
            self._chats[token, chat_id] = found
        return found

    def chats_of(self, user_id: int) -> list[tuple[str, Chat]]:
        """The chats on a user's phone, each with the bot that it is held with."""
        private = [(token, chat) for token in self.bots if (chat := self.chat(token, user_id))]
        groups = [chat for (token, _), chat in self._chats.items() if not token and user_id in chat.members]
        return private + [(min(chat.bots), chat) for chat in groups if chat.bots and chat.migrated_to is None]

    def migrate(self, chat_id: int) -> Chat:
        """Turn a group into a supergroup: it goes on under a new id, and the bots are told."""
        group = self._chats.get(("", chat_id))
        if group is None:
            raise NotPossible(f"there is no group {chat_id}")
        new = Chat(
            json={**group.json, "id": SUPERGROUP + chat_id, "type": "supergroup"},
            members=group.members,
            bots=group.bots,
            keep=self._keep,
        )
        self._chats["", new.id] = new
        group.migrated_to = new.id
        sender = self.users[min(group.members)]
        left = group.add(sender, self.date(), {"migrate_to_chat_id": new.id})
        came = new.add(sender, self.date(), {"migrate_from_chat_id": chat_id})
        for token in sorted(group.bots):
            self.queue(token, "message", left)
            self.queue(token, "message", came)
        return new

    # What happened.

    def queue(self, token: str, kind: str, content: Json) -> None:
        """Put an update in a bot's queue."""
        if self.bots[token].updates.add(kind, content, self.now()) is not None:
            self.tell(Event(kind="update", token=token))

    def inject(self, token: str, raw: Json) -> int:
        """Put an update of any shape in a bot's queue; returns its id."""
        update_id = self.bots[token].updates.inject(raw, self.now())
        self.tell(Event(kind="update", token=token))
        return update_id

    def repeat(self, token: str, count: int = 1) -> None:
        """Give a bot its last updates once more."""
        self.bots[token].updates.repeat(count)
        self.tell(Event(kind="update", token=token))

    def record(self, sent: Sent) -> None:
        """Write down what a bot sent."""
        self._sent[sent.token, sent.chat_id].append((self.serial(), sent))

    def sent(self, token: str, chat_id: int | None = None) -> list[Sent]:
        """What a bot sent, to one chat or to all, in order."""
        if chat_id is not None:
            return [sent for _, sent in self._sent.get((token, chat_id), ())]
        numbered = [each for (bot, _), sent in self._sent.items() if bot == token for each in sent]
        return [sent for _, sent in sorted(numbered, key=lambda each: each[0])]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell a listener of every change; call what is returned to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, event: Event) -> None:
        """Tell the listeners."""
        for listener in tuple(self._listeners):
            listener(event)


NAMES = ("first_name", "username")
