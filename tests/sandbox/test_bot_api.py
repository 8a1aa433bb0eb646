"""The Bot API as python-telegram-bot sees it over HTTP."""

from __future__ import annotations

import asyncio
import base64

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken

from sandbox.client import Client
from sandbox.server import Server
from sandbox.telegram import Telegram
from tests.sandbox.conftest import CLINICIAN, PATIENT, TOKEN, Clock

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y", style="danger")]])


async def test_a_bot_knows_itself_and_its_chats(bot: Bot, phone: Client) -> None:
    assert (await bot.get_me()).username == "fortnight_bot"
    assert (await bot.get_chat(PATIENT)).first_name == "Patient One"


async def test_a_token_that_nobody_registered_is_refused(server: Server) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("5:nobody", base_url=f"{server.url}/bot"):
            pass


async def test_a_method_that_is_none_is_not_found(bot: Bot) -> None:
    with pytest.raises(InvalidToken):  # what python-telegram-bot makes of a 404
        await bot._post("sendPigeon")


async def test_a_message_arrives_with_its_buttons(bot: Bot, phone: Client) -> None:
    sent = await bot.send_message(
        PATIENT,
        " How are you? ",
        reply_markup=BUTTONS,
        protect_content=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    assert sent.text == "How are you?"
    assert sent.has_protected_content
    assert sent.reply_markup == BUTTONS
    assert phone.messages[-1]["reply_markup"]["inline_keyboard"][0][0]["style"] == "danger"


async def test_nobody_is_written_to_before_they_press_start(bot: Bot, sandbox: Telegram) -> None:
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(CLINICIAN, "Hello")
    sandbox.client(CLINICIAN, TOKEN).start("code")
    assert (await bot.send_message(CLINICIAN, "Hello")).message_id == 2


async def test_who_blocked_the_bot_or_left_is_not_written_to(bot: Bot, phone: Client) -> None:
    phone.block()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(PATIENT, "Hello")
    phone.unblock()
    await bot.send_message(PATIENT, "Hello")
    phone.delete_account()
    with pytest.raises(Forbidden, match="deactivated"):
        await bot.send_message(PATIENT, "Hello")


@pytest.mark.parametrize(
    ("chat_id", "text", "more", "said"),
    [
        (999, "Hello", {}, "Chat not found"),
        (PATIENT, " \n ", {}, "Message text is empty"),
        (PATIENT, "x" * 4097, {}, "Message is too long"),
        (PATIENT, "<b>bold", {"parse_mode": "HTML"}, "Can't parse entities"),
        (PATIENT, "one. two", {"parse_mode": "MarkdownV2"}, "Can't parse entities"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_refused(
    bot: Bot, phone: Client, chat_id: int, text: str, more: dict[str, str], said: str
) -> None:
    with pytest.raises(BadRequest, match=said):
        await bot.send_message(chat_id, text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", ["x" * 65, "é" * 33])
async def test_a_button_carries_at_most_64_bytes(bot: Bot, phone: Client, data: str) -> None:
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(
            PATIENT, "Hello", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("A", callback_data=data)]])
        )


async def test_an_edit_changes_the_message_in_place_and_takes_the_buttons_away(bot: Bot, phone: Client) -> None:
    sent = await bot.send_message(PATIENT, "How are you?", reply_markup=BUTTONS)
    await bot.edit_message_text("Thank you.", PATIENT, sent.message_id)
    assert phone.messages[-1]["text"] == "Thank you."
    assert "reply_markup" not in phone.messages[-1]


async def test_an_edit_that_cannot_be_is_refused(bot: Bot, phone: Client) -> None:
    sent = await bot.send_message(PATIENT, "How are you?", reply_markup=BUTTONS)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("How are you?", PATIENT, sent.message_id, reply_markup=BUTTONS)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(PATIENT, sent.message_id, reply_markup=BUTTONS)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Else", PATIENT, 99)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Else", PATIENT, phone.messages[0]["message_id"])
    with pytest.raises(BadRequest, match="There is no caption"):
        await bot.edit_message_caption(PATIENT, sent.message_id, caption="Else")


async def test_an_edited_message_can_be_edited_again(bot: Bot, phone: Client, clock: Clock) -> None:
    sent = await bot.send_message(PATIENT, "One")
    await bot.edit_message_text("Two", PATIENT, sent.message_id)
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("Two", PATIENT, sent.message_id)
    await bot.edit_message_text("Three", PATIENT, sent.message_id)
    await bot.edit_message_reply_markup(PATIENT, sent.message_id, reply_markup=BUTTONS)
    assert phone.messages[-1]["text"] == "Three"
    assert phone.messages[-1]["reply_markup"]


async def test_a_picture_is_sent_and_can_be_had_back(bot: Bot, phone: Client) -> None:
    sent = await bot.send_photo(PATIENT, PIXEL, caption="Your mood")
    assert (sent.photo[0].width, sent.photo[0].height) == (1, 1)
    file = await sent.photo[0].get_file()
    assert bytes(await file.download_as_bytearray()) == PIXEL
    again = await bot.send_photo(PATIENT, sent.photo[0].file_id)
    assert again.photo == sent.photo
    edited = await bot.edit_message_caption(PATIENT, sent.message_id, caption="Your week")
    assert edited.caption == "Your week"  # type: ignore[union-attr]


async def test_what_is_no_picture_is_refused_as_one_but_goes_as_a_document(bot: Bot, phone: Client) -> None:
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(PATIENT, b"no picture")
    sent = await bot.send_document(PATIENT, b"a,b", filename="moods.csv")
    assert sent.document
    assert sent.document.file_name == "moods.csv"
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(PATIENT, PIXEL, caption="x" * 1025)


async def test_a_deleted_message_is_gone(bot: Bot, phone: Client) -> None:
    sent = await bot.send_message(PATIENT, "Hello")
    await bot.delete_message(PATIENT, sent.message_id)
    assert [message["text"] for message in phone.messages] == ["/start"]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(PATIENT, sent.message_id)


async def test_commands_are_kept_by_scope_and_language(bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("help", "Help")])
    await bot.set_my_commands([BotCommand("help", "Ayuda")], language_code="es")
    await bot.set_my_commands([BotCommand("alerts", "Alerts")], scope=BotCommandScopeChat(CLINICIAN))
    assert (await bot.get_my_commands())[0].description == "Help"
    assert (await bot.get_my_commands(language_code="es"))[0].description == "Ayuda"
    assert (await bot.get_my_commands(scope=BotCommandScopeChat(CLINICIAN)))[0].command == "alerts"
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([BotCommand("Help!", "Help")])


async def test_a_press_comes_with_its_message_and_is_answered_once(bot: Bot, phone: Client, sandbox: Telegram) -> None:
    await bot.send_message(PATIENT, "How are you?", reply_markup=BUTTONS)
    phone.press("Yes")
    query = (await bot.get_updates())[-1].callback_query
    assert query
    assert query.message
    assert (query.data, query.from_user.id, query.message.message_id) == ("y", PATIENT, 2)
    await bot.answer_callback_query(query.id, "Thank you")
    assert sandbox.sent(TOKEN)[-1].text == "Thank you"
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query.id)


async def test_updates_come_again_until_an_offset_confirms_them(bot: Bot, phone: Client) -> None:
    phone.say("one")
    phone.say("two")
    first = await bot.get_updates(limit=2)
    assert [update.message.text for update in first if update.message] == ["/start", "one"]
    assert [update.update_id for update in await bot.get_updates(limit=2)] == [update.update_id for update in first]
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [update.message.text for update in rest if update.message] == ["two"]
    assert len(await bot.get_updates()) == 1
    assert not await bot.get_updates(offset=rest[-1].update_id + 1)


async def test_a_long_poll_ends_as_soon_as_there_is_news(bot: Bot, phone: Client) -> None:
    await bot.get_updates(offset=-1)
    last = (await bot.get_updates())[0].update_id
    poll = asyncio.create_task(bot.get_updates(offset=last + 1, timeout=30))
    await asyncio.sleep(0.1)
    assert not poll.done()
    phone.say("hello")
    async with asyncio.timeout(2):
        updates = await poll
    assert updates[0].message
    assert updates[0].message.text == "hello"


async def test_a_long_poll_without_news_ends_empty(bot: Bot) -> None:
    assert await bot.get_updates(timeout=1) == ()


async def test_a_second_poll_ends_the_first(bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(bot.get_updates(timeout=1))
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first
    assert await second == ()


async def test_with_a_webhook_there_is_no_polling(bot: Bot) -> None:
    await bot.set_webhook("https://clinic.example/hook")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "https://clinic.example/hook"
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_only_the_kinds_that_were_asked_for_are_kept(bot: Bot, phone: Client) -> None:
    await bot.get_updates(offset=-1, allowed_updates=["message"])
    phone.edit(phone.say("fine")["message_id"], "not fine")
    phone.say("still here")
    assert [update.message.text for update in (await bot.get_updates())[1:] if update.message] == ["fine", "still here"]


async def test_a_group_that_became_a_supergroup_says_its_new_id(bot: Bot, sandbox: Telegram) -> None:
    sandbox.add_group(-50, "On call", members=[CLINICIAN], bots=[TOKEN])
    await bot.send_message(-50, "Hello")
    new = sandbox.migrate(-50)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(-50, "Hello")
    assert moved.value.new_chat_id == new.id
    await bot.send_message(new.id, "Hello")
    said = [update.message for update in await bot.get_updates() if update.message]
    assert [message.migrate_to_chat_id for message in said] == [new.id, None]


async def test_a_group_without_the_bot_cannot_be_written_to(bot: Bot, sandbox: Telegram) -> None:
    sandbox.register("101:other")
    sandbox.add_group(-50, "On call", members=[CLINICIAN], bots=["101:other"])
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(-50, "Hello")
