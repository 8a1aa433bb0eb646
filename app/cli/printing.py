"""What a command shows: a JSON document for programs, words and tables for people, and errors with their mend."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from services.errors import Refused

WHY_NOT: Mapping[type[Exception], str] = {
    FileNotFoundError: "there is no such file",
    PermissionError: "this user may not",
    IsADirectoryError: "it is a folder",
    NotADirectoryError: "a part of its path is no folder",
    UnicodeDecodeError: "it is no text in UTF-8",
}
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:\+00:00)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The result of a command; `raw` is a file's text, printed as it is. `code` is what the process exits with."""

    document: Any
    people: RenderableType | None = None
    raw: str | None = None
    code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Why a command failed, and what to do about it. `code`: 2 for the user's own mistake, 1 otherwise."""

    error: str
    mend: str
    code: int = 1


def show(shown: Shown, *, as_json: bool) -> None:
    """Print a result on standard output."""
    if as_json:
        print_json(shown.document)
    elif shown.raw is not None:
        sys.stdout.write(shown.raw)
    elif shown.people is not None:
        Console(soft_wrap=True).print(shown.people)


def print_json(document: Any) -> None:
    """Print one JSON document on a line of its own."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def complain(complaint: Complaint, *, as_json: bool) -> None:
    """Print a failure on standard error."""
    if as_json:
        sys.stderr.write(json.dumps({"error": complaint.error, "mend": complaint.mend}, ensure_ascii=False) + "\n")
        return
    console = Console(stderr=True, soft_wrap=True)
    console.print(Text.assemble((complaint.error, "bold red")))
    console.print(Text.assemble(("→ ", "dim"), complaint.mend))


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, empty: str) -> RenderableType:
    """Rows as a table with the given columns (key → heading), or a sentence when there are none."""
    if not rows:
        return empty
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for heading in columns.values():
        shown.add_column(heading, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(_cell(row[key])) for key in columns))
    return shown


def written(path: Path, content: str | bytes) -> None:
    """Write a document to a file. Raises Refused."""
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except FileNotFoundError:
        mend = "make the folder first, or name a file in one that is there"
        raise Refused(f"{path} cannot be written: there is no folder {path.parent}.", mend) from None
    except OSError as error:
        raise Refused(f"{path} cannot be written: {why_not(error)}.", "name a file that this user may write") from None


def why_not(error: OSError | UnicodeDecodeError) -> str:
    """Why a file could not be read or written, in words that fit into a sentence."""
    plain = next((words for kind, words in WHY_NOT.items() if isinstance(error, kind)), None)
    return plain or str(getattr(error, "strerror", None) or type(error).__name__)


def counted(number: int, one: str, many: str = "") -> str:
    """How many there are of something: "1 infusion", "2 infusions"; `many` where it does not only take an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def as_written(text: str) -> str:
    """What somebody wrote, without the control characters that could play with a terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text)


def _cell(value: Any) -> str:
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    instant = _INSTANT.fullmatch(str(value))
    return f"{instant[1]} {instant[2]}" if instant else str(value)
