"""What may mean danger in a raw update, told without the database: a text, a call for help, a safety answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from telegram import Bot

from bot.buttons import unpack
from bot.decode import Unreadable, decode, salvage
from bot.router import command_in
from rules.screening import screen
from rules.tier import Tier
from services.clinic import Clinic
from services.intake import to_screen
from services.pages import reason_of
from services.turn import Incoming

SAFETY_INSTRUMENTS = ("asq", "safety")
ITEM_9 = ("phq9", "9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """Whose update it was, how urgent it is, and the kinds of reason; `medical` for a medical emergency."""

    incoming: Incoming
    tier: Tier
    reasons: tuple[str, ...]
    medical: bool = False


def danger_in(clinic: Clinic, raw: str, bot: Bot) -> Danger | None:
    """The danger in an update: amber or red; none when there is none to be seen."""
    try:
        incoming = decode(raw, bot)
    except Unreadable:
        incoming = salvage(raw)
    screenings = [screen(text, clinic.screening) for text in to_screen(incoming)]
    found = [(finding.tier, reason_of(finding.rule)) for seen in screenings for finding in seen.findings]
    found = [each for each in (*found, *_asked(clinic, incoming)) if each[0] >= Tier.AMBER]
    if not found:
        return None
    return Danger(
        incoming=incoming,
        tier=max(tier for tier, _ in found),
        reasons=tuple(dict.fromkeys(why for _, why in found)),
        medical=any(seen.emergency for seen in screenings),
    )


def _asked(clinic: Clinic, incoming: Incoming) -> Iterator[tuple[Tier, str]]:
    """Calls for help, and answers to safety questions other than no: whoever gave them may be in danger."""
    typed = command_in(incoming.text) if incoming.kind == "message" else None
    if typed is not None and typed.name == "now":
        yield Tier.RED, "asked-for-help"
    press = unpack(clinic.button_key, incoming.user_id or 0, incoming.data or "") if incoming.kind == "press" else None
    if press is None:
        return
    if press.verb == "callme":
        yield Tier.RED, "call-me"
    elif press.verb == "a":
        instrument, item, value = press.argument.split("/")
        if value != "0" and (instrument in SAFETY_INSTRUMENTS or (instrument, item) == ITEM_9):
            yield Tier.RED, "safety-question"
