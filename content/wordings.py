"""A clinic's own wordings: LANGUAGE.toml files with some of the shipped keys, each checked; what fails is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.files import toml_of
from content.lengths import longest
from content.messages import LANGUAGES, is_formatted, keys, placeholders, placeholders_in

WHOLE = "crisis."  # a sentence in which every figure must stand: the lines, the number to call


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """What can be said, by language and key; and of each that cannot, a sentence and its mend."""

    texts: Mapping[tuple[str, str], str]
    problems: tuple[tuple[str, str], ...] = ()


class _Unfit(Exception):
    """Why a wording cannot be used, and the mend."""


def read(folder: Path | None) -> Wordings:
    """The wordings in a folder. Never fails: where one is unfit, the shipped sentence stands."""
    if folder is None:
        return Wordings(texts={})
    if not folder.is_dir():
        return Wordings(texts={}, problems=((f"There is no folder {folder}.", "make it, or mend `messages.path`"),))
    texts: dict[tuple[str, str], str] = {}
    problems: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            for key, sentence in _sentences(path):
                try:
                    texts[path.stem, key] = _fit(path.stem, key, sentence)
                except _Unfit as unfit:
                    problems.append((f"{path}: {key} {unfit.args[0]}; the shipped sentence stands.", unfit.args[1]))
        except _Unfit as unfit:
            problems.append((f"{path} {unfit.args[0]}; the shipped sentences stand.", unfit.args[1]))
    return Wordings(texts=texts, problems=tuple(problems))


def _sentences(path: Path) -> Iterator[tuple[str, Any]]:
    if path.stem not in LANGUAGES:
        raise _Unfit("is no language", f"name the file after one of: {', '.join(LANGUAGES)}")
    try:
        sections = toml_of(path)
    except (OSError, ValueError) as error:
        raise _Unfit(f"cannot be read ({error})", "mend that line, and let this user read the file") from None
    for section, sentences in sections.items():
        if not isinstance(sentences, dict):
            raise _Unfit(f"has a key {section!r} outside a section", "put it under [patient], [crisis] or [staff]")
        yield from ((f"{section}.{key}", sentence) for key, sentence in sentences.items())


def _fit(language: str, key: str, sentence: Any) -> str:
    """The sentence, if it can stand in for the shipped one. Raises _Unfit."""
    if key not in keys(language):
        raise _Unfit("is no sentence of ours", "see `fortnight content review` for the keys")
    if not isinstance(sentence, str) or not sentence.strip():
        raise _Unfit("is no text", 'write it in quotes: key = "…"')
    if len(sentence) > longest(key):
        raise _Unfit(f"has {len(sentence)} characters", f"use {longest(key)} at most")
    try:
        found = placeholders_in(sentence)
    except ValueError:
        raise _Unfit("has a brace that does not close", "write {name}, or {{ for a brace itself") from None
    if is_formatted(sentence):
        raise _Unfit("has a figure with a format of its own", "write only its name in the braces: {name}")
    known = placeholders(language, key)
    if found - known:
        raise _Unfit(f"has {{{min(found - known)}}}, which nothing fills", f"use only: {_named(known)}")
    if key.startswith(WHOLE) and known - found:
        raise _Unfit(f"lacks {{{min(known - found)}}}", f"a crisis text needs all of: {_named(known)}")
    return sentence


def _named(placeholders: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(placeholders)) or "no placeholder"
