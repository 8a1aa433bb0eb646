"""The Bot API: every method by its name, and how a call is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox import editing, profile, receiving, sending
from sandbox.errors import Refused
from sandbox.params import Json, Params
from sandbox.state import Bot, State

Method = Callable[[State, Bot, Params], Any]

METHODS: Mapping[str, Method] = {
    "answercallbackquery": editing.answer_callback_query,
    "close": profile.accept,
    "deletemessage": editing.delete_message,
    "deletemycommands": profile.delete_my_commands,
    "deletewebhook": receiving.delete_webhook,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "editmessagetext": editing.edit_message_text,
    "getchat": profile.get_chat,
    "getfile": profile.get_file,
    "getme": profile.get_me,
    "getmycommands": profile.get_my_commands,
    "getupdates": receiving.get_updates,
    "getwebhookinfo": receiving.get_webhook_info,
    "logout": profile.accept,
    "sendchataction": sending.send_chat_action,
    "senddocument": sending.send_document,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "setchatmenubutton": profile.accept,
    "setmycommands": profile.set_my_commands,
    "setmydescription": profile.accept,
    "setmyname": profile.accept,
    "setmyshortdescription": profile.accept,
    "setwebhook": receiving.set_webhook,
}


def carry_out(state: State, token: str, method: str, params: Params) -> Json:
    """Answer a call as Telegram does; `method` in lower case."""
    try:
        bot = state.bot(token)
        if method not in METHODS:
            raise Refused(404, "Not Found: method not found")
        return {"ok": True, "result": METHODS[method](state, bot, params)}
    except Refused as refused:
        answer: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
        return {**answer, "parameters": refused.parameters} if refused.parameters else answer
