"""From the text of a protocol file to a protocol, with every problem told by its line, its key and its mend."""

from __future__ import annotations

import difflib
import json
import re
import textwrap
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import ErrorDetails

from rules.durations import format_duration
from rules.local_time import Hours, format_hours
from rules.protocol.escalation import Escalation
from rules.protocol.fields import INSTRUMENTS, one_or_more
from rules.protocol.inheriting import inherit, own_path
from rules.protocol.places import Path, line_of, lines_of
from rules.protocol.thresholds import Thresholds
from rules.protocol.values import Protocol, Slot

_BENT = re.compile("[“”„‘’«»]")  # quotes as word processors write them
_FILE: TypeAdapter[Protocol] = TypeAdapter(Protocol)
_KEYS = {
    "": ["slot" if name == "slots" else name for name in Protocol.__dataclass_fields__] + ["extends", "without"],
    "slot": list(Slot.__dataclass_fields__),
    "thresholds": list(Thresholds.__dataclass_fields__),
    "escalation": list(Escalation.__dataclass_fields__),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in a file: where (line from 1, dotted key), what, and what mends it, which is told apart."""

    source: str
    line: int
    key: str
    sentence: str
    mend: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.key or 'the file'}: {self.sentence}"


class ProtocolError(Exception):
    """A protocol, or another file of the clinic's, that cannot be used: carries every problem found in it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(each) for each in problems))
        self.problems = problems


def parse(
    text: str, source: str, *, instruments: Collection[str] = (), bases: Mapping[str, Protocol] | None = None
) -> Protocol:
    """The protocol that `text` says; raises ProtocolError with all its problems.

    `source` names the text in problems, `instruments` are those that the clinic added, `bases` what it may extend.
    """
    data = toml_in(text, source)
    try:
        whole = inherit(data, {name: as_data(base) for name, base in (bases or {}).items()})
    except LookupError as error:
        key, sentence, mend = error.args
        raise ProtocolError((_at(text, source, (key,), sentence, mend),)) from None
    try:
        return from_data(whole, instruments=instruments)
    except ValidationError as error:
        found = [_problem(text, source, _own(data, whole, each), each) for each in error.errors()]
        raise ProtocolError(tuple(sorted(set(found), key=lambda each: (each.line, each.key)))) from None


def line_in(text: str, protocol: Protocol, key: str, or_key: str = "") -> int:
    """The line, counted from 1, on which the file that was read as `protocol` says `key`, a dotted one.

    Where the file inherits that: the line of `or_key`, if it has that one.
    """
    path = tuple(int(step) if step.isdigit() else step for step in key.split("."))
    return line_of(lines_of(text), own_path(tomllib.loads(text), as_data(protocol), path, or_key))


def as_data(protocol: Protocol) -> dict[str, Any]:
    """The protocol as plain JSON values, in the words of its file; what `from_data` reads as the same protocol."""
    data: dict[str, Any] = _FILE.dump_python(protocol, mode="json", exclude_none=True)
    data.setdefault("quiet_hours", [])
    data["slot"] = [_without_empty(slot) for slot in data.pop("slots")]
    return data


def from_data(data: Mapping[str, Any], *, instruments: Collection[str] = ()) -> Protocol:
    """The protocol of plain values; raises pydantic's ValidationError."""
    context = {"instruments": INSTRUMENTS | frozenset(instruments)}
    return _FILE.validate_python(dict(data), context=context, by_alias=True, by_name=False)


def schema(instruments: Collection[str] = ()) -> dict[str, Any]:
    """The JSON Schema of a protocol file, for editors; a file that extends another may leave out all but its id.

    `instruments` are those that the clinic added.
    """
    found = _FILE.json_schema(by_alias=True, schema_generator=_InTheWordsOfTheFile)
    named = one_or_more({"enum": sorted(INSTRUMENTS | frozenset(instruments))})
    found["$defs"]["Slot"]["properties"] |= {"asks": named, "optional": named}
    found["properties"] |= {"extends": {"type": "string"}, "without": {"type": "array", "items": {"type": "string"}}}
    whole = sorted({*found.pop("required")} - {"id"})
    found["$defs"]["Slot"]["required"] = ["name"]
    return {**found, "required": ["id"], "anyOf": [{"required": whole}, {"required": ["extends"]}]}


class _InTheWordsOfTheFile(GenerateJsonSchema):
    """Defaults as they would be written, so that an editor may fill them in."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return format_duration(dft)
        return format_hours(dft) if isinstance(dft, Hours) else super().encode_default(dft)


def _without_empty(slot: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in slot.items() if value not in ("", [])}


def toml_in(text: str, source: str) -> dict[str, Any]:
    """What a TOML text says; raises ProtocolError with the line on which it is broken."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)|\(at end of document\)", str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        sentence = str(error).partition(" (at ")[0]
        bent = bool(_BENT.search(text.split("\n")[line - 1]))
        raise ProtocolError((_broken(source, line, sentence, bent=bent),)) from None
    except RecursionError:
        raise ProtocolError((_broken(source, 1, "its brackets are too deep"),)) from None


def _broken(source: str, line: int, sentence: str, *, bent: bool = False) -> Problem:
    mend = f"mend the TOML there: text in {'straight ' * bent}quotes, one key = value a line"
    return Problem(source=source, line=line, key="", sentence=f"this is no TOML: {sentence}", mend=mend)


def _own(data: Mapping[str, Any], whole: Mapping[str, Any], error: ErrorDetails) -> Path:
    return own_path(data, whole, path_of(error), str(error.get("ctx", {}).get("or_key", "")))


def path_of(error: ErrorDetails) -> Path:
    """The key to blame, in the words of the file; steps that pydantic names for itself (kinds of a union) go."""
    path = [*error["loc"]]
    named = str(error.get("ctx", {}).get("key", ""))
    path += [int(step) if step.isdigit() else step for step in named.split(".") if step]
    return tuple(step for step in path if isinstance(step, int) or re.fullmatch(r"[^\[\]()|]+", step))


def _problem(text: str, source: str, path: Path, error: ErrorDetails) -> Problem:
    return _at(text, source, path, *_words(path, error))


def _at(text: str, source: str, path: Path, sentence: str, mend: str) -> Problem:
    key = ".".join(str(step) for step in path)
    return Problem(source=source, line=line_of(lines_of(text), path), key=key, sentence=sentence, mend=mend)


def _words(path: Path, error: ErrorDetails) -> tuple[str, str]:
    """What is wrong and what mends it."""
    last, context = str(path[-1]) if path else "", error.get("ctx", {})
    if error["type"] == "problem":
        return str(context["sentence"]), str(context["mend"])
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"{last!r} is no key of a protocol", nearest(last, _KEYS[_table_of(path)])
    if error["type"] in ("missing", "missing_argument"):
        return (
            f"{last!r} is missing",
            "add a [[slot]] for each thing that is asked" if last == "slot" else f"add {last} = …",
        )
    if path[:1] == ("slot",) and error["type"] in ("tuple_type", "dataclass_type"):
        return "a slot is a table of its own", "write [[slot]], in two brackets, above the keys of each"
    if error["type"] == "string_pattern_mismatch":
        return f"{error['input']!r} is no name", "write small letters, digits and hyphens, 40 at most"
    given = json.dumps(error["input"], ensure_ascii=False, default=str)
    return f"{textwrap.shorten(given, 60, placeholder=' …')} does not fit here", error["msg"][:1].lower() + error[
        "msg"
    ][1:]


def _table_of(path: Path) -> str:
    return str(path[0]) if len(path) > 1 and path[0] in _KEYS else ""


def nearest(key: str, known: list[str]) -> str:
    """The mend of a key that nobody knows: the one that was perhaps meant, or all that there are."""
    close = difflib.get_close_matches(key, known, n=1)
    if close == ["slot"]:
        return "write [[slot]]"
    return f"write {close[0]}" if close else f"drop it, or choose from {', '.join(known)}"
