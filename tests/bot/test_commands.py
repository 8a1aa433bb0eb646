"""The commands in Telegram's menu: by role and language, and never in the way of a message."""

from __future__ import annotations

from dataclasses import replace

from bot import commands, router
from content import messages
from sandbox import faults
from services import intake
from services.outgoing import to_patient, to_staff
from services.turn import Incoming
from tests.bot.conftest import TOKEN, Border
from tests.bot.stories import a_clinician, a_patient


def menus(border: Border) -> dict[tuple[str, str], list[str]]:
    """The commands that Telegram shows, by scope and language."""
    found = border.telegram.bots[TOKEN].commands
    return {scope: [each["command"] for each in menu] for scope, menu in found.items()}


async def test_strangers_see_how_to_start_and_how_to_get_help(border: Border) -> None:
    await commands.register(border.bots.main)
    assert sorted(language for _, language in menus(border)) == ["", "es"]
    assert set(map(tuple, menus(border).values())) == {("start", "now", "help")}


async def test_a_patient_gets_their_menu_in_their_language_with_the_consent(border: Border) -> None:
    patient = await a_patient(border, language="es")
    await border.queue(to_patient(patient, "reply", "consent"))
    await border.sender().send_due()
    (menu,) = border.telegram.bots[TOKEN].commands.values()
    assert menu[0] == {"command": "now", "description": "Necesito ayuda ahora"}


async def test_a_clinician_gets_theirs_with_the_welcome(border: Border) -> None:
    clinician = await a_clinician(border)
    await border.queue(to_staff(clinician, "reply", "staff-welcome", role="clinician"))
    await border.sender().send_due()
    assert list(menus(border).values()) == [["alerts", "digest", "oncall", "caseload", "drill", "language", "help"]]


async def test_a_menu_that_telegram_refuses_is_no_reason_to_send_the_message_again(border: Border) -> None:
    patient, sender = await a_patient(border), border.sender()
    border.telegram.faults.add(faults.failing(500).on("setMyCommands"))
    await border.queue(to_patient(patient, "reply", "consent"))
    await sender.send_due()
    border.clock.advance(minutes=10)
    await sender.send_due()
    assert len(border.shown(patient.user_id)) == 1


def test_every_command_in_a_menu_is_one_that_the_bot_understands() -> None:
    assert set(commands.FOR_PATIENTS) <= set(router.FOR_PATIENTS)
    for names in commands.FOR_ROLES.values():
        assert set(names) <= set(router.FOR_STAFF)


def test_what_is_no_more_than_a_command_is_not_screened_but_what_stands_behind_it_is() -> None:
    assert {"start", *router.FOR_PATIENTS, *router.FOR_STAFF} == intake.MENU
    incoming = Incoming(kind="message", user_id=7, chat_id=7, private=True, texts=("/help", "/help@fortnight_bot"))
    assert intake.to_screen(incoming) == []
    incoming = replace(incoming, texts=("/help me", "/suicide", "help"))
    assert intake.to_screen(incoming) == ["/help me", "/suicide", "help"]


def test_every_command_has_its_words_in_every_language() -> None:
    needed = {f"command_patient.{name}" for name in commands.FOR_PATIENTS}
    needed |= {f"command_stranger.{name}" for name in commands.FOR_STRANGERS}
    needed |= {f"command_staff.{name}" for names in commands.FOR_ROLES.values() for name in names}
    for language in commands.LANGUAGES:
        assert needed <= messages.keys(language)
