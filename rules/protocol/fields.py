"""How the values of a protocol file are read and written: durations, days, times of day, hours, instrument names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from rules.durations import format_duration, parse_duration
from rules.local_time import Hours, format_hours, parse_hours, parse_wall_time

CONFIG = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)
PREFERRED: Literal["preferred"] = "preferred"
INSTRUMENTS = frozenset(
    {"mood", "anxiety", "settle", "side-effects", "sleep", "safety", "phq2", "phq9", "gad2", "gad7", "asq"}
    | {"bladder", "craving", "cognition", "words"}
)
FIRST_DAY, LAST_DAY = -60, 366

type_of_at = time | Literal["preferred"]
_DAYS = re.compile(r"(-?\d{1,3})(?:\s*(?:-|to)\s*(-?\d{1,3}))?", re.ASCII)


def problem(sentence: str, *, mend: str, key: str = "", or_key: str = "") -> PydanticCustomError:
    """An error that the reader of a file can act on; `key` is the one to blame inside the value under test.

    `or_key`, a dotted one, is to blame where the file says it and not what is at `key`.
    """
    context = {"sentence": sentence, "mend": mend, "key": key, "or_key": or_key}
    return PydanticCustomError("problem", "{sentence}", context)


def _mended(read: Callable[[object], object]) -> Callable[[object], object]:
    """`read`, its "sentence: mend" ValueError turned into a problem."""

    def reader(raw: object) -> object:
        try:
            return read(raw)
        except ValueError as error:
            sentence, _, mend = str(error).rpartition(": ")
            raise problem(sentence, mend=mend) from None

    return reader


def _duration(raw: object) -> object:
    return raw if isinstance(raw, timedelta) else parse_duration(raw)


def _durations(raw: object) -> object:
    return tuple(_duration(each) for each in (raw if isinstance(raw, (list, tuple)) else [raw]))


def _hours(raw: object) -> object:
    return raw if raw is None or isinstance(raw, Hours) else parse_hours(raw)


def _at(raw: object) -> object:
    each = raw if isinstance(raw, (list, tuple)) else [raw]
    return tuple(one if isinstance(one, time) or one == PREFERRED else _wall_time(one) for one in each)


def _wall_time(raw: object) -> time:
    try:
        return parse_wall_time(raw)
    except ValueError as error:
        raise ValueError(f'{error}, or "{PREFERRED}" for the patient\'s own') from None


def _days(raw: object) -> object:
    if raw == ():
        return raw
    parts = raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, (list, tuple)) else [raw]
    days = sorted({day for part in parts for day in _stretch(part)})
    if not days:
        raise ValueError('no day is named: write days after the infusion, such as "1-14" or [1, 3]')
    return tuple(days)


def _stretch(part: object) -> range:
    found = _DAYS.fullmatch(str(part).strip()) if isinstance(part, (str, int)) and part is not True else None
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not FIRST_DAY <= first <= last <= LAST_DAY:
        span = f"from {FIRST_DAY} (before the infusion) to {LAST_DAY}"
        raise ValueError(f'{part!r} are no days: write days {span}, such as "1-14" or "-3 to -1"')
    return range(first, last + 1)


def _instruments(raw: object, info: ValidationInfo) -> tuple[str, ...]:
    known: frozenset[str] = (info.context or {}).get("instruments", INSTRUMENTS)
    names = raw if isinstance(raw, (list, tuple)) else [raw]
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise problem(f"{name!r} is no instrument", mend=f"choose from {', '.join(sorted(known))}")
    if len(set(names)) < len(names):
        raise problem("an instrument is named twice", mend="name each once")
    return tuple(names)


def _rising(starts: tuple[int, ...]) -> tuple[int, ...]:
    if list(starts) != sorted(set(starts)):
        raise problem("the bands do not rise", mend="write the lowest score of each band above the first, in order")
    return starts


def _text_of_days(days: tuple[int, ...]) -> str:
    return ",".join(str(day) for day in days)


def _text_of_at(at: tuple[type_of_at, ...]) -> list[str]:
    return [each if isinstance(each, str) else f"{each:%H:%M}" for each in at]


def _texts_of_durations(lengths: tuple[timedelta, ...]) -> list[str]:
    return [format_duration(each) for each in lengths]


def _written(write: Callable[[Any], object]) -> PlainSerializer:
    return PlainSerializer(write, when_used="unless-none")


def one_or_more(kind: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a value that may stand alone or in a list."""
    return {"anyOf": [kind, {"type": "array", "items": kind}]}


_TEXT = {"type": "string"}
LENGTH = {**_TEXT, "pattern": r"^(?=\d)(\d{1,6}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,8}s)?$"}
_CLOCK = {**_TEXT, "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}
_END = {**_TEXT, "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"}
_NONE_OR_TWO = {"anyOf": [{"maxItems": 0}, {"minItems": 2, "maxItems": 2}]}
_HOURS = {"type": "array", "prefixItems": [_CLOCK, _END], "items": _END, **_NONE_OR_TWO}
_TIME = {"anyOf": [{"const": PREFERRED}, _CLOCK]}
_DAY = {"anyOf": [{**_TEXT, "pattern": r"^[-\d,to ]+$"}, {"type": "integer"}]}

Duration = Annotated[timedelta, BeforeValidator(_mended(_duration)), _written(format_duration), WithJsonSchema(LENGTH)]
Durations = Annotated[
    tuple[timedelta, ...],
    BeforeValidator(_mended(_durations)),
    _written(_texts_of_durations),
    WithJsonSchema(one_or_more(LENGTH)),
]
QuietHours = Annotated[
    Hours | None,
    BeforeValidator(_mended(_hours)),
    PlainSerializer(format_hours),
    WithJsonSchema(_HOURS),
]
At = Annotated[
    tuple[type_of_at, ...], BeforeValidator(_mended(_at)), _written(_text_of_at), WithJsonSchema(one_or_more(_TIME))
]
Days = Annotated[
    tuple[int, ...], BeforeValidator(_mended(_days)), _written(_text_of_days), WithJsonSchema(one_or_more(_DAY))
]
Instruments = Annotated[tuple[str, ...], BeforeValidator(_instruments), _written(list)]
Points = Annotated[int, Field(ge=0, le=100, strict=True)]
Count = Annotated[int, Field(ge=1, le=100, strict=True)]
Band = Annotated[tuple[Points, ...], Field(min_length=1), AfterValidator(_rising)]
Share = Annotated[float, Field(gt=0, le=1, strict=True)]
