"""What bots send: texts, pictures, documents, each checked as strictly as Telegram does."""

from __future__ import annotations

import struct

from sandbox.chats import Chat
from sandbox.entities import formatted
from sandbox.errors import bad_request, forbidden
from sandbox.keyboards import reply_markup
from sandbox.params import Json, Params, flag, integer
from sandbox.state import Bot, Event, Sent, State, Upload

LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
PNG, OTHER_PICTURES = b"\x89PNG\r\n\x1a\n", (b"\xff\xd8\xff", b"GIF8", b"RIFF")


def destination(state: State, bot: Bot, params: Params) -> Chat:
    """The chat that a call names, if the bot may write there; raises Refused."""
    chat = state.chat(bot.token, integer(params, "chat_id"))
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        parameters = {"migrate_to_chat_id": chat.migrated_to}
        raise bad_request("group chat was upgraded to a supergroup chat", parameters)
    if not chat.private and bot.token not in chat.bots:
        raise forbidden(f"bot is not a member of the {chat.json['type']} chat")
    if chat.deleted:
        raise forbidden("user is deactivated")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if chat.private and not chat.started:
        raise forbidden("bot can't initiate conversation with a user")
    return chat


def send_message(state: State, bot: Bot, params: Params) -> Json:
    """sendMessage."""
    chat = destination(state, bot, params)
    return _put(state, bot, chat, params, "sendMessage", text_of(params))


def send_photo(state: State, bot: Bot, params: Params) -> Json:
    """sendPhoto: an upload, or the id of a file that is known."""
    chat = destination(state, bot, params)
    file_id, file = _file(state, params, "photo")
    width, height = _dimensions(file)
    photo = {**_described(file_id, file), "width": width, "height": height}
    return _put(state, bot, chat, params, "sendPhoto", {"photo": [photo], **caption_of(params)})


def send_document(state: State, bot: Bot, params: Params) -> Json:
    """sendDocument: an upload, or the id of a file that is known."""
    chat = destination(state, bot, params)
    file_id, file = _file(state, params, "document")
    document = {**_described(file_id, file), "file_name": file.name, "mime_type": file.mime}
    return _put(state, bot, chat, params, "sendDocument", {"document": document, **caption_of(params)})


def send_chat_action(state: State, bot: Bot, params: Params) -> bool:
    """sendChatAction: nothing is shown."""
    destination(state, bot, params)
    return True


def text_of(params: Params) -> Json:
    """The text of a call and its entities, as a message has them; raises Refused."""
    words, entities = formatted(params, "text")
    if not words:
        raise bad_request("message text is empty")
    if len(words) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return {"text": words, **({"entities": entities} if entities else {})}


def caption_of(params: Params) -> Json:
    """The caption of a call and its entities, as a message has them; raises Refused."""
    words, entities = formatted(params, "caption")
    if len(words) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    if not words:
        return {}
    return {"caption": words, **({"caption_entities": entities} if entities else {})}


def _put(state: State, bot: Bot, chat: Chat, params: Params, method: str, content: Json) -> Json:
    if markup := reply_markup(params):
        content["reply_markup"] = markup
    if flag(params, "protect_content"):
        content["has_protected_content"] = True
    message = chat.add(bot.user, state.date(), content)
    note(state, bot, method, "message", message, silent=flag(params, "disable_notification"))
    return message


def note(state: State, bot: Bot, method: str, kind: str, message: Json, *, silent: bool = False) -> None:
    """Write down what a bot did, and tell who listens."""
    chat_id = message["chat"]["id"]
    state.record(Sent(at=state.now(), token=bot.token, chat_id=chat_id, method=method, message=message, silent=silent))
    state.tell(Event(kind=kind, token=bot.token, chat_id=chat_id, content=message, silent=silent))


def _file(state: State, params: Params, name: str) -> tuple[str, Upload]:
    given = params.get(name)
    if isinstance(given, str) and given.startswith("attach://"):
        given = params.get(given.removeprefix("attach://"))
    if isinstance(given, Upload):
        file_id = f"{name}-{state.serial()}"
        state.files[file_id] = given
        return file_id, given
    if not isinstance(given, str) or not given:
        raise bad_request(f"there is no {name} in the request")
    if given not in state.files:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return given, state.files[given]


def _described(file_id: str, file: Upload) -> Json:
    return {"file_id": file_id, "file_unique_id": f"unique-{file_id}", "file_size": len(file.content)}


def _dimensions(file: Upload) -> tuple[int, int]:
    if file.content.startswith(PNG) and len(file.content) >= 24:
        width, height = struct.unpack(">II", file.content[16:24])
        return width, height
    if not file.content.startswith(OTHER_PICTURES):
        raise bad_request("IMAGE_PROCESS_FAILED")
    return 0, 0
