"""The people of a rehearsal: content/personas.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from rules.durations import parse_duration
from rules.local_time import parse_wall_time

FILE = Path(__file__).resolve().parent / "personas.toml"
Span = tuple[timedelta, timedelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody writes by themselves, `day` local days after the infusion; `texts` by language."""

    day: int
    at: time
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """How a made-up patient behaves. Rates are from 0 to 1; `mood` is by day.

    `gives` is what they answer by "instrument/item": a value, or how often each value is given.
    """

    id: str
    share: int
    answers: float
    reminded: float
    within: Span
    mood: tuple[int, ...]
    noise: int
    gives: Mapping[str, int | list[int]]
    typed: float = 0.0
    writes: float = 0.0
    calls: float = 0.0
    silent_from: int | None = None
    says: tuple[Saying, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the made-up clinicians behave; `outcomes` are weights."""

    acknowledges: Span
    acknowledges_at_night: Span
    misses: float
    misses_at_night: float
    calls: Span
    closes: Span
    reads: Span
    outcomes: Mapping[str, int]


@cache
def personas() -> tuple[Persona, ...]:
    """Every persona, in the order of the file."""
    found = _file()
    return tuple(_persona(name, data, found["gives"]) for name, data in found["persona"].items())


@cache
def habits() -> Habits:
    """The clinicians' habits."""
    found: dict[str, Any] = _file()["clinician"]
    spans: dict[str, Any] = {key: _span(value) for key, value in found.items() if isinstance(value, list)}
    return Habits(**{**found, **spans})


@cache
def small_talk(language: str) -> tuple[str, ...]:
    """Harmless words to add to an answer."""
    return tuple(_file()["words"][language])


def _persona(name: str, data: Mapping[str, Any], everybody: Mapping[str, Any]) -> Persona:
    of_its_own = {key: value for key, value in data.items() if key not in ("within", "mood", "says", "gives")}
    says = tuple(
        Saying(day=each["day"], at=parse_wall_time(each["at"]), texts={"en": each["en"], "es": each["es"]})
        for each in data.get("says", ())
    )
    gives = {**everybody, **data.get("gives", {})}
    return Persona(
        id=name, within=_span(data["within"]), mood=tuple(data["mood"]), says=says, gives=gives, **of_its_own
    )


def _span(value: Sequence[str]) -> Span:
    low, high = map(parse_duration, value)
    return low, high


def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
