"""Updates as Telegram gives them, for tests that hand them in past the wire."""

from __future__ import annotations

import json
from typing import Any

from services.intake import Received

HELP = "I want to kill myself"


def message(update_id: int, user_id: int, words: str, **more: Any) -> Received:
    """A text message as Telegram gives it."""
    user = {"id": user_id, "is_bot": False, "first_name": "Somebody", "language_code": "en"}
    chat = {"id": user_id, "type": "private", "first_name": "Somebody"}
    content = {"message_id": update_id, "from": user, "chat": chat, "date": 1_777_888_000, "text": words, **more}
    update = {"update_id": update_id, "message": content}
    return Received(bot="main", update_id=update_id, chat_id=user_id, raw=json.dumps(update))


def poison(update_id: int, user_id: int, words: str) -> Received:
    """An update of a shape that nobody knows."""
    chat = {"id": user_id, "type": "private"}
    update = {"update_id": update_id, "message": {"message_id": "new!", "from": {"id": user_id}, "chat": chat}}
    update["message"]["text"] = words  # type: ignore[index]
    return Received(bot="main", update_id=update_id, chat_id=user_id, raw=json.dumps(update))


def press(update_id: int, user_id: int, data: str) -> Received:
    """A pressed button as Telegram gives it."""
    user = {"id": user_id, "is_bot": False, "first_name": "Somebody"}
    chat = {"id": user_id, "type": "private"}
    about = {"message_id": 1, "chat": chat, "date": 1_777_888_000, "text": "a question"}
    query = {"id": str(update_id), "from": user, "message": about, "chat_instance": "1", "data": data}
    update: dict[str, Any] = {"update_id": update_id, "callback_query": query}
    return Received(bot="main", update_id=update_id, chat_id=user_id, raw=json.dumps(update))
