"""Instruments: one TOML file each, with its wording, licence, credit, recall window, scoring and source.

A clinic may add its own beside the shipped ones; one that needs a licence is used only where the clinic says that it
holds it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from content.files import toml_of
from rules.instrument import Instrument, Item, Option

LANGUAGES = ("en", "es")  # what an instrument must be worded in: a patient may read either
LONGEST_NAME, LONGEST_ANSWER = 23, 28  # characters of instrument/item and of it with /value: a button has 64 bytes
MOST_OPTIONS = 24
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*")
_SHIPPED = Path(__file__).resolve().parent
_own: dict[str, Instrument] = {}


def load() -> Mapping[str, Instrument]:
    """The instruments in use by id: the shipped ones, and the clinic's own."""
    return MappingProxyType({**shipped(), **_own})


@cache
def shipped() -> Mapping[str, Instrument]:
    """The instruments that come with the product, by id."""
    found = (read(path) for path in sorted(_SHIPPED.glob("*.toml")))
    return MappingProxyType({instrument.id: instrument for instrument in found})


def use(own: Mapping[str, Instrument]) -> None:
    """Use a clinic's own instruments from now on, in place of those used before."""
    _own.clear()
    _own.update(own)


def read_folder(folder: Path | None, licensed: Collection[str] = ()) -> Mapping[str, Instrument]:
    """A clinic's own instruments by id; `licensed` are those whose licence it says that it holds.

    Raises ValueError with the file, what is wrong and the mend.
    """
    if folder is None:
        return {}
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}: make it, or mend instruments.path")
    found: dict[str, Instrument] = {}
    for path in sorted(folder.glob("*.toml")):
        instrument = read(path)
        _refuse_unaskable(path, instrument)
        _refuse(path, instrument, taken={**shipped(), **found}, licensed=licensed)
        found[instrument.id] = instrument
    return found


def _refuse(path: Path, instrument: Instrument, *, taken: Collection[str], licensed: Collection[str]) -> None:
    if instrument.id in taken:
        raise ValueError(f"{path.name}: there is an instrument {instrument.id!r} already: give it another id")
    if missing := [each for each in LANGUAGES if each not in instrument.languages]:
        raise ValueError(f"{path.name}: it has no wording in {missing[0]!r}: add it, for a patient may read either")
    if instrument.needs_licence and instrument.id not in licensed:
        raise ValueError(
            f"{path.name}: {instrument.id!r} needs a licence ({instrument.licence}): "
            f"if the clinic holds it, add {instrument.id!r} to instruments.licensed"
        )


def _refuse_unaskable(path: Path, instrument: Instrument) -> None:
    """What no message could ask: nothing, or more than a button carries."""
    if not instrument.items:
        raise ValueError(f"{path.name}: it asks nothing: add an [[item]]")
    for item in instrument.items:
        name, longest = f"{instrument.id}/{item.id}", max((len(str(each.value)) for each in item.options), default=0)
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME or len(name) + longest >= LONGEST_ANSWER:
            raise ValueError(
                f"{path.name}: {name!r} does not fit on a button: "
                f"write ids of small letters, digits and hyphens, {LONGEST_NAME - 1} of them in both together at most"
            )
        if len(item.options) > MOST_OPTIONS:
            raise ValueError(f"{path.name}: {name!r} has {len(item.options)} answers: offer {MOST_OPTIONS} at most")


def read(path: Path) -> Instrument:
    """The instrument in a file; raises ValueError with the file, what is wrong in it and the mend."""
    try:
        return parse(toml_of(path))
    except KeyError as error:
        raise ValueError(f"{path.name} does not say {error}: add it") from None
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror}): let this account read it") from None
    except (TypeError, AttributeError, OverflowError):
        raise ValueError(f"{path.name}: something in it is of the wrong kind: lay it beside a shipped one") from None
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
        needs_licence=data.get("needs_licence", False),
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
        if not 0 < high - low < MOST_OPTIONS:
            raise ValueError(f"{data['scale']!r} is no scale: write the lowest and the highest value, such as [0, 10]")
        return tuple(Option(value=n, labels=dict.fromkeys(languages, str(n))) for n in range(low, high + 1))
    if "choices" not in data:
        return ()
    options = tuple(Option(value=each["value"], labels=_texts(each, languages)) for each in choices[data["choices"]])
    if len({option.value for option in options}) < len(options):
        raise ValueError(f"two choices of {data['choices']!r} have the same value: give each its own")
    return options


def _texts(data: Mapping[str, Any], languages: tuple[str, ...]) -> Mapping[str, str]:
    return MappingProxyType({language: data[language] for language in languages})
