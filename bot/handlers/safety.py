"""/now, the call-me button and the slip of a finger."""

from __future__ import annotations

from bot.buttons import Press
from services import membership, safety
from services.turn import Turn


async def on_now(turn: Turn, rest: str) -> None:
    """/now: I need help now."""
    if turn.patient is not None:
        await safety.ask_for_help(turn, turn.patient)


async def on_now_of_stranger(turn: Turn) -> None:
    """/now from somebody without a link."""
    await membership.help_stranger(turn)


async def on_call_me_pressed(turn: Turn, press: Press) -> None:
    """Please call me."""
    if turn.patient is not None:
        await safety.ask_for_call(turn, turn.patient)


async def on_mistake_pressed(turn: Turn, press: Press) -> None:
    """I tapped by mistake: noted, and nothing is lowered."""
    if turn.patient is not None:
        await safety.note_mistake(turn, turn.patient)
