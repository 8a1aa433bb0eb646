"""What coordinators do: enrol, record an infusion, see the day; guided question by question."""

from __future__ import annotations

from bot.buttons import Press
from content.messages import say
from services import forms, today
from services.turn import Turn


async def on_enrol(turn: Turn, rest: str) -> None:
    """/enrol, with a name or without."""
    await forms.begin(turn, "enrol", rest)


async def on_infusion(turn: Turn, rest: str) -> None:
    """/infusion, with an alias or without."""
    await forms.begin(turn, "infusion", rest)


async def on_today(turn: Turn, rest: str) -> None:
    """/today: who starts, who ends, who is silent."""
    await today.show(turn)


async def on_form_pressed(turn: Turn, press: Press) -> None:
    """An answer to a question of the conversation: "step/value"."""
    step, _, value = press.argument.partition("/")
    said = await forms.pressed(turn, press.subject, step, value)
    if said is not None and turn.member is not None:
        turn.toast = say(turn.member.language, f"staff.toast_{said.code}")
