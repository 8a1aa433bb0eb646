"""Reads a raw update: python-telegram-bot's types where they fit, every text in the JSON where they do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from telegram import Bot, Message, Update

from services.turn import Incoming

MEDIA = (
    "voice",
    "audio",
    "video",
    "video_note",
    "photo",
    "document",
    "sticker",
    "animation",
    "location",
    "contact",
    "poll",
)
WORDS = ("text", "caption", "emoji", "question", "first_name", "title", "description", "explanation", "query", "quote")
NOT_SAID = ("from", "chat", "sender_chat", "reply_to_message", "via_bot", "new_chat_members", "forward_origin")
LARGEST = 2**63  # what the database can hold
READ_OF_OURS = ("message_id", "date", "chat")
OURS = ("callback_query", "my_chat_member", "chat_member")


class Unreadable(Exception):
    """The update is not of a shape that we know; its texts are screened all the same."""


def decode(raw: str, bot: Bot) -> Incoming:
    """Read a raw update; raises Unreadable."""
    try:
        data = json.loads(raw)
        update = Update.de_json(_without_our_words(data), bot)
        return _incoming(update, texts_of(data))
    except Exception as error:
        raise Unreadable(type(error).__name__) from None


def salvage(raw: str) -> Incoming:
    """What can be made of an update that does not parse: its texts, and whose chat it is, if that can be seen."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return Incoming(kind="other", user_id=None, chat_id=None, private=False, texts=(raw,))
    user_id, chat_id = _first_number(data, "from"), _first_number(data, "chat")
    return Incoming(
        kind="other",
        user_id=user_id,
        chat_id=chat_id,
        private=user_id is not None and user_id == chat_id,
        texts=texts_of(data),
    )


def texts_of(update: Any) -> tuple[str, ...]:
    """Every text of an update, whatever sort of update it is: a button's message is ours and is left out."""
    if not isinstance(update, dict):
        return tuple(texts_in(update))
    return tuple(text for key, value in update.items() if key not in OURS for text in texts_in({"of": value}))


def chat_of(data: Any) -> int | None:
    """The chat whose order an update keeps: the user's own, so that a press in a group waits for their messages."""
    return _first_number(data, "from") or _first_number(data, "chat")


def texts_in(data: Any) -> Iterator[str]:
    """Every text in an update that its sender may have written, not what is quoted of others or set by the app."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in WORDS and isinstance(value, str) and value.strip():
                yield value
            elif key not in NOT_SAID:
                yield from texts_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_in(value)


def _without_our_words(update: Any) -> Any:
    """An update without what stands above a pressed button, which is ours: to read that takes longer than all else."""
    pressed = update.get("callback_query") if isinstance(update, dict) else None
    if not isinstance(pressed, dict) or not isinstance(pressed.get("message"), dict):
        return update
    message = {key: value for key, value in pressed["message"].items() if key in READ_OF_OURS}
    return {**update, "callback_query": {**pressed, "message": message}}


def _incoming(update: Update, texts: tuple[str, ...]) -> Incoming:
    user, chat = update.effective_user, update.effective_chat
    own: dict[str, Any] = {
        "user_id": user.id if user else None,
        "chat_id": chat.id if chat else None,
        "private": chat is not None and chat.type == "private",
        "language": (user.language_code or "en") if user else "en",
    }
    if update.callback_query is not None:
        query = update.callback_query
        message_id = query.message.message_id if query.message else None
        return Incoming(kind="press", data=query.data, press_id=query.id, message_id=message_id, **own)
    if update.my_chat_member is not None:
        status = update.my_chat_member.new_chat_member.status
        return Incoming(kind="blocked" if status in ("kicked", "left") else "unblocked", **own)
    message = update.message or update.edited_message
    if message is None:
        return Incoming(kind="other", texts=texts, **own)
    kind = "message" if update.message is not None else "edit"
    return _of_message(message, kind, texts, own)


def _of_message(message: Message, kind: str, texts: tuple[str, ...], own: dict[str, Any]) -> Incoming:
    if message.migrate_to_chat_id is not None:
        return Incoming(kind="migrated", new_chat_id=message.migrate_to_chat_id, **own)
    said_at = message.edit_date or message.date
    return Incoming(
        kind=kind,
        text=message.text if message.text is not None else message.caption,
        texts=texts,
        media=next((name for name in MEDIA if getattr(message, name, None)), None),
        message_id=message.message_id,
        at=datetime.fromtimestamp(said_at.timestamp(), UTC),
        **own,
    )


def _first_number(data: Any, key: str) -> int | None:
    """The id of the first object under a key, wherever it stands."""
    if isinstance(data, dict):
        found = data.get(key)
        if isinstance(found, dict) and isinstance(found.get("id"), int) and abs(found["id"]) < LARGEST:
            return int(found["id"])
        data = list(data.values())
    if isinstance(data, list):
        for value in data:
            if isinstance(value, dict | list) and (number := _first_number(value, key)) is not None:
                return number
    return None
