"""The screening's rules as data that a clinician can read, and their loader."""

from __future__ import annotations

import gc
import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rules.screening import RuleSet
from rules.screening.compiling import compile_rules

_FOLDER = Path(__file__).resolve().parent
_KINDS = (".toml", ".csv", ".json")


@cache
def load() -> RuleSet:
    """The shipped rule set.

    All that is made stays, so the collector would look through it again and again for nothing: it rests meanwhile, and
    leaves what was made alone for ever after, so that it holds no message up.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        rules = compile_rules(read())
        gc.freeze()
        return rules
    finally:
        if was_enabled:
            gc.enable()


def read() -> dict[str, Any]:
    """The data of the shipped rule set: every file of this folder laid together, and the hash of them all."""
    files = {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in _KINDS}
    data: dict[str, Any] = {"words": [], "hash": _hash(files)}
    for name, content in files.items():
        if name.endswith(".csv"):
            data["words"] += content.decode().split()[1:]
        elif name.endswith(".toml"):
            _lay(data, tomllib.loads(content.decode()))
    data["model"] |= json.loads(files["model.json"])
    return data


def _lay(data: dict[str, Any], more: dict[str, Any]) -> None:
    for section, entries in more.items():
        if isinstance(entries, list):
            data.setdefault(section, []).extend(entries)
        else:
            data.setdefault(section, {}).update(entries)


def _hash(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in files.items():
        whole.update(f"{name} {len(content)}\n".encode() + content)
    return whole.hexdigest()[:32]
