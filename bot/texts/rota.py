"""What staff read about the rota: drills, whether somebody can be reached, who is on call, swaps, gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.texts.dates import day, moment
from bot.texts.rendered import Button, Maker, Rendered
from content.messages import say
from services.clinic import Clinic
from services.delivery import Claimed

MINUTE, HOUR = 60, 3600


def drill(clinic: Clinic, message: Claimed) -> Rendered:
    """A page with no patient behind it: a drill, or the question at the start of a shift."""
    language, params = message.language, message.params
    label = say(language, "staff.drill_button")
    return Rendered(
        text=_question(clinic, language, params), rows=((Button(label=label, verb="drill", style="success"),),)
    )


def _question(clinic: Clinic, language: str, params: Mapping[str, Any]) -> str:
    if params.get("why") not in ("shift", "stand-in"):
        return say(language, "staff.drill")
    begins = "shift_begins" if params["level"] == "primary" else "backup_begins"
    key = "stand_in" if params["why"] == "stand-in" else begins
    figures = {"to": moment(clinic, language, params["to"]), "by": moment(clinic, language, params["by"])}
    return say(language, f"rota.{key}", level=level(language, params), name=params.get("name"), **figures)


def drill_done(clinic: Clinic, message: Claimed) -> Rendered:
    """The thanks after a drill, with how long it took."""
    language, params = message.language, message.params
    at, seconds = moment(clinic, language, params["at"]), params.get("seconds")
    if seconds is None:
        return Rendered(text=say(language, "staff.drill_done", at=at))
    return Rendered(text=say(language, "staff.drill_done_after", at=at, length=_length(seconds)))


def drill_missed(clinic: Clinic, message: Claimed) -> Rendered:
    """Somebody has not answered in time, and what was done about it."""
    language, params = message.language, message.params
    unanswered = {"shift": "shift_missed", "stand-in": "stand_in_missed"}.get(params["why"], "drill_missed")
    key = "stands_in" if params.get("stands_in") else unanswered
    figures = {"name": params["name"], "stands_in": params.get("stands_in")}
    return Rendered(text=say(language, f"rota.{key}", level=level(language, params), **figures))


def drill_late(clinic: Clinic, message: Claimed) -> Rendered:
    """One who was silent has answered after all."""
    language, params = message.language, message.params
    return Rendered(text=say(language, "rota.answered_late", name=params["name"], level=level(language, params)))


def oncall(clinic: Clinic, message: Claimed) -> Rendered:
    """Who is on call, until when and who then; a button for each shift on offer, and for one's own."""
    language, params = message.language, message.params
    levels = {level: _people(clinic, language, params, level) for level in ("primary", "backup")}
    rows = [
        (_button(language, "take_offer", "take", row=each["row"], style="success", **_figures(clinic, language, each)),)
        for each in params.get("offers", ())
    ]
    if params.get("own"):
        rows += [(_button(language, "offer", "swap"),), (_button(language, "own_calendar", "calendar"),)]
    return Rendered(text=say(language, "rota.oncall", **levels), rows=tuple(rows))


def _people(clinic: Clinic, language: str, params: Mapping[str, Any], level: str) -> str:
    def on(each: Mapping[str, Any]) -> str:
        key = "unreachable" if not each["reachable"] else None if each["tested"] else "untested"
        name = say(language, f"staff.{key}", name=each["name"]) if key else each["name"]
        return (
            say(language, "rota.until", name=name, to=moment(clinic, language, each["until"]))
            if each["until"]
            else name
        )

    people = "; ".join(on(each) for each in params[level]) or say(language, "staff.nobody")
    then = params["then"][level]
    if then is None:
        return people
    return people + "\n" + say(language, "rota.then", **{**then, "from": moment(clinic, language, then["from"])})


def own_calendar(clinic: Clinic, message: Claimed) -> Rendered:
    """One's own shifts as a file."""
    text = say(message.language, "rota.own_calendar_caption")
    return Rendered(text=text, file=("shifts.ics", message.params["calendar"]))


def swap_choose(clinic: Clinic, message: Claimed) -> Rendered:
    """Which of one's own shifts to offer."""
    language = message.language
    rows = tuple(
        (_button(language, "swap_choice", "swap", argument=each["name"], **_figures(clinic, language, each)),)
        for each in message.params["shifts"]
    )
    return Rendered(text=say(language, "rota.swap_choose"), rows=rows)


def swap_how(clinic: Clinic, message: Claimed) -> Rendered:
    """All of a shift, or a part?"""
    language, name = message.language, message.params["name"]
    row = tuple(_button(language, f"swap_{how}", "swap", argument=f"{how}/{name}") for how in ("all", "part"))
    return Rendered(text=say(language, "rota.swap_how", **_figures(clinic, language, message.params)), rows=(row,))


def _swap(key: str, button: str | None = None, verb: str = "", style: str | None = None) -> Maker:
    """A sentence about a shift on offer, with a button or without."""

    def make(clinic: Clinic, message: Claimed) -> Rendered:
        language, params = message.language, message.params
        rows = ((_button(language, button, verb, row=params["row"], style=style),),) if button else ()
        return Rendered(text=say(language, f"rota.{key}", **_figures(clinic, language, params)), rows=rows)

    return make


def swap_yours(clinic: Clinic, message: Claimed) -> Rendered:
    """The shift is theirs; with it they are no backup any more."""
    taken = _swap("swap_yours")(clinic, message)
    if not message.params.get("leaves_backup"):
        return taken
    return Rendered(text=f"{taken.text}\n{say(message.language, 'rota.leaves_backup')}")


def _button(
    language: str, key: str, verb: str, *, row: str = "", argument: str = "", style: str | None = None, **figures: str
) -> Button:
    return Button(label=say(language, f"rota.{key}", **figures), verb=verb, subject=row, argument=argument, style=style)


def _figures(clinic: Clinic, language: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Level and span in words, and the names that there are."""
    spans = {"from": moment(clinic, language, params["from"]), "to": moment(clinic, language, params["to"])}
    return {"level": level(language, params), **spans, **{name: params.get(name, "") for name in ("owner", "taker")}}


def rota_gap(clinic: Clinic, message: Claimed) -> Rendered:
    """A gap in the rota, and what becomes of a page in it."""
    language, params = message.language, message.params
    spans = {"from": moment(clinic, language, params["from"]), "to": moment(clinic, language, params["to"])}
    return Rendered(text=say(language, f"rota.gap_{params.get('level', 'primary')}", **spans))


def staff_blocked(clinic: Clinic, message: Claimed) -> Rendered:
    """Pages do not reach somebody any more."""
    return Rendered(text=say(message.language, "rota.staff_blocked", name=message.params["name"]))


def courses_uncovered(clinic: Clinic, message: Claimed) -> Rendered:
    """Courses begin on a day that no tested clinician covers."""
    language, params = message.language, message.params
    on = day(language, params["on"])
    return Rendered(text=say(language, "rota.courses_uncovered", on=on, patients=params["patients"]))


def level(language: str, params: Mapping[str, Any]) -> str:
    """The level in words; primary where none is meant."""
    return say(language, f"rota.{params.get('level') or 'primary'}")


def _length(seconds: int) -> str:
    """A span as anybody reads it, such as 42 s, 3 min, 5 h."""
    if seconds < 2 * MINUTE:
        return f"{seconds} s"
    return f"{seconds // MINUTE} min" if seconds < 2 * HOUR else f"{seconds // HOUR} h"


MAKERS: dict[str, Maker] = {
    "drill": drill,
    "drill-done": drill_done,
    "drill-missed": drill_missed,
    "drill-late": drill_late,
    "oncall": oncall,
    "rota-gap": rota_gap,
    "staff-blocked": staff_blocked,
    "courses-uncovered": courses_uncovered,
    "own-calendar": own_calendar,
    "swap-choose": swap_choose,
    "swap-how": swap_how,
    "swap-offer": _swap("swap_offer", "take", "take", "success"),
    "swap-offered": _swap("swap_offered", "withdraw", "unswap", "danger"),
    "swap-yours": swap_yours,
    "swap-taken": _swap("swap_taken"),
}
