"""The shipped instruments: one TOML file each, with its wording, licence, credit, recall window, scoring and source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rules.instrument import Instrument, Item, Option

_SHIPPED = Path(__file__).resolve().parent


@cache
def load() -> Mapping[str, Instrument]:
    """The shipped instruments by id."""
    found = (read(path) for path in sorted(_SHIPPED.glob("*.toml")))
    return MappingProxyType({instrument.id: instrument for instrument in found})


def read(path: Path) -> Instrument:
    """The instrument in a file; raises ValueError with the file, what is wrong in it and the mend."""
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except KeyError as error:
        raise ValueError(f"{path.name} does not say {error}: add it") from None
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def parse(data: Mapping[str, Any]) -> Instrument:
    """The instrument that a file describes; raises KeyError for what is missing, ValueError for what is wrong."""
    languages = tuple(data["languages"])
    items = tuple(_item(each, data.get("choices", {}), languages) for each in data["item"])
    ids = [item.id for item in items]
    if len(set(ids)) < len(ids):
        raise ValueError("two items have the same id: give each its own")
    if data["scoring"] not in ("sum", "none"):
        raise ValueError(f"{data['scoring']!r} is no scoring: write sum or none")
    return Instrument(
        id=data["id"],
        titles=_texts(data["titles"], languages),
        items=items,
        recall=_texts(data["recall"], languages),
        scoring=data["scoring"],
        bands=tuple(data.get("bands", ())),
        licence=data["licence"],
        credit=data["credit"],
        source=data["source"],
        languages=languages,
    )


def _item(data: Mapping[str, Any], choices: Mapping[str, Any], languages: tuple[str, ...]) -> Item:
    return Item(
        id=data["id"],
        texts=_texts(data, languages),
        options=_options(data, choices, languages),
        optional=data.get("optional", False),
    )


def _options(data: Mapping[str, Any], choices: Mapping[str, Any], languages: tuple[str, ...]) -> tuple[Option, ...]:
    """The numbers of a scale, a named list of choices, or nothing for free words."""
    if "scale" in data:
        low, high = data["scale"]
        return tuple(Option(value=n, labels=dict.fromkeys(languages, str(n))) for n in range(low, high + 1))
    if "choices" not in data:
        return ()
    options = tuple(Option(value=each["value"], labels=_texts(each, languages)) for each in choices[data["choices"]])
    if len({option.value for option in options}) < len(options):
        raise ValueError(f"two choices of {data['choices']!r} have the same value: give each its own")
    return options


def _texts(data: Mapping[str, Any], languages: tuple[str, ...]) -> Mapping[str, str]:
    return MappingProxyType({language: data[language] for language in languages})
