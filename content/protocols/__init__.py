"""The shipped protocols, and those of a clinic's own folder beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from content import instruments
from content.files import broken, readable_text_of, toml_of
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
        raise broken(folder, 1, "there is no such folder", "make it, or mend `protocols.path`")
    problems: list[Problem] = []
    own: dict[str, Protocol] = {}
    heads = {path: _head(path) for path in sorted(folder.glob("*.toml"))}
    for path in _bases_first(heads):
        try:
            protocol = read(path, bases={**known, **own})
            _refuse_second(protocol, path, own)
            own[protocol.id] = protocol
        except ProtocolError as error:
            problems += [_explained(each, path, heads) for each in error.problems]
    if problems:
        raise ProtocolError(tuple(problems))
    return {**known, **own}


def read(path: Path, *, bases: Mapping[str, Protocol] | None = None) -> Protocol:
    """The protocol in the file at `path`, which may extend a shipped one or one of `bases`; raises ProtocolError."""
    text = readable_text_of(path)
    known = shipped() if bases is None else dict(bases)
    name, extends = _head(path)
    if name == extends and name in shipped():  # it stands in for the one that it extends, and never upon itself
        known[name] = shipped()[name]
    return parse(text, str(path), instruments=instruments.load(), bases=known)


def _refuse_second(protocol: Protocol, path: Path, own: Mapping[str, Protocol]) -> None:
    if protocol.id in own:
        raise broken(path, 1, f"another file has the id {protocol.id!r} too", "give each its own", "id")


def _explained(problem: Problem, path: Path, heads: Mapping[Path, tuple[str, str]]) -> Problem:
    """Why a protocol that is extended is not there although the folder has a file of it, if that is the problem."""
    name, extends = heads[path]
    files = {each: file for file, (each, _) in heads.items()}
    if problem.key != "extends" or extends not in files:
        return problem
    if _leads_back(name, dict(heads.values())):
        sentence = f"it extends {extends!r}, which extends it in turn" if extends != name else "it extends itself"
        return replace(problem, sentence=sentence, mend=f"let it extend a shipped one: {', '.join(sorted(shipped()))}")
    sentence = f"it extends {extends!r}, whose file {files[extends].name} has problems of its own"
    return replace(problem, sentence=sentence, mend="mend that file first")


def _leads_back(name: str, extends: Mapping[str, str]) -> bool:
    """Whether what a protocol extends, and what that extends, and so on, comes to the protocol itself."""
    at = extends.get(name, "")
    for _ in extends:
        if at == name:
            return True
        at = extends.get(at, "")
    return False


def _bases_first(heads: Mapping[Path, tuple[str, str]]) -> list[Path]:
    """Each file after the one that it extends, so that a clinic may build on its own; files in a circle come last."""
    ordered: list[Path] = []
    while left := [path for path in heads if path not in ordered]:
        waiting = [heads[path][0] for path in left]
        ordered += [path for path in left if _stands_alone(heads[path], waiting)] or left
    return ordered


def _stands_alone(head: tuple[str, str], waiting: list[str]) -> bool:
    name, extends = head
    return not extends or extends == name or extends not in waiting


def _head(path: Path) -> tuple[str, str]:
    """The id of a file and that of the protocol that it extends, as they stand there."""
    try:
        data = toml_of(path)
    except (OSError, ValueError):
        return "", ""
    return str(data.get("id", "")), str(data.get("extends", ""))
