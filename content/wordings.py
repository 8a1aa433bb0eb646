"""A clinic's own wordings: LANGUAGE.toml files with some of the shipped keys, each checked; what fails is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from content.files import problem_at, readable_text_of
from content.lengths import longest
from content.messages import LANGUAGES, is_formatted, keys, placeholders, placeholders_in
from content.reading_level import too_hard
from rules.protocol import Problem, ProtocolError, toml_in
from rules.protocol.places import line_of, lines_of

WHOLE = "crisis."  # a sentence in which every figure must stand
VITAL = frozenset({"emergency", "lines"})  # whom to call in danger: wherever the shipped sentence has them
FOR_PATIENTS = ("patient.", "crisis.")
PLAINER = "use shorter sentences and shorter words"
Key = tuple[str, str]  # language and key


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """What can be said, by language and key, and in which file and line; and what is wrong with those that cannot."""

    texts: Mapping[Key, str] = field(default_factory=dict)
    places: Mapping[Key, tuple[str, int]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


class _Unfit(Exception):
    """Why a wording cannot be used, and the mend."""


def read(folder: Path) -> Wordings:
    """The wordings in a folder. Never fails: where one is unfit, the shipped sentence stands."""
    texts: dict[Key, str] = {}
    places: dict[Key, tuple[str, int]] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            for found in _sentences(path):
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    key, texts[key], places[key] = found
        except ProtocolError as error:
            problems += [replace(each, sentence=f"{each.sentence}; the shipped ones stand") for each in error.problems]
    return Wordings(texts=texts, places=places, problems=tuple(problems))


def hard_to_read(own: Wordings) -> tuple[Problem, ...]:
    """The sentences for patients that are said, though they are above the level that ours keep to."""
    return tuple(
        Problem(source=own.places[found][0], line=own.places[found][1], key=found[1], sentence=why, mend=PLAINER)
        for found, sentence in own.texts.items()
        if found[1].startswith(FOR_PATIENTS) and (why := too_hard(found[0], sentence)) is not None
    )


def _sentences(path: Path) -> Iterator[Problem | tuple[Key, str, tuple[str, int]]]:
    """Each sentence of a file with its place, or what is wrong with it. Raises ProtocolError for the whole file."""
    text, source = readable_text_of(path), str(path)
    language, sections, lines = path.stem, toml_in(text, source), lines_of(text)
    if language not in LANGUAGES:
        mend = f"name the file after one of: {', '.join(LANGUAGES)}"
        raise ProtocolError((problem_at(text, source, (), f"{language!r} is no language", mend),))
    for section, sentences in sections.items():
        if not isinstance(sentences, dict):
            mend = "put it under [patient], [crisis] or [staff]"
            yield problem_at(text, source, (section,), "this key stands outside a section", mend)
            continue
        for key, sentence in sentences.items():
            try:
                fit = _fit(language, f"{section}.{key}", sentence)
                yield (language, f"{section}.{key}"), fit, (source, line_of(lines, (section, key)))
            except _Unfit as unfit:
                said = f"{unfit.args[0]}; the shipped sentence stands"
                yield problem_at(text, source, (section, key), said, unfit.args[1])


def _fit(language: str, key: str, sentence: Any) -> str:
    """The sentence, if it can stand in for the shipped one. Raises _Unfit."""
    if key not in keys(language):
        raise _Unfit("this is no sentence of ours", "see `fortnight content review` for the keys")
    if not isinstance(sentence, str):
        raise _Unfit("this is no text", 'write it in quotes: key = "…"')
    if not sentence.strip():
        raise _Unfit("nothing is written here", "write the sentence between the quotes, or drop the line")
    if len(sentence) > longest(key):
        raise _Unfit(f"this has {len(sentence)} characters", f"use {longest(key)} at most")
    try:
        found = placeholders_in(sentence)
    except ValueError:
        raise _Unfit("a brace does not close", "write {name}, or {{ for a brace itself") from None
    if is_formatted(sentence):
        raise _Unfit("a figure has a format of its own", "write only its name in the braces: {name}")
    known = placeholders(language, key)
    if found - known:
        raise _Unfit(f"nothing fills {{{min(found - known)}}}", f"use only: {_named(known)}")
    needed = known if key.startswith(WHOLE) else known & VITAL
    if needed - found:
        raise _Unfit(f"{{{min(needed - found)}}} is left out", f"keep {_named(needed)}: somebody in danger needs it")
    return sentence


def _named(placeholders: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(placeholders)) or "no placeholder"
