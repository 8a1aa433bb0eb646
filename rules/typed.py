"""Reads a typed message as the answer to a question, and leaves alone what only happens to hold a number.

An answer is a number, or the words of an option, with nothing around it but the small words of answering: "about a 6",
"8/10", "diría que siete". Anything else that a person writes is words for a clinician, not an answer.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import dropwhile

from rules.instrument import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The answer, as the value that is stored."""

    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfRange:
    """A number that is meant as the answer and that the question does not have."""

    value: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """Meant as an answer, but none that can be stored: several numbers, a half, a no with more behind it. Ask again."""


@dataclass(frozen=True, slots=True)
class NotANumber:
    """Words, perhaps with a number about something else: no answer to this question."""


Reading = Value | OutOfRange | Unclear | NotANumber

_NUMBERS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve veinte",
}
_SMALL = (  # what may stand around an answer, as often as one likes
    "about|around|roughly|approximately|approx|maybe|perhaps|probably|possibly|like|say|a|an|the|just|only|solid|strong"
    "|today|now|right now|at the moment|currently|still|ok|okay|hi|hello|hey|well|so|hmm|um|er|eh|oh|please|thanks"
    "|sorry|thank you|good morning|good evening|i think|i guess|i would say|i should say|i d say|id say|i feel like"
    "|i feel|feeling|i am at|i m at|im at|i am|i m|im|it is|it s|its|is|at a|or so|for me|for now|my|number|rating"
    "|mas o menos|como|un|una|casi|sobre un|alrededor de|quiza|quizas|tal vez|a lo mejor|probablemente|hoy|ahora"
    "|ahora mismo|creo que|creo|diria que|diria|yo diria|digamos|estoy en un|estoy en|estoy|me siento en un|es|esta"
    "|esta en|pues|bueno|hola|buenos dias|buenas|gracias|por favor|un numero|puntos|mi|el|la|de animo|todavia|supongo"
)
_SMALL_WORDS = _SMALL.split("|")
_YES_AND_NO = {"yes": {"yes", "y", "yeah", "yep", "yup", "si", "claro"}, "no": {"no", "n", "nope", "nah"}}
_FEW_WORDS = 3
_TELLING = 4  # letters: "nearly" names an option, "I" does not, though a label begins with it


def read(text: str, item: Item, language: str) -> Reading:
    """What a typed text is to a question. `language` is the patient's; the words of both are understood."""
    plain = _plain(text)
    if not plain or not item.options:
        return NotANumber()
    return _Scale(item, language).read(plain) if item.is_scale else _choice(plain, item)


class _Scale:
    """The grammar of a typed rating, for one question."""

    def __init__(self, item: Item, language: str) -> None:
        self.item = item
        self.words = _number_words(language)
        topics = _topics(item)
        number = rf"(?:-|minus |menos )?(?:\d{{1,4}}|{_any(self.words)})"
        scale = rf" ?(?:/|out of|of|on|sobre|de) ?(?:{item.high}|ten|diez)"
        lead = rf"(?:(?:{_any([*_SMALL_WORDS, *topics])}) )*+"
        tail = rf"(?:{scale})?(?: (?:{_any(_SMALL_WORDS)})(?= |$))*+"
        both = rf"(?:or|to|and|o|u|a|y|-|/|,|\.) ?(?:an? |un )?{number}"
        self.small = re.compile(rf"(?:(?:{_any(_SMALL_WORDS)}) )++")
        self.one = re.compile(rf"{lead}({number})(?:[ -]?ish)?{tail}")
        self.several = re.compile(
            rf"{lead}(?:(?:between|from|entre|de|desde) )?(?:an? |un )?{number} ?(?:{both}|and a half|y medi[oa]){tail}"
        )
        self.says_so = re.compile(rf"\b(?:{_any(topics) or '(?!)'})\b|\d{scale}\b")

    def read(self, plain: str) -> Reading:
        """The rating of the first clause; of a later one only if it says that it is a rating."""
        clauses = list(dropwhile(self.is_greeting, _clauses(plain, r"but|because|pero|porque"))) or [""]
        first, *others = [self.clause(each) for each in clauses]
        if isinstance(first, Value):
            return Unclear() if any(isinstance(each, Value) and each != first for each in others) else first
        if not isinstance(first, NotANumber):
            return first
        named = [self.clause(each) for each in clauses if self.says_so.search(each)]
        said = {each for each in named if isinstance(each, Value)}
        return said.pop() if len(said) == 1 else first

    def is_greeting(self, clause: str) -> bool:
        """Whether a clause says nothing yet: "hi", "well"."""
        return self.small.fullmatch(f"{clause} ") is not None

    def clause(self, clause: str) -> Reading:
        """The number of a clause that holds nothing else of weight."""
        if found := self.one.fullmatch(clause):
            value = self._value(found[1])
            return Value(value=value) if self.item.option(value) else OutOfRange(value=value)
        return Unclear() if self.several.fullmatch(clause) else NotANumber()

    def _value(self, number: str) -> int:
        digits = re.sub(r"^(?:-|minus |menos )", "", number)
        value = self.words[digits] if digits in self.words else int(digits)
        return value if digits == number else -value


def _choice(plain: str, item: Item) -> Reading:
    """An option by its label, by the start of its label, or by yes and no.

    A benign answer with more behind it ("no. I just think ...") is asked again rather than believed.
    """
    first, *others = _clauses(plain)
    value = _option(item, first)
    if value is not None:
        return Unclear() if others and value == item.low else Value(value=value)
    words = plain.split()
    return Unclear() if len(words) <= _FEW_WORDS and _mentions(item, words) else NotANumber()


def _option(item: Item, clause: str) -> int | None:
    labels = {_plain(label): option.value for option in item.options for label in option.labels.values()}
    small = _any(_SMALL_WORDS)
    bare = re.sub(rf"^(?:(?:{small}) )*+", "", clause)
    bare = re.sub(rf"(?: (?:{small})(?= |$))*+$", "", bare)
    for said in (clause, bare):
        for meaning, words in _YES_AND_NO.items():
            if meaning in labels and (said in words or _is_long_yes(meaning, said)):
                return labels[meaning]
        started = {value for label, value in labels.items() if f"{label} ".startswith(f"{said} ")}
        if said in labels or (len(started) == 1 and len(said) >= _TELLING):
            return labels.get(said, min(started))
    return None


def _is_long_yes(meaning: str, said: str) -> bool:
    """ "yes I have": more words may follow a yes, for more behind a yes is still a yes."""
    first, *others = said.split() or [""]
    return meaning == "yes" and first in ("yes", "yeah", "yep") and not {"no", "not", "nah", "nope"} & set(others)


def _mentions(item: Item, words: list[str]) -> bool:
    labels = {word for option in item.options for label in option.labels.values() for word in _plain(label).split()}
    known = {word for word in labels if len(word) >= _TELLING}.union(*_YES_AND_NO.values())
    return any(word in known or word.isdecimal() for word in words)


def _topics(item: Item) -> list[str]:
    """The words by which a rating may be named ("mood 7"): the longer ones of the question itself."""
    found = {word for text in item.texts.values() for word in re.findall(r"[^\W\d_]{4,}", _plain(text))}
    return sorted(found - set(_SMALL_WORDS))


def _number_words(language: str) -> dict[str, int]:
    """Number words of both languages; the Spanish eleven is an English word, so it counts in Spanish only."""
    both = {word: value for words in _NUMBERS.values() for value, word in enumerate(words.split())}
    return both if language == "es" else {word: value for word, value in both.items() if word != "once"}


def _any(words: list[str] | dict[str, int]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


def _clauses(plain: str, joints: str = "(?!)") -> list[str]:
    parts = re.split(rf"[!?;\n]|[.,](?!\d)| - | (?={joints}\b)(?:{joints}) ", plain)
    return [stripped for part in parts if (stripped := part.strip())] or [""]


def _plain(text: str) -> str:
    """Lower case, no accents, no decoration, single spaces; line breaks and what ends a clause stay."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(each for each in folded if not unicodedata.combining(each) and unicodedata.category(each) != "Cf")
    kept = re.sub(r"[−‐‑–—]", "-", kept)
    kept = re.sub(r"[^\w\s.,!?;/\-+%]", " ", kept)
    return "\n".join(" ".join(line.split()) for line in kept.splitlines() if line.strip())
