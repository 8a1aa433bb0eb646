"""Cuts a folded text into the words as written, and says what separates each from the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_WORD = re.compile(
    r"[@$#]*[a-z0-9]+(?:(?:[@$!|#+']|\*+)(?=[a-z0-9])[a-z0-9]+)*\+?"  # letters, with signs inside: d!e, k*ll
    r"|[\u2190-\u2bff\u3030\U0001f000-\U0001faff]"  # one emoji
    r"|[\u3040-\u9fff]"  # one sign of a script without spaces
    r"|[^\W\d_]+"  # a word in other letters
)
_SENTENCE = frozenset(".!?\n\r…;。！？¿¡")
_CLAUSE = frozenset(':()[]{}"“”«»—–')
_OPENING = (' "', " “", " «", ' ("')
_COMMA = frozenset(",、，/|&")


class Break(IntEnum):
    """What separates a word from the next; `QUOTE` is the beginning of a quotation, the others end what they name."""

    NONE = 0
    COMMA = 1
    QUOTE = 2
    CLAUSE = 3
    SENTENCE = 4
    QUESTION = 5


@dataclass(frozen=True, slots=True)
class Written:
    """A word as written: its letters, its place in the folded text, what stands between it and the next."""

    text: str
    start: int
    end: int
    between: str

    @property
    def after(self) -> Break:
        """The break after this word."""
        signs = set(self.between)
        if signs & _SENTENCE:
            return Break.QUESTION if "?" in signs else Break.SENTENCE
        if self.between.endswith(_OPENING):
            return Break.QUOTE
        if signs & _CLAUSE or " - " in self.between:
            return Break.CLAUSE
        return Break.COMMA if signs & _COMMA else Break.NONE


def written(text: str) -> Iterator[Written]:
    """The words of a folded text, in order.

    Full stops that take the place of spaces (i.want.to.die) are commas: what is said runs across, a denial does not.
    """
    found = list(_WORD.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    between = [text[match.end() : until] for match, until in zip(found, ends, strict=False)]
    for place, match in enumerate(found):
        dotted = between[place] == "." and "." in (*between[max(0, place - 1) : place], *between[place + 1 : place + 2])
        yield Written(match.group(), match.start(), match.end(), "," if dotted else between[place])
