"""Crisis lines by region, each with its source and the date on which it was checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "crisis_lines.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisLines:
    """The lines of a region: what to call or write to, in the patient's language, and the emergency number."""

    region: str
    lines: tuple[str, ...]
    emergency: str


def crisis_lines(region: str, language: str) -> CrisisLines | None:
    """The lines of a region; none when we have none for it."""
    found = _regions().get(region.upper())
    if found is None:
        return None
    lines = found.get(f"lines_{language}") or found["lines_en"]
    return CrisisLines(region=region.upper(), lines=tuple(lines), emergency=found["emergency"])


def sources(region: str) -> dict[str, str]:
    """Where the lines of a region come from, and the day on which somebody checked them: {source, checked_on}."""
    found = _regions()[region.upper()]
    return {"source": found["source"], "checked_on": found["checked_on"]}


def regions() -> tuple[str, ...]:
    """Every region that has lines."""
    return tuple(sorted(_regions()))


@cache
def _regions() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
