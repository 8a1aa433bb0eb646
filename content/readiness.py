"""What is not ready, in a sentence with its mend, for whoever runs the clinic: content/readiness.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "readiness.toml"


def sentence_and_mend(code: str, **figures: str) -> tuple[str, str]:
    """What is wrong and what mends it. Raises KeyError for an unknown code."""
    found = _texts()[code]
    return found["problem"].format(**figures), found["mend"]


def codes() -> frozenset[str]:
    """Every code that has a sentence."""
    return frozenset(_texts())


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
