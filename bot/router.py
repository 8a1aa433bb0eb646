"""Which handler an update goes to: two tables, by command and by button. Nothing falls through unseen."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.buttons import Press, unpack
from bot.handlers import checkins, clinicians, coordinators, membership, patients, safety
from services.turn import Turn

log = logging.getLogger(__name__)

Command = Callable[[Turn, str], Awaitable[None]]
Pressed = Callable[[Turn, Press], Awaitable[None]]

FOR_PATIENTS: Mapping[str, Command] = {
    "help": patients.on_help,
    "now": safety.on_now,
    "pause": patients.on_pause,
    "resume": patients.on_resume,
    "stop": patients.on_stop,
    "mood": patients.on_mood,
    "time": patients.on_time,
    "timezone": patients.on_timezone,
    "language": patients.on_language,
    "plan": patients.on_plan,
}
FOR_STAFF: Mapping[str, Command] = {
    "help": clinicians.on_help,
    "oncall": clinicians.on_oncall,
    "alerts": clinicians.on_alerts,
    "digest": clinicians.on_digest,
    "caseload": clinicians.on_caseload,
    "drill": clinicians.on_drill,
    "language": clinicians.on_language,
    "enrol": coordinators.on_enrol,
    "infusion": coordinators.on_infusion,
    "today": coordinators.on_today,
}
FOR_GROUPS = ("alerts", "caseload")
BUTTONS_FOR_PATIENTS: Mapping[str, Pressed] = {
    "agree": patients.on_agree_pressed,
    "times": patients.on_times_pressed,
    "time": patients.on_time_pressed,
    "zone": patients.on_zone_pressed,
    "language": patients.on_language_pressed,
    "baseline": patients.on_baseline_pressed,
    "later": patients.on_later_pressed,
    "a": checkins.on_option_pressed,
    "change": checkins.on_change_pressed,
    "skip": checkins.on_skip_pressed,
    "callme": safety.on_call_me_pressed,
    "mistake": safety.on_mistake_pressed,
}
BUTTONS_FOR_STAFF: Mapping[str, Pressed] = {
    "drill": clinicians.on_drill_pressed,
    "ack": clinicians.on_acknowledge_pressed,
    "details": clinicians.on_details_pressed,
    "called": clinicians.on_called_pressed,
    "close": clinicians.on_close_pressed,
    "outcome": clinicians.on_outcome_pressed,
    "back": clinicians.on_back_pressed,
    "show": clinicians.on_show_pressed,
    "reopen": clinicians.on_reopen_pressed,
    "handover": clinicians.on_hand_over_pressed,
    "offer": clinicians.on_offer_pressed,
    "accept": clinicians.on_accept_pressed,
    "decline": clinicians.on_decline_pressed,
    "swap": clinicians.on_swap_pressed,
    "calendar": clinicians.on_calendar_pressed,
    "take": clinicians.on_take_pressed,
    "unswap": clinicians.on_withdraw_pressed,
    "digest": clinicians.on_open_digest_pressed,
    "digested": clinicians.on_read_digest_pressed,
    "erase": clinicians.on_erase_pressed,
    "move": clinicians.on_move_pressed,
    "form": coordinators.on_form_pressed,
    "language": clinicians.on_language_pressed,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A command as it was typed: its name without the slash and the bot, and what stands behind it."""

    name: str
    rest: str


async def route(turn: Turn) -> None:
    """Hand the update to its handler."""
    incoming = turn.incoming
    if incoming.kind in ("blocked", "unblocked"):
        await membership.on_membership(turn)
    elif incoming.kind == "migrated":
        await membership.on_migrated(turn)
    elif incoming.kind == "press":
        await _route_press(turn)
    elif incoming.kind in ("message", "edit"):
        await _route_message(turn)


async def _route_message(turn: Turn) -> None:
    typed = command_in(turn.incoming.text)
    if not turn.incoming.private and turn.member is not None and typed is not None and typed.name in FOR_GROUPS:
        await clinicians.on_counts(turn)
    elif not turn.incoming.private:
        await membership.on_group_message(turn)
    elif typed is not None and turn.incoming.kind == "message":
        await _route_command(turn, typed)
    elif turn.patient is not None:
        await checkins.on_message(turn)
    elif turn.member is not None:
        await clinicians.on_message(turn)
    else:
        await membership.on_stranger(turn)


async def _route_command(turn: Turn, typed: Typed) -> None:
    if typed.name == "start":
        await membership.on_start(turn, typed.rest)
    elif turn.patient is not None and (handler := FOR_PATIENTS.get(typed.name)):
        await handler(turn, typed.rest)
    elif turn.member is not None and (handler := FOR_STAFF.get(typed.name)):
        await handler(turn, typed.rest)
    elif turn.patient is not None:
        await checkins.on_message(turn)
    elif turn.member is None and typed.name == "now":
        await safety.on_now_of_stranger(turn)
    elif turn.member is None:
        await membership.on_stranger(turn)
    else:
        await clinicians.on_help(turn, "")


async def _route_press(turn: Turn) -> None:
    user_id = turn.incoming.user_id or 0
    press = unpack(turn.clinic.button_key, user_id, turn.incoming.data or "")
    if press is not None and turn.patient is not None and (handler := BUTTONS_FOR_PATIENTS.get(press.verb)):
        await handler(turn, press)
    elif press is not None and turn.member is not None and (handler := BUTTONS_FOR_STAFF.get(press.verb)):
        await handler(turn, press)
    else:
        await membership.on_forged_press(turn)


def command_in(text: str | None) -> Typed | None:
    """The command at the start of a text, or none."""
    if text is None or not text.startswith("/"):
        return None
    word, _, rest = text[1:].partition(" ")
    return Typed(name=word.partition("@")[0].lower(), rest=rest.strip())
