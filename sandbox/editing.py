"""What bots change afterwards: edits, deletions, and the answer to the press of a button."""

from __future__ import annotations

from sandbox.chats import Chat
from sandbox.errors import bad_request
from sandbox.keyboards import reply_markup
from sandbox.params import Json, Params, flag, integer, text
from sandbox.sending import caption_of, destination, note, text_of
from sandbox.state import Bot, State

LONGEST_TOAST = 200
WORDS = frozenset({"text", "entities", "caption", "caption_entities"})
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def edit_message_text(state: State, bot: Bot, params: Params) -> Json:
    """editMessageText."""
    chat, message = _own(state, bot, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _change(state, bot, chat, "editMessageText", message, _without(message, WORDS) | text_of(params), params)


def edit_message_caption(state: State, bot: Bot, params: Params) -> Json:
    """editMessageCaption."""
    chat, message = _own(state, bot, params)
    if "text" in message:
        raise bad_request("there is no caption in the message to edit")
    changed = _without(message, WORDS) | caption_of(params)
    return _change(state, bot, chat, "editMessageCaption", message, changed, params)


def edit_message_reply_markup(state: State, bot: Bot, params: Params) -> Json:
    """editMessageReplyMarkup."""
    chat, message = _own(state, bot, params)
    return _change(state, bot, chat, "editMessageReplyMarkup", message, message, params)


def delete_message(state: State, bot: Bot, params: Params) -> bool:
    """deleteMessage."""
    chat = destination(state, bot, params)
    message = chat.messages.pop(integer(params, "message_id"), None)
    if message is None:
        raise bad_request("message to delete not found")
    note(state, bot, "deleteMessage", "deleted", message)
    return True


def answer_callback_query(state: State, bot: Bot, params: Params) -> bool:
    """answerCallbackQuery: once for each press."""
    user_id = bot.presses.pop(text(params, "callback_query_id"), None)
    if user_id is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(text(params, "text")) > LONGEST_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    said: Json = {"chat": {"id": user_id}, "text": text(params, "text"), "alert": flag(params, "show_alert")}
    note(state, bot, "answerCallbackQuery", "toast", said)
    return True


def _own(state: State, bot: Bot, params: Params) -> tuple[Chat, Json]:
    chat = destination(state, bot, params)
    message = chat.messages.get(integer(params, "message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != bot.user["id"] or "forward_origin" in message:
        raise bad_request("message can't be edited")
    return chat, message


def _change(state: State, bot: Bot, chat: Chat, method: str, before: Json, changed: Json, params: Params) -> Json:
    """Put the changed message in the place of the old one; a keyboard that is not given again is gone."""
    after = _without(changed, {"reply_markup", "edit_date"})
    if markup := reply_markup(params):
        after["reply_markup"] = markup
    if after == _without(before, {"edit_date"}):
        raise bad_request(NOT_MODIFIED)
    after["edit_date"] = state.date()
    chat.messages[after["message_id"]] = after
    note(state, bot, method, "edited", after)
    return after


def _without(message: Json, keys: frozenset[str] | set[str]) -> Json:
    return {key: value for key, value in message.items() if key not in keys}
