"""Reads the parameters of a call: JSON gives values of their type, a form gives strings that hold JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.errors import bad_request

Json = dict[str, Any]
Params = Mapping[str, Any]


def text(params: Params, name: str) -> str:
    """A text; empty when it was not given."""
    value = params.get(name)
    return "" if value is None else str(value)


def integer(params: Params, name: str, default: int = 0) -> int:
    """A whole number, also when it was written as a string; what is none counts as not given, as Telegram has it."""
    try:
        return int(params.get(name, default))
    except (TypeError, ValueError):
        return default


def flag(params: Params, name: str) -> bool:
    """A truth, also when it was written as a string."""
    return params.get(name) in (True, 1, "true", "True", "1")


def structure(params: Params, name: str) -> Any:
    """A list or an object, also when it was written as a string of JSON; None when it was not given."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


def objects(params: Params, name: str) -> list[Json]:
    """A list of objects; empty when it was not given."""
    value = structure(params, name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
    return value
