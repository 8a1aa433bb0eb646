"""From raw text to tokens: each with every form it may be matched as, and its place in the raw text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.screening.views import Folded, fold
from rules.screening.vocabulary import LONGEST_WORD, Vocabulary
from rules.screening.words import Break, Written, written

_JOINERS = frozenset((" ", "", ".", "-", "_", "*", "/", "  ", ". ", " . ", " - ", ",", "|", "·", "~"))
_LONG_ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Token:
    """A word as most likely `meant`, the forms it may be matched as (form: the view), and its place in the raw text."""

    meant: str
    forms: Mapping[str, str]
    start: int
    end: int
    after: Break


def tokens(text: str, vocabulary: Vocabulary) -> list[Token]:
    """The tokens of a raw text, in order."""
    folded = fold(text)
    return [
        token for word in _joined(list(written(folded.text)), vocabulary) for token in _read(word, folded, vocabulary)
    ]


def canonical(words: str, vocabulary: Vocabulary) -> list[str]:
    """The words of a phrase as its tokens have them in the plain view."""
    if words.isascii() and words.islower() and words.isalpha():
        return list(vocabulary.spelled_out(words))
    return [part for word in written(fold(words).text) for part in vocabulary.spelled_out(word.text)]


def _read(word: Written, folded: Folded, vocabulary: Vocabulary) -> Iterator[Token]:
    start, end = folded.places[word.start], folded.places[word.end - 1] + 1
    parts = vocabulary.spelled_out(word.text)
    view = None
    if len(parts) == 1 and len(word.text) >= _LONG_ENOUGH and parts[0] not in vocabulary.known:
        together = vocabulary.parts(parts[0])
        if together:
            parts, view = tuple(each for part in together for each in vocabulary.spelled_out(part)), "joined"
    for place, part in enumerate(parts, 1):
        forms, meant = ({part: view}, part) if view else (vocabulary.forms(part), vocabulary.meant(part))
        yield Token(meant, forms, start, end, word.after if place == len(parts) else Break.NONE)


def _joined(words: Sequence[Written], vocabulary: Vocabulary) -> Iterator[Written]:
    """Letters that stand apart (s u i c i d e) as one word, and two halves of a core word (sui cide) too."""
    place = 0
    while place < len(words):
        end = place
        while end < min(len(words), place + LONGEST_WORD) and _is_letter(words[end]) and _is_close(words, place, end):
            end += 1
        run = words[place:end] if end - place > 2 else words[place : place + 2]
        if _belongs_together(run, vocabulary):
            yield Written("".join(word.text for word in run), run[0].start, run[-1].end, run[-1].between)
            place += len(run)
        else:
            apart = words[place : max(end, place + 1)]
            yield from apart
            place += len(apart)


def _is_close(words: Sequence[Written], first: int, at: int) -> bool:
    return at == first or words[at - 1].between in _JOINERS


def _is_letter(word: Written) -> bool:
    return len(word.text) == 1 and word.text.isascii()


def _belongs_together(run: Sequence[Written], vocabulary: Vocabulary) -> bool:
    together = "".join(word.text for word in run)
    if len(run) > 2:
        return bool(vocabulary.forms(together).keys() & vocabulary.core or vocabulary.parts(together))
    halves = len(run) == 2 and run[0].between in _JOINERS and any(word.text not in vocabulary.known for word in run)
    return halves and together in vocabulary.core
