"""Cuts tokens into clauses, in which concepts are found and frames count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from rules.screening.tokens import Token
from rules.screening.words import Break

Phrases = Mapping[str, Sequence[Sequence[str]]]
_LONGEST, _OVERLAP = 60, 20  # a longer clause is read in windows, so that work stays in proportion to length


@dataclass(frozen=True, slots=True)
class Clause:
    """Tokens that are read together, and where each form stands among them."""

    tokens: Sequence[Token]
    places: Mapping[str, list[int]]

    @property
    def commas(self) -> Iterator[int]:
        """How many words stand before each comma."""
        return (count for count, token in enumerate(self.tokens, 1) if _parts(token))

    def has_comma(self, start: int, end: int) -> bool:
        """Whether a comma stands between the words from `start` until `end`."""
        return any(map(_parts, self.tokens[start : end - 1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The words at which clauses part or stay together.

    `words` turn the sense, such as *but*; `no` are the ways to say no, and `over` to say that it is past, the words
    after the first by the first; `asking` are the words of somebody who asks, and `saying` those before a quotation.
    """

    words: Collection[str]
    no: Phrases
    over: Phrases
    asking: Collection[str]
    saying: Collection[str]


def clauses(tokens: Sequence[Token], turns: Turns) -> Iterator[Clause]:
    """The clauses: cut at punctuation and before the words that turn the sense.

    A *no* that answers, as in "Suicidal? No." or "They ask if I am suicidal. No.", stays with what it answers; so does
    a sentence of nothing but that it is past, as in "I wanted to die. I'm over that." A quotation stays with what says
    it.
    """
    start, asked = 0, False
    for place, token in enumerate(tokens):
        last = place + 1 == len(tokens)
        asked = asked or not token.forms.keys().isdisjoint(turns.asking)
        turned = not last and place > start and not tokens[place + 1].forms.keys().isdisjoint(turns.words)
        asks = token.after in (Break.CLAUSE, Break.QUESTION) or (asked and token.after == Break.SENTENCE)
        quotes = token.after == Break.QUOTE and not token.forms.keys().isdisjoint(turns.saying)
        cut = turned or (
            token.after >= Break.QUOTE and not (quotes or (asks and _stands_alone(tokens, place + 1, turns.no, turns)))
        )
        if last or (cut and not _stands_alone(tokens, place + 1 + turned, turns.over, turns)):
            yield from _windows(tokens[start : place + 1])
            start, asked = place + 1, False


def _parts(token: Token) -> bool:
    """Whether something within the clause parts the word from the next: a comma does, a quotation mark does not."""
    return token.after not in (Break.NONE, Break.QUOTE)


def has_all(here: Set[str], needs: Iterable[Set[str]]) -> bool:
    """Whether of each of the choices of words one is there."""
    return not any(map(here.isdisjoint, needs))


def _stands_alone(tokens: Sequence[Token], place: int, phrases: Phrases, turns: Turns) -> bool:
    """Whether the words there are one of the phrases and no more."""
    return place < len(tokens) and any(
        _says(tokens[place + 1 : place + 1 + len(rest)], rest) and _ends(tokens, place + len(rest), turns)
        for form in tokens[place].forms
        for rest in phrases.get(form, ())
    )


def _says(tokens: Sequence[Token], words: Sequence[str]) -> bool:
    return len(tokens) == len(words) and all(word in token.forms for word, token in zip(words, tokens, strict=True))


def _ends(tokens: Sequence[Token], place: int, turns: Turns) -> bool:
    """Whether nothing follows the word there in its sentence, unless after a turn."""
    last = place + 1 == len(tokens)
    return last or tokens[place].after >= Break.SENTENCE or not tokens[place + 1].forms.keys().isdisjoint(turns.words)


def _windows(tokens: Sequence[Token]) -> Iterator[Clause]:
    start = 0
    while True:
        yield _clause(tokens[start : start + _LONGEST])
        start += _LONGEST - _OVERLAP
        if start + _OVERLAP >= len(tokens):
            return


def _clause(tokens: Sequence[Token]) -> Clause:
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        for form in token.forms:
            places.setdefault(form, []).append(place)
    return Clause(tokens, places)
