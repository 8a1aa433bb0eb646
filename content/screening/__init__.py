"""The screening's rules as data that a clinician can read, and their loader."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from rules.screening import RuleSet
from rules.screening.compiling import compile_rules

_FOLDER = Path(__file__).resolve().parent


@cache
def load() -> RuleSet:
    """The shipped rule set."""
    return compile_rules(read())


def read() -> dict[str, Any]:
    """The data of the shipped rule set: every file of this folder laid together."""
    data: dict[str, Any] = {"words": _words()}
    for path in sorted(_FOLDER.glob("*.toml")):
        for section, entries in tomllib.loads(path.read_text("utf-8")).items():
            if isinstance(entries, list):
                data.setdefault(section, []).extend(entries)
            else:
                data.setdefault(section, {}).update(entries)
    return data


def _words() -> list[str]:
    return [word for path in sorted(_FOLDER.glob("words_*.csv")) for word in path.read_text("utf-8").split()[1:]]
