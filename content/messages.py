"""Every sentence that a person reads, by language and key: content/LANGUAGE/*.toml, with {placeholders}.

A clinic may have wordings of its own (content/wordings.py); one that fails gives way to the sentence shipped here.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FALLBACK = "en"
LANGUAGES = ("en", "es")
CONSENT = "2026-11"  # the version of patient.consent; another one asks everybody in a course to agree again

_own: dict[tuple[str, str], str] = {}


def say(language: str, key: str, **values: object) -> str:
    """The sentence of a key, filled in; in English where the language has none. Raises KeyError for an unknown key."""
    known = language if language in LANGUAGES else FALLBACK
    try:
        return _own[known, key].format(**values)
    except (KeyError, IndexError, ValueError, AttributeError):
        return shipped(known, key).format(**values)


def use(wordings: Mapping[tuple[str, str], str]) -> None:
    """Say a clinic's own sentences, by language and key, in place of the shipped ones, and of those used before."""
    _own.clear()
    _own.update(wordings)


def shipped(language: str, key: str) -> str:
    """The sentence of a key as it is shipped. Raises KeyError."""
    return _texts(language).get(key) or _texts(FALLBACK)[key]


def standing(language: str, key: str) -> str:
    """The sentence that is said for a key, its placeholders not filled in. Raises KeyError."""
    return _own.get((language, key)) or shipped(language, key)


def keys(language: str) -> frozenset[str]:
    """The keys that a language has."""
    return frozenset(_texts(language))


def placeholders(language: str, key: str) -> frozenset[str]:
    """The placeholders of a sentence."""
    return placeholders_in(_texts(language)[key])


def placeholders_in(sentence: str) -> frozenset[str]:
    """The placeholders of a sentence; raises ValueError for braces that do not close."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


def is_formatted(sentence: str) -> bool:
    """Whether a placeholder says how it is to be written, as {name:>9} does: that may be a message of gigabytes."""
    return any(spec or conversion for _, _, spec, conversion in string.Formatter().parse(sentence))


@cache
def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        for section, sentences in tomllib.loads(path.read_text(encoding="utf-8")).items():
            texts |= {f"{section}.{key}": sentence for key, sentence in sentences.items()}
    return texts
