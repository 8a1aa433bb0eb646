"""What a bot tells Telegram about itself, its commands by scope and language, and what it asks of chats and files."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.params import Json, Params, integer, objects, structure, text
from sandbox.state import Bot, Event, State

SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators")
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
MOST_COMMANDS = 100
LONGEST_COMMAND, LONGEST_DESCRIPTION = 32, 256


def get_me(state: State, bot: Bot, params: Params) -> Json:
    """getMe."""
    able = {"can_join_groups": True, "can_read_all_group_messages": True, "supports_inline_queries": False}
    return {**bot.user, **able, "can_connect_to_business": False, "has_main_web_app": False}


def get_chat(state: State, bot: Bot, params: Params) -> Json:
    """getChat."""
    chat = state.chat(bot.token, integer(params, "chat_id"))
    if chat is None:
        raise bad_request("chat not found")
    gifts = dict.fromkeys(GIFTS, False)
    return {**chat.json, "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


def get_file(state: State, bot: Bot, params: Params) -> Json:
    """getFile."""
    file_id = text(params, "file_id")
    if file_id not in state.files:
        raise bad_request("invalid file_id")
    size = len(state.files[file_id].content)
    return {"file_id": file_id, "file_unique_id": f"unique-{file_id}", "file_size": size, "file_path": file_id}


def set_my_commands(state: State, bot: Bot, params: Params) -> bool:
    """setMyCommands."""
    commands = [{key: str(each.get(key, "")) for key in ("command", "description")} for each in _commands(params)]
    bot.commands[_scope(params), text(params, "language_code")] = commands
    state.tell(Event(kind="bot", token=bot.token))
    return True


def delete_my_commands(state: State, bot: Bot, params: Params) -> bool:
    """deleteMyCommands."""
    bot.commands.pop((_scope(params), text(params, "language_code")), None)
    state.tell(Event(kind="bot", token=bot.token))
    return True


def get_my_commands(state: State, bot: Bot, params: Params) -> list[Json]:
    """getMyCommands."""
    return bot.commands.get((_scope(params), text(params, "language_code")), [])


def accept(state: State, bot: Bot, params: Params) -> bool:
    """A setting that is taken and shown nowhere: setMyName, setMyDescription and their like."""
    return True


def menu(bot: Bot, chat_id: int, language: str) -> list[Json]:
    """The commands that Telegram shows in a chat: the narrowest scope first, in each the user's language first."""
    wide = "all_private_chats" if chat_id > 0 else "all_group_chats"
    for scope in (f"chat:{chat_id}", wide, "default"):
        for code in (language, ""):
            if found := bot.commands.get((scope, code)):
                return found
    return []


def _scope(params: Params) -> str:
    scope = structure(params, "scope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind not in SCOPES:
        raise bad_request("unsupported BotCommandScope type")
    return f"{kind}:{scope['chat_id']}" if "chat_id" in scope else str(kind)


def _commands(params: Params) -> list[Json]:
    commands = objects(params, "commands")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for each in commands:
        name, description = str(each.get("command", "")).removeprefix("/"), str(each.get("description", ""))
        if not name.replace("_", "").isalnum() or name != name.lower() or len(name) > LONGEST_COMMAND:
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= LONGEST_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands
