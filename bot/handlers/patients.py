"""A patient's own settings: consent, time, zone, language, a pause, an end, the chart, the safety plan."""

from __future__ import annotations

from bot.buttons import Press
from content.messages import say
from services import consent, preferences
from services.turn import Turn


async def on_help(turn: Turn, rest: str) -> None:
    """/help."""
    await preferences.show(turn, "help")


async def on_pause(turn: Turn, rest: str) -> None:
    """/pause: no prompts until /resume."""
    await preferences.pause(turn)


async def on_resume(turn: Turn, rest: str) -> None:
    """/resume: prompts again; what fell due meanwhile is not asked afterwards."""
    await preferences.resume(turn)


async def on_stop(turn: Turn, rest: str) -> None:
    """/stop: the consent is withdrawn, /now still works."""
    await consent.withdraw(turn)


async def on_mood(turn: Turn, rest: str) -> None:
    """/mood: the chart."""
    await preferences.show_mood(turn)


async def on_time(turn: Turn, rest: str) -> None:
    """/time, with a time or without."""
    await (preferences.set_time(turn, rest) if rest else preferences.show(turn, "time-ask"))


async def on_timezone(turn: Turn, rest: str) -> None:
    """/timezone, with a zone or without."""
    await (preferences.set_timezone(turn, rest) if rest else preferences.show(turn, "timezone-ask"))


async def on_language(turn: Turn, rest: str) -> None:
    """/language, with a language or without."""
    await (preferences.set_language(turn, rest) if rest else preferences.show(turn, "language-ask"))


async def on_plan(turn: Turn, rest: str) -> None:
    """/plan, with a plan or without."""
    await (preferences.write_plan(turn, rest) if rest else preferences.show_plan(turn))


async def on_agree_pressed(turn: Turn, press: Press) -> None:
    """I agree, to the version that stood above the button."""
    await consent.give(turn, press.argument or consent.FIRST)


async def on_times_pressed(turn: Turn, press: Press) -> None:
    """Pick a time."""
    await preferences.show(turn, "time-ask")


async def on_time_pressed(turn: Turn, press: Press) -> None:
    """One of the times."""
    await preferences.set_time(turn, f"{press.argument[:2]}:{press.argument[2:]}")


async def on_zone_pressed(turn: Turn, press: Press) -> None:
    """One of the zones."""
    await preferences.set_timezone(turn, press.argument)


async def on_language_pressed(turn: Turn, press: Press) -> None:
    """One of the languages."""
    await preferences.set_language(turn, press.argument)


async def on_baseline_pressed(turn: Turn, press: Press) -> None:
    """Tell how I am now."""
    await consent.ask_baseline(turn)


async def on_later_pressed(turn: Turn, press: Press) -> None:
    """Not now: sensible defaults."""
    await preferences.show(turn, "baseline-later")
    if turn.patient is not None:
        turn.toast = say(turn.patient.language, "patient.later")
