"""The shipped protocols, and those of a clinic's own folder beside them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from content import instruments
from rules.protocol import Problem, Protocol, ProtocolError, parse

_SHIPPED = Path(__file__).parent


def shipped() -> dict[str, Protocol]:
    """The protocols that come with the product, by id."""
    found = (parse(path.read_text("utf-8"), path.name) for path in sorted(_SHIPPED.glob("*.toml")))
    return {protocol.id: protocol for protocol in found}


def load(folder: Path | None = None) -> dict[str, Protocol]:
    """The shipped protocols and those of `folder`, by id; a clinic's file may take a shipped one's id, or extend one.

    Raises ProtocolError with the problems of all files; a folder that does not exist is one.
    """
    known = shipped()
    if folder is None:
        return known
    if not folder.is_dir():
        raise ProtocolError((_missing(folder),))
    problems: list[Problem] = []
    own: dict[str, Protocol] = {}
    for path in _bases_first(sorted(folder.glob("*.toml"))):
        try:
            protocol = read(path, bases={**known, **own})
            _refuse_second(protocol, path, own)
            own[protocol.id] = protocol
        except ProtocolError as error:
            problems += error.problems
    if problems:
        raise ProtocolError(tuple(problems))
    return {**known, **own}


def read(path: Path, *, bases: Mapping[str, Protocol] | None = None) -> Protocol:
    """The protocol in the file at `path`, which may extend a shipped one or one of `bases`; raises ProtocolError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mend = "give a UTF-8 text file that this account may read"
        broken = Problem(source=str(path), line=1, key="", sentence=f"it cannot be read ({error})", mend=mend)
        raise ProtocolError((broken,)) from None
    return parse(text, str(path), instruments=instruments.load(), bases=shipped() if bases is None else bases)


def _missing(folder: Path) -> Problem:
    sentence, mend = "there is no such folder", "make it, or mend `protocols.path`"
    return Problem(source=str(folder), line=1, key="", sentence=sentence, mend=mend)


def _refuse_second(protocol: Protocol, path: Path, own: Mapping[str, Protocol]) -> None:
    if protocol.id in own:
        sentence, mend = f"another file has the id {protocol.id!r} too", "give each its own"
        raise ProtocolError((Problem(source=str(path), line=1, key="id", sentence=sentence, mend=mend),))


def _bases_first(paths: list[Path]) -> list[Path]:
    """Files that extend nothing before those that extend, so that a clinic may build on its own."""
    return sorted(paths, key=lambda path: (_extends(path), path))


def _extends(path: Path) -> bool:
    try:
        return "extends" in tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
