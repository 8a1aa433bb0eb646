"""On which line of a TOML text a key stands, so that a problem can be shown where it is."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=(.*)")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_LONG_TEXT = ('"""', "'''")

Path = tuple[str | int, ...]


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table and every key of a valid TOML text; elements of [[x]] by their place.

    So are the inline tables of an array that have a line of their own; of their keys look up the nearest path above.
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    array: Path = ()
    closing, depth = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        if closing:
            closing = "" if closing in line else closing
        elif depth:
            if depth == 1 and line.lstrip().startswith("{"):
                counts[array] = counts.get(array, -1) + 1
                lines[(*array, counts[array])] = number
            depth += _opened(line)
        elif header := _HEADER.fullmatch(line):
            table = _table(header, counts)
            lines[table] = number
            if isinstance(table[-1], int):
                lines.setdefault(table[:-1], number)
        elif key := _KEY.match(line):
            array = table + _names(key[1])
            lines[array] = number
            closing = next((mark for mark in _LONG_TEXT if key[2].count(mark) == 1), "")
            depth = 0 if closing else _opened(key[2])
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest one above it that has a line; 1 if none has."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _opened(value: str) -> int:
    """How many more brackets are opened than closed, outside of texts and comments."""
    bare = _TEXT.sub("", value).partition("#")[0]
    return bare.count("[") - bare.count("]")


def _table(header: re.Match[str], counts: dict[Path, int]) -> Path:
    path: Path = ()
    *above, last = _names(header[2])
    for name in above:
        path = (*path, name)
        path = (*path, counts[path]) if path in counts else path
    path = (*path, last)
    if header[1] == "[":
        return path
    counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path])


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
