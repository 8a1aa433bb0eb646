"""How hard a sentence for patients is to read: Flesch-Kincaid for English, Fernández Huerta for Spanish."""

from __future__ import annotations

import re

GRADE = 6.0
EASE = 70.0  # Fernández Huerta: from here "algo fácil", read in the sixth year of school
FEW = 12  # words, below which a figure of a single text means nothing
_WORDS = {"en": r"[A-Za-z']+", "es": r"\S+"}
_FILLED = re.compile(r"\{\w+\}|/\w+|https?://\S+")
_FOR_FILLED = {"en": "it", "es": "eso"}


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of English, syllables counted by groups of vowels."""
    sentences = max(1, len(re.findall(r"[.!?:](?=\s|$)|\n", text.strip())))
    words = re.findall(_WORDS["en"], text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def ease(text: str) -> float:
    """Fernández Huerta's figure for Spanish, by textstat; a line, an item of a list and a colon end a sentence."""
    import textstat  # slow to import, and only a check and a review need it

    sentences = re.sub(r"\s*[:\n•]+\s*", ". ", text.strip("• \n"))
    textstat.set_lang("es")
    return float(textstat.fernandez_huerta(re.sub(r"(?<=[.!?])\.", "", sentences)))


def as_read(language: str, sentence: str) -> str:
    """A sentence as it is measured: what is filled in, commands and links count as one word."""
    return _FILLED.sub(_FOR_FILLED[language], sentence)


def too_hard(language: str, sentence: str) -> str | None:
    """In words, how far a sentence is above the level of the sixth grade; none where it is not, or is too short."""
    text = as_read(language, sentence)
    if len(re.findall(_WORDS[language], text)) < FEW:
        return None
    if language == "en" and (found := grade(text)) > GRADE:
        return f"this reads at grade {found:.0f}, above the sixth (Flesch–Kincaid {found:.1f})"
    if language == "es" and (found := ease(text)) < EASE:
        return f"this reads above the sixth grade (Fernández Huerta {found:.0f}, where {EASE:.0f} is its limit)"
    return None
