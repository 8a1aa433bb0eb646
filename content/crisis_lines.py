"""Crisis lines by region, each with its source; a clinic says itself when it checked them, and may have its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "crisis_lines.toml"
FRESH = timedelta(days=365)  # how long a check counts: numbers and hours change


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisLines:
    """The lines of a region: what to call or write to, in the patient's language, and the emergency number."""

    region: str
    lines: tuple[str, ...]
    emergency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a clinic says of its region: lines by language and a number in place of the shipped, and when it checked."""

    region: str
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    emergency: str | None = None
    checked_on: date | None = None


_own: dict[str, Own] = {}


def use(own: Own | None) -> None:
    """Give a clinic's own lines from now on, in place of those used before; none for the shipped ones."""
    _own.clear()
    if own is not None:
        _own[own.region.upper()] = own


def crisis_lines(region: str, language: str) -> CrisisLines | None:
    """The lines of a region; none when we have none for it."""
    found, own = _regions().get(region.upper()), _own.get(region.upper(), Own(region=region))
    if found is None:
        return None
    lines = own.lines.get(language) or found.get(f"lines_{language}") or found["lines_en"]
    return CrisisLines(region=region.upper(), lines=tuple(lines), emergency=own.emergency or found["emergency"])


def sources(region: str) -> dict[str, str]:
    """Where the lines of a region come from, and the day on which the clinic checked them: {source, checked_on}."""
    own = _own.get(region.upper(), Own(region=region))
    source = "the clinic" if own.lines else _regions()[region.upper()]["source"]
    return {"source": source, "checked_on": own.checked_on.isoformat() if own.checked_on else ""}


def unchecked(checked_on: date | None, today: date) -> str | None:
    """Why lines cannot be relied on: "never", a day to come as "early", one too long ago as "late"; none if they can.

    A day may have begun elsewhere, so that tomorrow is none to come.
    """
    if checked_on is None:
        return "never"
    if checked_on > today + timedelta(days=1):
        return "early"
    return "late" if checked_on < today - FRESH else None


def regions() -> tuple[str, ...]:
    """Every region that has lines."""
    return tuple(sorted(_regions()))


@cache
def _regions() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
