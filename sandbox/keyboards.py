"""Checks the buttons that a bot sends, as strictly as Telegram does."""

from __future__ import annotations

from typing import Any

from sandbox.errors import bad_request
from sandbox.params import Json, Params, structure

LONGEST_DATA = 64  # bytes
OTHER_DEEDS = ("url", "web_app", "login_url", "switch_inline_query", "copy_text", "pay")
STYLES = ("danger", "success", "primary")


def reply_markup(params: Params) -> Json | None:
    """The reply markup of a call, checked; none if there is none or if its keyboard is empty."""
    markup = structure(params, "reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return markup
    rows = [row for row in _rows(markup["inline_keyboard"]) if row]
    for button in (button for row in rows for button in row):
        _check(button)
    return {"inline_keyboard": rows} if rows else None


def _rows(keyboard: Any) -> list[list[Any]]:
    if not isinstance(keyboard, list) or not all(isinstance(row, list) for row in keyboard):
        raise bad_request('field "inline_keyboard" must be an Array of Arrays')
    return keyboard


def _check(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad_request('can\'t parse inline keyboard button: field "text" must be of type String and not empty')
    if "callback_data" in button:
        if not 1 <= len(str(button["callback_data"]).encode()) <= LONGEST_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    elif not any(name in button for name in OTHER_DEEDS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if button.get("style", "primary") not in STYLES:
        raise bad_request("can't parse inline keyboard button: invalid style")
