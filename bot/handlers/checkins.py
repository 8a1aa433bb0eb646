"""Answers: a button pressed, a number typed, words written, something sent that cannot be read."""

from __future__ import annotations

from bot.buttons import Press
from services import answers, words
from services.turn import Turn


async def on_option_pressed(turn: Turn, press: Press) -> None:
    """An option of a question: "instrument/item/value" of the check-in that the button belongs to."""
    instrument, item, value = press.argument.split("/")
    await answers.press(turn, press.subject, instrument, item, int(value))


async def on_change_pressed(turn: Turn, press: Press) -> None:
    """Ask an answered question again."""
    instrument, item = press.argument.split("/")
    await answers.reopen(turn, press.subject, instrument, item)


async def on_skip_pressed(turn: Turn, press: Press) -> None:
    """Leave an optional question out."""
    instrument, item = press.argument.split("/")
    await answers.skip(turn, press.subject, instrument, item)


async def on_message(turn: Turn) -> None:
    """Anything that a patient sends which is no command: a number, words, or what cannot be read."""
    if turn.incoming.media is not None:
        await words.take_media(turn)
    if turn.incoming.text:
        await words.take_text(turn, turn.incoming.text)
