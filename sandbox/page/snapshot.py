"""All that the page shows, as JSON."""

from __future__ import annotations

from dataclasses import asdict

from sandbox.chats import Chat
from sandbox.page import Page, Phone
from sandbox.params import Json
from sandbox.profile import menu

SHOWN = 300  # messages of a chat


def snapshot(page: Page) -> Json:
    """The whole page."""
    return {"title": page.title, "clock": clock(page), "phones": [_phone(page, phone) for phone in page.phones]}


def clock(page: Page) -> Json | None:
    """The clock bar; none if there is no clock to drive."""
    if (controls := page.clock) is None:
        return None
    return {
        "now": controls.clock.now().timestamp(),
        "speed": controls.clock.speed,
        "timezone": controls.timezone,
        "speeds": [{"label": label, "speed": speed} for label, speed in controls.speeds.items()],
        "steps": [{"label": label, "seconds": by.total_seconds()} for label, by in controls.steps.items()],
    }


def _phone(page: Page, phone: Phone) -> Json:
    chats = [_chat(page, phone, token, chat) for token, chat in page.telegram.chats_of(phone.user_id)]
    actions = [action for action in page.actions.values() if action.phone == phone.user_id]
    return {
        **asdict(phone),
        "name": page.telegram.users[phone.user_id]["first_name"],
        "chats": chats,
        "cards": [asdict(card) for card in page.cards if card.user_id == phone.user_id],
        "actions": [
            {"id": each.id, "label": each.label, "fields": [asdict(field) for field in each.fields]} for each in actions
        ],
    }


def _chat(page: Page, phone: Phone, token: str, chat: Chat) -> Json:
    bot = page.telegram.bots[token]
    language = page.telegram.users[phone.user_id]["language_code"]
    return {
        "token": token,
        "chat_id": chat.id,
        "title": bot.user["first_name"] if chat.private else chat.json["title"],
        "username": bot.user["username"],
        "started": chat.started or not chat.private,
        "blocked": chat.blocked,
        "commands": menu(bot, chat.id, language),
        "messages": list(chat.messages.values())[-SHOWN:],
    }
