"""Every sentence that a person reads, by language and key: content/LANGUAGE/*.toml, with {placeholders}."""

from __future__ import annotations

import string
import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FALLBACK = "en"


def say(language: str, key: str, **values: object) -> str:
    """The sentence of a key, filled in; in English where the language has none. Raises KeyError for an unknown key."""
    texts = _texts(language if (FOLDER / language).is_dir() else FALLBACK)
    template = texts.get(key) or _texts(FALLBACK)[key]
    return template.format(**values)


def keys(language: str) -> frozenset[str]:
    """The keys that a language has."""
    return frozenset(_texts(language))


def placeholders(language: str, key: str) -> frozenset[str]:
    """The placeholders of a sentence."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(_texts(language)[key]) if name)


@cache
def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        for section, sentences in tomllib.loads(path.read_text(encoding="utf-8")).items():
            texts |= {f"{section}.{key}": sentence for key, sentence in sentences.items()}
    return texts
