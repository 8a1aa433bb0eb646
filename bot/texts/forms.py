"""The guided conversations as staff see them: each question with its buttons, the confirmation, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.texts.patient import WORLD, ZONES
from bot.texts.rendered import Button, Maker, Rendered
from bot.texts.rota import level
from bot.texts.staff import LONGEST, moment
from content.messages import say
from rules.forms import CONFIRM, END, NONE, SERIES, START, UNCOVERED
from services.clinic import Clinic
from services.delivery import Claimed

LANGUAGES = {"en": "English", "es": "Español"}
DOSES = ("0.5", "0.75", "1.0")
INSTANTS = ("at", "from", "to", "begins", "ends")
PER_ROW = 3


def ask(clinic: Clinic, message: Claimed) -> Rendered:
    """A question, with what may be tapped; whatever else fits may be typed."""
    language, params = message.language, message.params
    step, values = params["step"], params["values"]
    series = step == CONFIRM and SERIES in values
    key = f"form.{params['form_kind']}_{step}" if step in (CONFIRM, UNCOVERED) else f"form.{step}"
    shown = {key: value for key, value in values.items() if key != "language"}
    shown |= {key: moment(clinic, values[key]) for key in INSTANTS if key in values}
    shown |= {"reads": LANGUAGES.get(values.get("language"), ""), "level": level(language, values)}
    if series:
        key = "form.infusion_series"
        shown["dates"] = "\n".join(_date(clinic, language, each) for each in params["dates"])
    offered = _offered(clinic, language, params)
    if step != CONFIRM:
        offered.append([("cancel", say(language, "form.cancel"))])
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
        case "at":
            return [[("now", say(language, "form.now"))]]
        case "from":
            return [[(START, say(language, "form.from_start", begins=moment(clinic, params["values"]["begins"])))]]
        case "to":
            return [[(END, say(language, "form.to_end", ends=moment(clinic, params["values"]["ends"])))]]
        case "dose":
            return [[(dose, f"{dose} mg/kg") for dose in DOSES]]
        case "sure":
            return [[("yes", say(language, "form.dose_right"))], [("no", say(language, "form.dose_wrong"))]]
        case "confirm":
            rows = [[("yes", say(language, "form.do_it")), ("cancel", say(language, "form.cancel"))]]
            first = params["form_kind"] == "infusion" and SERIES not in params["values"]
            return [*rows, [(SERIES, say(language, "form.first_of_six"))]] if first else rows
    return []


def _date(clinic: Clinic, language: str, planned: Mapping[str, Any]) -> str:
    odd = [say(language, f"form.odd_{each}") for each in planned["odd"]]
    return " · ".join([moment(clinic, planned["at"]), *odd])


def _in_rows(pairs: Iterable[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    every = list(pairs)
    return [every[i : i + PER_ROW] for i in range(0, len(every), PER_ROW)]


def unclear(clinic: Clinic, message: Claimed) -> Rendered:
    """What was typed is no answer to the question; it follows once more."""
    return Rendered(text=say(message.language, f"form.unclear_{message.params['step']}"))


def refused(clinic: Clinic, message: Claimed) -> Rendered:
    """It cannot be done, and why."""
    return Rendered(text=f"{message.params['sentence']}\n→ {message.params['mend']}")


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
    params = message.params
    figures = {"patient": params["patient"], "slots": params["slots"], "ends": moment(clinic, params["ends_at"])}
    if params.get("count", 1) == 1:
        return Rendered(text=say(message.language, "form.recorded", **figures))
    last = moment(clinic, params["last_at"])
    return Rendered(text=say(message.language, "form.recorded_series", **figures, count=params["count"], last=last))


def today(clinic: Clinic, message: Claimed) -> Rendered:
    """Who starts, who ends, who is silent."""
    language, params = message.language, message.params
    starts = [_start(clinic, language, each) for each in params["starts"]]
    ends = [
        say(language, "today.end", patient=each["patient"], at=moment(clinic, each["at"])) for each in params["ends"]
    ]
    silent = [say(language, "today.quiet", **each) for each in params["silent"]]
    parts = [say(language, "today.head", on=params["on"])]
    for key, lines in (("starts", starts), ("ends", ends), ("silent", silent)):
        parts.append("\n".join((say(language, f"today.{key}", count=len(lines)), *lines)))
    return Rendered(text="\n\n".join(parts)[:LONGEST])


def _start(clinic: Clinic, language: str, line: Mapping[str, Any]) -> str:
    key = "today.start" if line["linked"] else "today.start_unlinked"
    return say(language, key, patient=line["patient"], at=_time(clinic, line["at"]))


def _time(clinic: Clinic, instant: str) -> str:
    return moment(clinic, instant).rpartition(" ")[2]


MAKERS: dict[str, Maker] = {
    "form-ask": ask,
    "form-unclear": unclear,
    "form-refused": refused,
    "form-cancelled": cancelled,
    "enrolled": enrolled,
    "infusion-recorded": infusion_recorded,
    "today": today,
}
