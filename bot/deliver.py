"""The wire: one claimed message is rendered, becomes Telegram's and goes out; its errors are outcome.py's business."""

from __future__ import annotations

import asyncio
import io
import logging
from dataclasses import replace
from typing import Any

import segno
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, Forbidden, TelegramError

from bot import chart, commands
from bot.bots import PAGE_BOT, Bots
from bot.buttons import pack
from bot.outcome import cannot_edit
from bot.second_channel import SecondChannel, words
from bot.texts import Rendered, render
from bot.texts.rendered import Button
from services import synthetic
from services.clinic import Clinic
from services.delivery import Claimed

log = logging.getLogger(__name__)

# Spelt so because the library warns of its own names; Telegram takes either. Called by name, the library hands the
# answer over as it came: to build a message from it takes longer than to send it, and at most its id is read.
SEND_MESSAGE, EDIT_MESSAGE = "SendMessage", "EditMessageText"
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
PATIENCE = {"page": 5.0, "crisis": 5.0, "reply": 10.0, "bulk": 20.0}  # seconds; a page rather goes out twice
TOAST_LENGTH, TOAST_PATIENCE = 200, 5.0
CHARTS_AT_ONCE = 2
LINK_TO_PAGER, LINK_TO_PATIENT = "page-bot-link", "enrolled"
QR_SCALE = 8  # dots a module
FOLDED = "page-folded"


class Wire:
    """Sends claimed messages. Never with a parse mode, so that no text can be malformed; never with a link preview."""

    def __init__(self, clinic: Clinic, bots: Bots, second: SecondChannel) -> None:
        self._clinic, self._bots, self._second = clinic, bots, second
        self._artists = asyncio.Semaphore(CHARTS_AT_ONCE)

    async def send(self, message: Claimed) -> int | None:
        """Send a message, or edit the one that it edits; returns its id. Raises what outcome.of reads."""
        if message.channel == "second":
            await self._send_second(message)
            return None
        if message.kind in (LINK_TO_PAGER, LINK_TO_PATIENT):
            message = await self._with_link(message)
        rendered = render(self._clinic, message)
        if message.chat_id == synthetic.CHAT:  # the auditor's: it has come the whole way, and is for nobody
            return None
        message_id = await self.put(message, rendered)
        await commands.offer_after(self._bots.main, message)
        return message_id

    async def _with_link(self, message: Claimed) -> Claimed:
        """The link that opens the bot that it is for, whose name only Telegram knows."""
        bot = self._bots.page if message.kind == LINK_TO_PAGER and self._bots.page else self._bots.main
        named = await bot.get_me(read_timeout=PATIENCE[message.lane])
        link = f"https://t.me/{named.username}?start={message.params['code']}"
        return replace(message, params={**message.params, "link": link})

    async def put(self, message: Claimed, rendered: Rendered) -> int:
        """Send or edit a message that is rendered already; returns its id."""
        try:
            return await self._put(self._bots.of(message.lane, message.channel), message, rendered)
        except Forbidden:
            if message.channel != PAGE_BOT:
                raise
            return await self._send_new(self._bots.pager, message, rendered)  # the main bot is perhaps not blocked

    async def send_plain(self, message: Claimed) -> int | None:
        """Send no more than the words, after Telegram refused the message as it was."""
        text = render(self._clinic, message).text[:LONGEST_TEXT]
        bot = self._bots.of(message.lane, message.channel)
        return await self._send_new(bot, message, Rendered(text=text))

    async def answer(self, bot: str, press_id: str, toast: str | None) -> None:
        """Answer the press of a button, of the bot of that name. It is a courtesy: what fails is forgotten."""
        text = toast[:TOAST_LENGTH] if toast else None
        try:
            await self._bots.named(bot).answer_callback_query(press_id, text, read_timeout=TOAST_PATIENCE)
        except TelegramError as error:
            log.info("a press was not answered", extra={"action": "press-unanswered", "why": type(error).__name__})

    async def _send_second(self, message: Claimed) -> None:
        params = message.params
        text = words(params["second"], clinic=self._clinic.name, alert=params["alert"], tier=params["tier"])
        await self._second.send(text)

    async def _put(self, bot: Bot, message: Claimed, rendered: Rendered) -> int:
        if message.edits is None or rendered.has_file:
            return await self._send_new(bot, message, rendered)
        params = {**self._words_and_buttons(message, rendered), "message_id": message.edits}
        try:
            await bot.do_api_request(EDIT_MESSAGE, params, read_timeout=PATIENCE[message.lane])
        except BadRequest as error:
            if not cannot_edit(error):
                raise
            if message.kind != FOLDED:  # whoever deleted that page has nothing to be pointed on from
                return await self._send_new(bot, message, rendered)
        return message.edits

    async def _send_new(self, bot: Bot, message: Claimed, rendered: Rendered) -> int:
        if message.chat_id is None:
            raise Forbidden("this person has no chat")
        if rendered.file is not None:
            return await self._send_file(bot, message, rendered, *rendered.file)
        return await (self._send_photo if rendered.has_picture else self._send_text)(bot, message, rendered)

    async def _send_text(self, bot: Bot, message: Claimed, rendered: Rendered) -> int:
        params = {
            **self._words_and_buttons(message, rendered),
            "protect_content": rendered.protected or None,
            "disable_notification": message.edits is not None or None,
        }
        sent = await bot.do_api_request(SEND_MESSAGE, params, read_timeout=PATIENCE[message.lane])
        return int(sent["message_id"])

    def _words_and_buttons(self, message: Claimed, rendered: Rendered) -> dict[str, Any]:
        """What a new text and an edited one have in common, as the Bot API takes it."""
        return {
            "chat_id": message.chat_id,
            "text": rendered.text[:LONGEST_TEXT],
            "reply_markup": self._keyboard(message, rendered),
            "link_preview_options": NO_PREVIEW.to_dict(),
        }

    async def _send_photo(self, bot: Bot, message: Claimed, rendered: Rendered) -> int:
        keyboard = self._keyboard(message, rendered)
        sent = await bot.send_photo(
            message.chat_id or 0,
            await self.picture(rendered),
            caption=rendered.text[:LONGEST_CAPTION],
            reply_markup=InlineKeyboardMarkup.de_json(keyboard) if keyboard else None,
            protect_content=rendered.protected or None,
            read_timeout=PATIENCE[message.lane],
        )
        return sent.message_id

    async def _send_file(self, bot: Bot, message: Claimed, rendered: Rendered, name: str, text: str) -> int:
        sent = await bot.send_document(
            message.chat_id or 0,
            text.encode(),
            filename=name,
            caption=rendered.text[:LONGEST_CAPTION],
            read_timeout=PATIENCE[message.lane],
        )
        return sent.message_id

    async def picture(self, rendered: Rendered) -> bytes:
        """The PNG of a message that has one: a chart, or a code to scan."""
        if rendered.qr is not None:
            drawn = io.BytesIO()
            segno.make(rendered.qr, micro=False).save(drawn, kind="png", scale=QR_SCALE)
            return drawn.getvalue()
        async with self._artists:
            return await chart.draw_aside(rendered.photo or {})

    def _keyboard(self, message: Claimed, rendered: Rendered) -> dict[str, Any] | None:
        """The buttons as the Bot API takes them, signed for the one person in the private chat: its id is theirs."""
        if not rendered.rows:
            return None
        key, user_id = self._clinic.button_key, message.chat_id or 0

        def one(button: Button) -> dict[str, str]:
            data = pack(key, user_id, button.verb, button.subject, button.argument)
            style = {"style": button.style} if button.style else {}
            return {"text": button.label, "callback_data": data, **style}

        return {"inline_keyboard": [[one(button) for button in row] for row in rendered.rows]}
