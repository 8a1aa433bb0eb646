"""What is wrong with a value in a file, and what mends it: in plain words, in place of those of the library."""

from __future__ import annotations

from pydantic_core import ErrorDetails

_KINDS = {
    "string": ("this is no text", 'write text in quotes: "…"'),
    "int": ("this is no whole number", "write a whole number without quotes, such as 2"),
    "float": ("this is no number", "write a number without quotes, such as 2.5"),
    "bool": ("this is neither true nor false", "write true or false, without quotes"),
    "tuple": ("this is no list", "write a list in square brackets: [ … ]"),
    "list": ("this is no list", "write a list in square brackets: [ … ]"),
    "dict": ("this is no table", "write a table with a key for each of its values"),
    "model": ("this is no table", "write a table with a key for each of its values"),
    "path": ("this is no path", 'write the path in quotes: "folder/file"'),
    "date": ("this is no date", "write year, month and day, such as 2026-11-20"),
}


def sentence_and_mend(error: ErrorDetails) -> tuple[str, str]:
    """What is wrong and what mends it, for an error of pydantic's; the value itself is never said, it may be secret."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "problem":
        return str(context["sentence"]), str(context["mend"])
    if kind == "missing":
        last = error["loc"][-1]
        return (
            (f"{last!r} is missing", f"add {last} = …") if isinstance(last, str) else ("a value is missing", "add it")
        )
    if kind == "value_error":
        return _split(str(context["error"]))
    if kind == "literal_error":
        return "this is none of the words that may stand here", f"write one of: {context['expected']}"
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        return "this is too short or too long", _should(error["msg"])
    known = None if kind == "string_pattern_mismatch" else _KINDS.get(kind.partition("_")[0])
    return known or ("this does not fit here", _should(error["msg"]))


def _split(said: str) -> tuple[str, str]:
    """Our own errors are a sentence, a colon and the mend."""
    sentence, colon, mend = said.rpartition(": ")
    return (sentence, mend) if colon else (said, "write it as in the shipped example")


def _should(said: str) -> str:
    words = said.partition(" should ")[2]
    return f"it should {words}" if words else said[:1].lower() + said[1:]
