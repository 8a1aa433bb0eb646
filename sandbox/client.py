"""A person's phone: what somebody can do in a chat, and what the bots get to hear of it."""

from __future__ import annotations

import re
from typing import Any

from sandbox.editing import WORDS
from sandbox.entities import commands_in
from sandbox.errors import NotPossible
from sandbox.params import Json
from sandbox.sending import LONGEST_TEXT
from sandbox.state import Event, State

CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
SAMPLES: dict[str, Json] = {
    "voice": {"duration": 4, "mime_type": "audio/ogg"},
    "video_note": {"duration": 4, "length": 240},
    "document": {"file_name": "document.pdf", "mime_type": "application/pdf"},
    "sticker": {
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "type": "regular",
        "emoji": "🙂",
    },
    "photo": {"width": 90, "height": 90},
}


class Client:
    """One user's phone, open at one chat. Raises NotPossible for what Telegram's app would not let them do."""

    def __init__(self, state: State, user_id: int, token: str, chat_id: int) -> None:
        if user_id not in state.users:
            raise NotPossible(f"there is no user {user_id}: add_user first")
        chat = state.chat(token, chat_id) if token in state.bots else None
        if chat is None or user_id not in chat.members:
            raise NotPossible(f"user {user_id} is not in a chat {chat_id} with such a bot")
        self._state, self._token, self.chat = state, token, chat
        self.user = state.users[user_id]

    @property
    def messages(self) -> list[Json]:
        """The messages of the chat, the oldest first."""
        return list(self.chat.messages.values())

    def start(self, code: str = "") -> Json:
        """Press Start, or open a link https://t.me/BOT?start=CODE."""
        if code and not CODE.fullmatch(code):
            raise NotPossible(f"{code!r} cannot stand in a link: at most 64 of A-Z a-z 0-9 _ -")
        if self.chat.blocked:
            self.unblock()
        return self.say(f"/start {code}".strip())

    def say(self, text: str) -> Json:
        """Send a text; returns the message. A long one goes in parts, as the app does it; the last is returned."""
        text = text.strip()
        if not text:
            raise NotPossible("an empty text cannot be sent")
        for part in (text[at : at + LONGEST_TEXT] for at in range(0, len(text), LONGEST_TEXT)):
            commands = commands_in(part)
            message = self._send({"text": part, **({"entities": commands} if commands else {})})
        return message

    def send(self, kind: str, caption: str = "", **more: Any) -> Json:
        """Send a voice, photo, sticker, document or video_note: its file is a mere name. `more` are further fields."""
        if kind not in SAMPLES:
            raise NotPossible(f"{kind!r} is nothing to send: one of {', '.join(SAMPLES)}")
        name = f"{kind}-{self._state.serial()}"
        media: Any = {"file_id": name, "file_unique_id": f"unique-{name}", **SAMPLES[kind]}
        words = {"caption": caption} if caption else {}
        return self._send({kind: [media] if kind == "photo" else media, **words, **more})

    def edit(self, message_id: int, text: str) -> Json:
        """Change the words of an own message."""
        message = self._message(message_id)
        if message["from"]["id"] != self.user["id"] or "forward_origin" in message:
            raise NotPossible("only an own message can be edited")
        self._refuse_if_blocked()
        kept = {key: value for key, value in message.items() if key not in WORDS}
        words: Json = {"text": text, "entities": commands_in(text)} if "text" in message else {"caption": text}
        edited = {**kept, **{key: value for key, value in words.items() if value}, "edit_date": self._state.date()}
        self.chat.messages[message_id] = edited
        self._announce("edited", "edited_message", edited)
        return edited

    def press(
        self,
        label: str | None = None,
        *,
        data: str | None = None,
        message_id: int | None = None,
        forged: bool = False,
    ) -> str:
        """Press a button, by what it says or by what it carries; returns the id of the press.

        Without a message the newest that has such a button is taken. `forged` sends the data although no such button
        is there, as a client that somebody tampered with can.
        """
        message = self._message(message_id) if message_id is not None else self._newest_with(label, data)
        found = _button(message, label, data)
        if found is None and not (forged and data is not None):
            raise NotPossible(f"message {message['message_id']} has no button {label or data!r}")
        self._refuse_if_blocked()
        press_id = str(self._state.serial())
        self._state.bots[self._token].presses[press_id] = self.user["id"]
        query: Json = {"id": press_id, "from": self.user, "message": message, "chat_instance": str(self.chat.id)}
        carried = data if forged or found is None else found["callback_data"]
        self._state.queue(self._token, "callback_query", {**query, "data": carried})
        return press_id

    def forward(self, message_id: int, to: int) -> Json:
        """Forward a message to another chat of this user, its buttons with it."""
        message = self._message(message_id)
        if message.get("has_protected_content"):
            raise NotPossible("the bot does not let this message be forwarded")
        there = Client(self._state, self.user["id"], self._token, to)
        origin = {"type": "user", "date": message["date"], "sender_user": message["from"]}
        about = ("message_id", "from", "chat", "date", "edit_date")
        content = {key: value for key, value in message.items() if key not in about}
        return there._send({**content, "forward_origin": origin})

    def block(self) -> None:
        """Block the bot."""
        self._change_membership(blocked=True)

    def unblock(self) -> None:
        """Let the bot write again."""
        self._change_membership(blocked=False)

    def delete_account(self) -> None:
        """Leave Telegram."""
        for _, chat in self._state.chats_of(self.user["id"]):
            chat.deleted = chat.deleted or chat.private

    def _send(self, content: Json) -> Json:
        self._refuse_if_blocked()
        if not self.chat.started:
            self.chat.started = True
            self._state.tell(Event(kind="chat", token=self._token, chat_id=self.chat.id))
        message = self.chat.add(self.user, self._state.date(), content)
        self._announce("message", "message", message)
        return message

    def _announce(self, kind: str, update: str, message: Json) -> None:
        self._state.tell(Event(kind=kind, token=self._token, chat_id=self.chat.id, content=message))
        for token in sorted(self.chat.bots):
            self._state.queue(token, update, message)

    def _change_membership(self, *, blocked: bool) -> None:
        if not self.chat.private or self.chat.blocked == blocked:
            return
        self.chat.blocked = blocked
        bot, date = self._state.bots[self._token].user, self._state.date()
        member, kicked = {"user": bot, "status": "member"}, {"user": bot, "status": "kicked", "until_date": 0}
        change: Json = {"chat": self.chat.json, "from": self.user, "date": date}
        change |= {"old_chat_member": member if blocked else kicked, "new_chat_member": kicked if blocked else member}
        self._state.queue(self._token, "my_chat_member", change)
        self._state.tell(Event(kind="chat", token=self._token, chat_id=self.chat.id))

    def _message(self, message_id: int) -> Json:
        try:
            return self.chat.messages[message_id]
        except KeyError:
            raise NotPossible(f"there is no message {message_id} in this chat") from None

    def _newest_with(self, label: str | None, data: str | None) -> Json:
        for message in reversed(self.messages):
            if _button(message, label, data):
                return message
        if not self.chat.messages:
            raise NotPossible("there is no message in this chat")
        return self.messages[-1]

    def _refuse_if_blocked(self) -> None:
        if self.chat.blocked:
            raise NotPossible("the bot is blocked: unblock it first")
        if self.chat.deleted:
            raise NotPossible("the account is deleted")


def _button(message: Json, label: str | None, data: str | None) -> Json | None:
    """The button of a message that says this, or carries that."""
    rows: list[list[Json]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    for button in (button for row in rows for button in row if "callback_data" in button):
        if (label is not None and button["text"] == label) or (data is not None and button["callback_data"] == data):
            return button
    return None
