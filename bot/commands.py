"""The commands that Telegram shows in its menu: a few to strangers, a patient's or a role's to those who are linked."""

from __future__ import annotations

import logging

from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import TelegramError

from content.messages import say
from services.delivery import Claimed

log = logging.getLogger(__name__)

FOR_STRANGERS = ("start", "now", "help")
FOR_PATIENTS = ("now", "mood", "time", "timezone", "language", "plan", "pause", "resume", "stop", "help")
FOR_CLINICIANS = ("alerts", "digest", "oncall", "caseload", "drill", "language", "help")
FOR_COORDINATORS = ("enrol", "infusion", "today", "oncall", "caseload", "drill", "language", "help")
FOR_ROLES = {
    "admin": ("enrol", "infusion", "today", *FOR_CLINICIANS),
    "clinician": FOR_CLINICIANS,
    "coordinator": FOR_COORDINATORS,
    "auditor": ("oncall", "language", "help"),
}
LANGUAGES = ("en", "es")
OPENS_A_MENU = ("consent", "welcome-back", "language-set", "staff-welcome")  # messages after which a chat gets its own


async def register(bot: Bot) -> None:
    """Tell Telegram the commands of strangers, in each language. Raises TelegramError."""
    for language in LANGUAGES:
        menu = _menu(FOR_STRANGERS, language, "stranger")
        await bot.set_my_commands(menu, language_code=None if language == LANGUAGES[0] else language)


async def offer_after(bot: Bot, message: Claimed) -> None:
    """Give a chat its menu after the message with which somebody is linked. A courtesy: what fails is forgotten."""
    if message.kind not in OPENS_A_MENU or message.chat_id is None:
        return
    role = str(message.params.get("role", "clinician")) if message.staff_id else "patient"
    names = FOR_ROLES.get(role, FOR_STRANGERS) if message.staff_id else FOR_PATIENTS
    try:
        await bot.set_my_commands(_menu(names, message.language, role), scope=BotCommandScopeChat(message.chat_id))
    except TelegramError as error:
        log.info("no menu", extra={"action": "menu-not-set", "why": type(error).__name__})


def _menu(names: tuple[str, ...], language: str, role: str) -> list[BotCommand]:
    section = role if role in ("patient", "stranger") else "staff"
    return [BotCommand(name, say(language, f"command_{section}.{name}")) for name in names]
