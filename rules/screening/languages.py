"""Whether a sentence is in a language that the rules cannot read, so that a human must."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules.screening.compiling import RuleSet
from rules.screening.tokens import Token
from rules.screening.words import Break

_WORDS = 4  # fewer words than this say too little about a language
_STRANGE = 0.7
_FOREIGN = 0.4


def unreadable(text: str, tokens: Sequence[Token], rules: RuleSet) -> tuple[int, int] | None:
    """The place of the first sentence that is in another script or language; none if all can be read."""
    for sentence in _sentences(tokens):
        span = sentence[0].start, sentence[-1].end
        letters = [char for char in text[span[0] : span[1]] if char.isalpha()]
        if len(letters) >= 2 and sum(not _latin(char) for char in letters) > len(letters) / 2:
            return span
        words = [next(iter(token.forms)) for token in sentence]
        words = [word for word in words if word.isalpha() and len(word) > 1]
        if len(words) >= _WORDS and _is_foreign(words, rules):
            return span
    return None


def _latin(char: str) -> bool:
    return ord(char) < 0x250 or 0x1D400 <= ord(char) < 0x1D800 or 0x1E00 <= ord(char) < 0x1F00 or ord(char) > 0xFF00


def _is_foreign(words: Sequence[str], rules: RuleSet) -> bool:
    strange = [word for word in words if word not in rules.vocabulary.known]
    if len(strange) >= _STRANGE * len(words):
        return True
    return any(
        sum(word in foreign for word in words) >= max(2, _FOREIGN * len(words))
        and any(word in foreign for word in strange)
        for foreign in rules.foreign.values()
    )


def _sentences(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    for place, token in enumerate(tokens, 1):
        if token.after >= Break.SENTENCE or place == len(tokens):
            yield tokens[start:place]
            start = place
