"""A guided conversation with staff: which question comes next, and what something typed is to it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from rules.local_time import local_day, parse_wall_time, to_instant, to_local, zone_named

STEPS = {  # in this order; what each is called in a form's values
    "enrol": ("name", "zone", "language", "phone"),
    "infusion": ("patient", "which", "at", "dose", "sure"),
    "change": ("what", "move_to"),  # of a planned infusion that was chosen under "which"
    "swap": ("from", "to"),
}
START, END = "start", "end"  # of a shift: what the buttons say
CONFIRM, UNCOVERED, SERIES = "confirm", "uncovered", "series"
WHICH, NEW = "which", "new"  # a planned infusion to change, or one that is not recorded yet
MOVE, DROP = "move", "drop"  # what becomes of it
LATER = {"1d": 1, "7d": 7}  # what the buttons offer: so many days later, at the same wall time
GIVEN_UP_AFTER = timedelta(hours=1)  # proposal; then what is typed is no answer to it any more
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)  # as short as a part of a shift may be
NONE = "-"  # an answer that was left out
USUAL_DOSE = (0.5, 1.0)  # mg/kg, both usual; clinical.md, "The treatment"
LONGEST_NAME, LONGEST_PHONE, LONGEST_REASON = 80, 40, 200
LANGUAGES = {"en": "en", "english": "en", "inglés": "en", "es": "es", "español": "es", "spanish": "es"}

_DAY_AND_TIME = re.compile(r"(?:(\d{4}-\d\d-\d\d)[ T])?(\d{1,2}[:.]\d\d)")
_ALIAS = re.compile(r"P-?(\d{1,9})", re.ASCII | re.IGNORECASE)


def is_usual_dose(dose_mg_per_kg: float) -> bool:
    """Whether a dose is one that needs no second look."""
    return USUAL_DOSE[0] <= dose_mg_per_kg <= USUAL_DOSE[1]


def next_step(kind: str, values: Mapping[str, str]) -> str:
    """The first question that is open; at the end the confirmation. A usual dose is not asked back."""
    for step in STEPS[path(kind, values)]:
        if step == "sure" and is_usual_dose(float(values["dose"])):
            continue
        if step == "move_to" and values["what"] == DROP:
            continue
        if step not in values:
            return step
    return CONFIRM


def path(kind: str, values: Mapping[str, str]) -> str:
    """Which questions are asked: of a planned infusion that was chosen only what becomes of it."""
    return "change" if kind == "infusion" and values.get(WHICH, NEW) != NEW else kind


def read(step: str, text: str, now: datetime, zone: str, values: Mapping[str, str]) -> str | None:
    """What a typed text is to a question, as the form keeps it; none when it is no answer. `zone` is the clinic's.

    `values` are the answers so far: which part of a shift is offered lies within it, from its `begins` to its `ends`.
    """
    words = " ".join(text.split())
    if step == "from":
        earliest, latest = max(now, _value(values, "begins")), _value(values, "ends") - MINUTE
        return _within(words, earliest, latest, now, zone)
    if step == "to":
        earliest, latest = _value(values, "from") + MINUTE, _value(values, "ends")
        return _within(words, earliest, latest, now, zone)
    if step == "move_to":
        return _moved(words, _value(values, WHICH), now, zone)
    return _READERS[step](words, now, zone)


def _moved(text: str, before: datetime, now: datetime, zone: str) -> str | None:
    """An instant to come that is another than before, all but for the seconds."""
    if text in LATER:
        local = to_local(before, zone)
        return to_instant(local.date() + LATER[text] * DAY, local.time(), zone).isoformat()
    moved = _at(text, now, zone)
    return moved if moved and datetime.fromisoformat(moved) > now and datetime.fromisoformat(moved) != before else None


def _value(values: Mapping[str, str], step: str) -> datetime:
    return datetime.fromisoformat(values[step])


def _within(text: str, earliest: datetime, latest: datetime, now: datetime, zone: str) -> str | None:
    """An instant between two others; of a time without a day the first that is."""
    if text in (START, END):
        return (earliest if text == START else latest).isoformat()
    found = _DAY_AND_TIME.fullmatch(text)
    days: Iterable[date | None] = [None]
    if found is not None and found[1] is None:
        first = local_day(earliest, zone)
        days = (first + timedelta(days=n) for n in range((local_day(latest, zone) - first).days + 1))
    meant = (_at(f"{day} {text}" if day else text, now, zone) for day in days)
    return next((each for each in meant if each and earliest <= datetime.fromisoformat(each) <= latest), None)


def name_in(text: str) -> str | None:
    """The name that a text is, none when it is empty or too long."""
    words = " ".join(text.split())
    return words if 0 < len(words) <= LONGEST_NAME else None


def phone_in(text: str) -> str | None:
    """The number that can be called, with what is written beside it; none when there is none in it."""
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_PHONE and sum(each.isdigit() for each in words) >= 3 else None


def dose_in(text: str) -> float | None:
    """The dose that a text is, in mg/kg, with a decimal point or comma; none when it is not one."""
    try:
        dose = float(text.lower().strip().removesuffix("mg/kg").strip().replace(",", "."))
    except ValueError:
        return None
    return dose if math.isfinite(dose) and dose > 0 else None


def _name(text: str, now: datetime, zone: str) -> str | None:
    return name_in(text)


def _zone(text: str, now: datetime, zone: str) -> str | None:
    return zone_named(text)


def _language(text: str, now: datetime, zone: str) -> str | None:
    return LANGUAGES.get(text.lower())


def _phone(text: str, now: datetime, zone: str) -> str | None:
    return phone_in(text)


def _patient(text: str, now: datetime, zone: str) -> str | None:
    found = _ALIAS.fullmatch(text)
    return f"P-{int(found[1])}" if found else None


def _at(text: str, now: datetime, zone: str) -> str | None:
    """An instant: "now", a time of today, a day with a time, both of the clinic's; or ISO 8601 with an offset."""
    if text.lower() in ("now", "ahora"):
        return now.isoformat()
    found = _DAY_AND_TIME.fullmatch(text)
    try:
        if found is None:
            instant = datetime.fromisoformat(text)
            return instant.astimezone(UTC).isoformat() if instant.tzinfo else None
        day = datetime.fromisoformat(found[1]).date() if found[1] else local_day(now, zone)
        return to_instant(day, parse_wall_time(found[2].replace(".", ":").zfill(5)), zone).isoformat()
    except (ValueError, OverflowError):
        return None


def _which(text: str, now: datetime, zone: str) -> str | None:
    """A planned infusion by its button, in seconds, or typed as its day and time; or that it is none of them."""
    if text.isdecimal() and text.isascii():
        try:
            return datetime.fromtimestamp(int(text), UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            return None
    return NEW if text == NEW else _at(text, now, zone)


def _dose(text: str, now: datetime, zone: str) -> str | None:
    dose = dose_in(text)
    return None if dose is None else str(dose)


def _reason(text: str, now: datetime, zone: str) -> str | None:
    return text if 0 < len(text) <= LONGEST_REASON else None


def _pressed_only(text: str, now: datetime, zone: str) -> str | None:
    return None


_READERS: Mapping[str, Callable[[str, datetime, str], str | None]] = {
    "name": _name,
    "zone": _zone,
    "language": _language,
    "phone": _phone,
    "patient": _patient,
    "at": _at,
    WHICH: _which,
    "what": _pressed_only,
    "dose": _dose,
    "sure": _pressed_only,
    CONFIRM: _pressed_only,
    UNCOVERED: _reason,
}
