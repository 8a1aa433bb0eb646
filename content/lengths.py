"""How long a sentence may be where it is shown."""

from __future__ import annotations

BUTTONS = frozenset(
    (
        *("patient.agree", "patient.pick_time", "patient.give_baseline", "patient.later", "patient.change"),
        *("patient.back", "patient.go_on", "patient.skip", "crisis.call_me", "crisis.safe_button"),
        *("staff.drill_button", "staff.acknowledge", "staff.details", "staff.hand_over", "staff.called"),
        *("staff.close", "staff.reopen", "staff.back", "staff.accept"),
        *("form.no_phone", "form.now", "form.dose_right", "form.dose_wrong", "form.do_it", "form.cancel"),
        *("form.leave", "form.which_new", "form.what_move", "form.what_drop", "form.later_1d", "form.later_7d"),
    )
)
BUTTON, TOAST, COMMAND, MESSAGE = 40, 200, 256, 2500  # a message leaves room for what is filled in, of 4,096


def longest(key: str) -> int:
    """How many characters the sentence of a key may have."""
    if key in BUTTONS:
        return BUTTON
    if key.startswith("staff.toast_"):
        return TOAST
    return COMMAND if key.startswith("command_") else MESSAGE
