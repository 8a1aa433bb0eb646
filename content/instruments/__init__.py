"""Instruments: one TOML file each, with its wording, licence, credit, recall window, scoring and source.

A clinic may add its own beside the shipped ones; one that needs a licence is used only where the clinic says that it
holds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from content.files import problem_at, problems_of, readable_text_of
from content.instruments.shape import File, keys_of
from rules.instrument import Instrument
from rules.protocol import Problem, ProtocolError, toml_in

_SHIPPED = Path(__file__).resolve().parent
_own: dict[str, Instrument] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A clinic's own instruments by id, those that can be asked; and all that is wrong with the others."""

    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


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


def read_folder(folder: Path, licensed: Collection[str] = ()) -> Own:
    """A clinic's own instruments; `licensed` are those whose licence it says that it holds."""
    found: dict[str, Instrument] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            instrument = read(path, taken={**shipped(), **found}, licensed=licensed)
            found[instrument.id] = instrument
        except ProtocolError as error:
            problems += error.problems
    return Own(instruments=found, problems=tuple(problems))


def read(path: Path, *, taken: Collection[str] = (), licensed: Collection[str] | None = None) -> Instrument:
    """The instrument in a file; raises ProtocolError with all that is wrong in it.

    `taken` are ids that it may not have; with `licensed` given, one that needs a licence must be among them.
    """
    text, source = readable_text_of(path), str(path)
    data = toml_in(text, source)
    try:
        instrument = File.model_validate(data).instrument()
    except ValidationError as error:
        raise ProtocolError(problems_of(text, source, error, keys_of)) from None
    if instrument.id in taken:
        sentence = f"there is an instrument {instrument.id!r} already"
        raise ProtocolError((problem_at(text, source, ("id",), sentence, "give it another id"),))
    if instrument.needs_licence and licensed is not None and instrument.id not in licensed:
        sentence = f"{instrument.id!r} needs a licence ({instrument.licence.rstrip('.')})"
        mend = f"if the clinic holds it, add {instrument.id!r} to instruments.licensed"
        raise ProtocolError((problem_at(text, source, ("needs_licence",), sentence, mend),))
    return instrument
