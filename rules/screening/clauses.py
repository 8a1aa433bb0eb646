"""Cuts tokens into clauses, in which concepts are found and frames count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from rules.screening.tokens import Token
from rules.screening.words import Break

_NO = frozenset(("no", "nope", "nah", "none", "never", "nunca", "jamas", "ninguno", "ninguna"))
_LONGEST, _OVERLAP = 60, 20  # a longer clause is read in windows, so that work stays in proportion to length


@dataclass(frozen=True, slots=True)
class Clause:
    """Tokens that are read together, and where each form stands among them."""

    tokens: Sequence[Token]
    places: Mapping[str, list[int]]

    def has_comma(self, start: int, end: int) -> bool:
        """Whether a comma stands between the words from `start` until `end`."""
        return any(token.after >= Break.COMMA for token in self.tokens[start : end - 1])


def clauses(tokens: Sequence[Token], turns: Collection[str]) -> Iterator[Clause]:
    """The clauses: cut at punctuation and before the words that turn the sense, such as *but*.

    A *no* that answers, as in "Suicidal? No." or "Suicidal thoughts: none", stays with what it answers.
    """
    start = 0
    for place, token in enumerate(tokens):
        last = place + 1 == len(tokens)
        turned = not last and place > start and not tokens[place + 1].forms.keys().isdisjoint(turns)
        answered = not last and token.after in (Break.CLAUSE, Break.QUESTION) and _is_no(tokens, place + 1)
        if last or turned or (token.after >= Break.CLAUSE and not answered):
            yield from _windows(tokens[start : place + 1])
            start = place + 1


def has_all(here: Set[str], needs: Iterable[Set[str]]) -> bool:
    """Whether of each of the choices of words one is there."""
    return not any(map(here.isdisjoint, needs))


def _is_no(tokens: Sequence[Token], place: int) -> bool:
    """Whether the word there is a *no* that stands alone."""
    ends = place + 1 == len(tokens) or tokens[place].after >= Break.SENTENCE
    return ends and not tokens[place].forms.keys().isdisjoint(_NO)


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
