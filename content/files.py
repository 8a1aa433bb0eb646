"""The files of a clinic's own: written with any editor, so each thing wrong is told with its line, key and mend."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from content.mends import sentence_and_mend
from rules.protocol import Problem, ProtocolError, nearest, path_of
from rules.protocol.places import Path as Place
from rules.protocol.places import line_of, lines_of

Known = Callable[[Place], Sequence[str]]


def text_of(path: Path) -> str:
    """The text of a UTF-8 file, without the byte order mark in front. Raises OSError, UnicodeDecodeError."""
    return path.read_text(encoding="utf-8-sig")


def toml_of(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises OSError, and ValueError for whatever is no TOML."""
    try:
        return tomllib.loads(text_of(path))
    except RecursionError:
        raise ValueError("its brackets are too deep") from None


def readable_text_of(path: Path) -> str:
    """The text of a UTF-8 file; raises ProtocolError, with the mend, where there is none to read."""
    try:
        return text_of(path)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise broken(path, line, "this is no UTF-8 text", "save the file with the encoding UTF-8") from None
    except OSError as error:
        sentence = f"it cannot be read ({error.strerror})"
        raise broken(path, 1, sentence, "give a file that this account may read") from None


def broken(path: Path, line: int, sentence: str, mend: str, key: str = "") -> ProtocolError:
    """The error for one problem of a file."""
    return ProtocolError((Problem(source=str(path), line=line, key=key, sentence=sentence, mend=mend),))


def problem_at(text: str, source: str, place: Place, sentence: str, mend: str) -> Problem:
    """A problem with a key of a text: on its line, or on that of the table in which it should stand."""
    key = ".".join(str(step) for step in place)
    return Problem(source=source, line=line_of(lines_of(text), place), key=key, sentence=sentence, mend=mend)


def problems_of(text: str, source: str, error: ValidationError, known: Known) -> tuple[Problem, ...]:
    """Each thing that pydantic found wrong in a TOML text; `known` are the keys of the table in which one stands."""
    found = set()
    for each in error.errors():
        place = path_of(each)
        if each["type"] == "extra_forbidden":
            said = f"there is no key {place[-1]!r}", nearest(str(place[-1]), [*known(place)])
        else:
            said = sentence_and_mend(each)
        found.add(problem_at(text, source, place, *said))
    return tuple(sorted(found, key=lambda each: (each.line, each.key)))


def told(problem: Problem) -> tuple[str, str]:
    """The sentence that says what is wrong and where, and its mend."""
    return f"{problem.source}:{problem.line}: {problem.key or 'the file'}: {problem.sentence}.", problem.mend
