"""The guided conversations as staff see them: each question with its buttons, the confirmation, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.texts.dates import moment
from bot.texts.patient import WORLD, ZONES
from bot.texts.rendered import Button, Maker, Rendered
from bot.texts.rota import level
from content.messages import say
from rules.forms import CONFIRM, DROP, END, LATER, MOVE, NEW, NONE, SERIES, START, UNCOVERED
from services.clinic import Clinic
from services.delivery import Claimed

LANGUAGES = {"en": "English", "es": "Español"}
DOSES = ("0.5", "0.75", "1.0")
INSTANTS = ("at", "from", "to", "begins", "ends", "which", "move_to")
TYPED = ("at", "move_to")  # of these the year is shown, too, before anything is done
PER_ROW = 3


def ask(clinic: Clinic, message: Claimed) -> Rendered:
    """A question, with what may be tapped; whatever else fits may be typed."""
    language, params = message.language, message.params
    step, values = params["step"], params["values"]
    key = f"form.{params['form_kind']}_{step}" if step in (CONFIRM, UNCOVERED) else f"form.{step}"
    shown = _figures(clinic, language, values)
    if step == CONFIRM and SERIES in values:
        key = "form.infusion_series"
        shown["dates"] = "\n".join(_date(clinic, language, each) for each in params["dates"])
    if step == CONFIRM and params["form_kind"] == "change":
        key = f"form.change_{values['what']}"
        shown["changes"] = _changes(language, params)
    offered = _offered(clinic, language, params)
    if step != CONFIRM:
        offered.append([("cancel", say(language, _way_out(params)))])
    rows = tuple(
        tuple(
            Button(label=label, verb="form", subject=params["form"], argument=f"{step}/{value}") for value, label in row
        )
        for row in offered
    )
    return Rendered(text=say(language, key, **shown), rows=rows)


def _offered(clinic: Clinic, language: str, params: Mapping[str, Any]) -> list[list[tuple[str, str]]]:
    match params["step"]:
        case "zone":
            zones = dict.fromkeys((clinic.timezone, *ZONES.get(clinic.region, WORLD)))
            return [[(zone, zone.replace("_", " "))] for zone in zones]
        case "language":
            return [list(LANGUAGES.items())]
        case "phone":
            return [[(NONE, say(language, "form.no_phone"))]]
        case "patient":
            return _in_rows((alias, alias) for alias in params["patients"])
        case "which":
            planned = [[(_seconds(each), moment(clinic, language, each))] for each in params["planned"]]
            return [*planned, [(NEW, say(language, "form.which_new"))]]
        case "what":
            return [[(MOVE, say(language, "form.what_move")), (DROP, say(language, "form.what_drop"))]]
        case "move_to":
            return [[(later, say(language, f"form.later_{later}")) for later in LATER]]
        case "at":
            return [[("now", say(language, "form.now"))]]
        case "from":
            return [
                [(START, say(language, "form.from_start", begins=moment(clinic, language, params["values"]["begins"])))]
            ]
        case "to":
            return [[(END, say(language, "form.to_end", ends=moment(clinic, language, params["values"]["ends"])))]]
        case "dose":
            return [[(dose, f"{dose} mg/kg") for dose in DOSES]]
        case "sure":
            return [[("yes", say(language, "form.dose_right"))], [("no", say(language, "form.dose_wrong"))]]
        case "confirm":
            rows = [[("yes", say(language, "form.do_it")), ("cancel", say(language, _way_out(params)))]]
            first = params["form_kind"] == "infusion" and SERIES not in params["values"]
            return [*rows, [(SERIES, say(language, "form.first_of_six"))]] if first else rows
    return []


def _way_out(params: Mapping[str, Any]) -> str:
    """What ends a conversation; beside a button that cancels an infusion it must be another word."""
    return "form.leave" if params["form_kind"] == "change" else "form.cancel"


def _figures(clinic: Clinic, language: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers so far, in words."""
    shown = {key: value for key, value in values.items() if key not in ("language", *INSTANTS)}
    given = {key: values[key] for key in INSTANTS if values.get(key) not in (None, NEW)}
    shown |= {key: moment(clinic, language, each, year=key in TYPED) for key, each in given.items()}
    return shown | {"reads": LANGUAGES.get(values.get("language", ""), ""), "level": level(language, values)}


def _seconds(instant: str) -> str:
    return str(int(datetime.fromisoformat(instant).timestamp()))


def _changes(language: str, params: Mapping[str, Any]) -> str:
    """What a change brings, a line each, and what looks odd about it."""
    counts = {key: count for key, count in params["counts"].items() if count}
    lines = [say(language, f"form.change_{key}", count=count) for key, count in counts.items()]
    odd = [say(language, "form.change_odd", odd=say(language, f"form.odd_{each}")) for each in params["odd"]]
    return "\n".join([*(lines or [say(language, "form.change_nothing")]), *odd])


def _date(clinic: Clinic, language: str, planned: Mapping[str, Any]) -> str:
    odd = [say(language, f"form.odd_{each}") for each in planned["odd"]]
    return " · ".join([moment(clinic, language, planned["at"], year=True), *odd])


def _in_rows(pairs: Iterable[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    every = list(pairs)
    return [every[i : i + PER_ROW] for i in range(0, len(every), PER_ROW)]


def unclear(clinic: Clinic, message: Claimed) -> Rendered:
    """What was typed is no answer to the question; it follows once more."""
    return Rendered(text=say(message.language, f"form.unclear_{message.params['step']}"))


def refused(clinic: Clinic, message: Claimed) -> Rendered:
    """It cannot be done, and why."""
    language, params = message.language, message.params
    if code := params.get("code"):
        said = say(language, f"refused.{code}", **params["figures"])
        return Rendered(text=f"{said}\n→ {say(language, f'mend.{code}', **params['figures'])}")
    return Rendered(text=f"{params['sentence']}\n→ {params['mend']}")


def cancelled(clinic: Clinic, message: Claimed) -> Rendered:
    """Nothing was done."""
    return Rendered(text=say(message.language, "form.cancelled"))


def enrolled(clinic: Clinic, message: Claimed) -> Rendered:
    """The one-time link, as text and as a picture to show or to print."""
    params = message.params
    link = params.get("link")
    way = link or f"/start {params['code']}"
    return Rendered(text=say(message.language, "form.enrolled", patient=params["patient"], link=way), qr=link)


def infusion_recorded(clinic: Clinic, message: Claimed) -> Rendered:
    """What the infusion brings."""
    language, params = message.language, message.params
    ends = moment(clinic, language, params["ends_at"])
    figures = {"patient": params["patient"], "slots": params["slots"], "ends": ends}
    if params.get("count", 1) == 1:
        return Rendered(text=say(language, "form.recorded", **figures))
    last = moment(clinic, language, params["last_at"])
    return Rendered(text=say(language, "form.recorded_series", **figures, count=params["count"], last=last))


def infusion_changed(clinic: Clinic, message: Claimed) -> Rendered:
    """A planned infusion was moved or cancelled, and what that brought."""
    language, params = message.language, message.params
    key = f"form.changed_{params['values']['what']}"
    figures = _figures(clinic, language, params["values"])
    return Rendered(text=say(language, key, **figures, changes=_changes(language, params)))


MAKERS: dict[str, Maker] = {
    "form-ask": ask,
    "form-unclear": unclear,
    "form-refused": refused,
    "form-cancelled": cancelled,
    "enrolled": enrolled,
    "infusion-recorded": infusion_recorded,
    "infusion-changed": infusion_changed,
}
