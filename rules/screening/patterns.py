"""The little language of the rules: what a pattern says, and where in a clause it stands.

`word` a word; `word*` any word that begins so; `<set>` any phrase of a set of the lexicon; `(a|b c)` either phrase;
`?` after any of these: or nothing; `..` up to three words, `...` up to seven; `-x` not followed by x; `^` and `$` the
start and end of the clause, `,` a comma or its end, `-,` neither; `@` in a frame, the place of what was found. ` & `
joins parts that stand in any order in one clause, ` && ` parts anywhere in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, KeysView, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

Table = dict[str, list["Nodes"]]
Nodes = tuple["Node", ...]
_TOKEN = re.compile(r"\([\w' |]+\)|\.\.\.|\.\.|[()|?@^$,-]|<[^>]+>|[^\s()|?<>$,]+")
_WORDS = re.compile(r"[\w' ]+")
_ALONE: list[Nodes] = [()]  # what follows a word that is a phrase by itself: shared, never to be added to
_GAPS = {"..": 3, "...": 7}
_CLOSING = ("", "|", ")")


@dataclass(slots=True)  # not frozen: loading makes twenty thousand of them
class Step:
    """One phrase of several, by first word; `optional` may be skipped, `at_end` is met by the end of the clause."""

    table: Table
    optional: bool = False
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to so many words, but none that turns the sense round (`stops`)."""

    most: int
    stops: frozenset[str]


@dataclass(frozen=True, slots=True)
class Not:
    """Not followed by this."""

    nodes: Nodes


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of a clause; or of what a comma ends within it."""

    start: bool
    comma: bool = False


@dataclass(frozen=True, slots=True)
class Focus:
    """The place of the thing that a frame is about."""


Node = Step | Gap | Not | Edge | Focus


class PatternError(ValueError):
    """A pattern that cannot be read."""


@dataclass(slots=True, kw_only=True)
class Parser:
    """Reads patterns; `words` gives the tokens of a literal, `sets` the phrases of the lexicon by name.

    What was read leaves its whole words in `literals` and its beginnings of words in `stems`.
    """

    words: Callable[[str], list[str]]
    sets: Mapping[str, Sequence[str]]
    stops: frozenset[str]
    stems: set[str] = field(default_factory=set)
    _words: dict[str, list[str]] = field(default_factory=dict)
    _tables: dict[str, Table] = field(default_factory=dict)
    _choices: dict[str, Step] = field(default_factory=dict)
    _single: set[str] = field(default_factory=set)
    _phrases: dict[str, tuple[str, Nodes]] = field(default_factory=dict)

    @property
    def literals(self) -> frozenset[str]:
        """The whole words of all that was read."""
        return frozenset(chain.from_iterable(self._words.values()))

    def read(self, pattern: str) -> Nodes:
        """The nodes of a pattern without `&`; raises PatternError."""
        signs = [*_TOKEN.findall(pattern), ""]
        nodes, at = self._sequence(signs, 0)
        if signs[at]:
            raise PatternError(f"`{pattern}` has one bracket too many")
        return nodes

    def _sequence(self, signs: Sequence[str], at: int) -> tuple[Nodes, int]:
        """The nodes from `at` until a bracket or bar that closes them, and where that stands."""
        nodes: list[Node] = []
        while (sign := signs[at]) not in _CLOSING:
            at += 1
            if sign in _GAPS:
                nodes.append(Gap(_GAPS[sign], self.stops))
            elif sign in ("^", "$", ","):
                nodes.append(Edge(sign == "^", comma=sign == ","))
            elif sign == "@":
                nodes.append(Focus())
            elif sign == "-" and signs[at] == ",":
                nodes.append(Not((Edge(start=False, comma=True),)))
                at += 1
            elif sign == "-":
                phrase, at = self._phrase(signs, at)
                nodes.append(Not((Step(_table(phrase)),)))
            else:
                phrase, at = self._phrase(signs, at - 1)
                if signs[at] == "?":
                    phrase, at = (Step(_table(phrase), optional=True),), at + 1
                nodes.extend(phrase)
        return tuple(nodes), at

    def _phrase(self, signs: Sequence[str], at: int) -> tuple[Nodes, int]:
        sign = signs[at]
        if sign == "(":
            return self._choice(signs, at + 1)
        if sign[0] == "(":
            return (self._choice_of_words(sign[1:-1]),), at + 1
        if sign.startswith("<"):
            return (Step(self._set(sign[1:-1])),), at + 1
        if sign.endswith("*") and len(sign) > 1:
            self.stems.add(sign)
            return (Step({sign: [()]}),), at + 1
        first, rest = self._phrases.get(sign) or self._plain(sign)
        return (_word(first), *rest), at + 1

    def _choice(self, signs: Sequence[str], at: int) -> tuple[Nodes, int]:
        table: Table = {}
        at_end = False
        while True:
            nodes, at = self._sequence(signs, at)
            if nodes == (Edge(start=False),):
                at_end = True
            else:
                _merge(table, _table(nodes))
            if not signs[at]:
                raise PatternError("a closing bracket is missing")
            at += 1
            if signs[at - 1] == ")":
                return (Step(table, at_end=at_end),), at

    def _choice_of_words(self, phrases: str) -> Step:
        """A choice of phrases that are nothing but words: most are, and this is quick."""
        known = self._choices.get(phrases)
        if known is not None:
            return known
        choices = phrases.split("|")
        table: Table = {}
        if self._single.issuperset(choices):
            table = dict.fromkeys(choices, _ALONE)
        else:
            for phrase in choices:
                self._add(table, phrase)
        step = self._choices[phrases] = Step(table)
        return step

    def _add(self, table: Table, phrase: str) -> None:
        """Add a phrase of words alone to a table."""
        first, rest = self._phrases.get(phrase) or self._plain(phrase)
        known = table.get(first)
        if known is None:
            table[first] = [rest]
        elif rest not in known:
            known.append(rest)

    def _plain(self, phrase: str) -> tuple[str, Nodes]:
        """A phrase of words alone: its first word, and the others as nodes."""
        words = [word for sign in phrase.split() for word in self._words.get(sign) or self._literal(sign)]
        if not words:
            raise PatternError(f"`{phrase}` is no word and no sign of the language")
        if words == [phrase]:
            self._single.add(phrase)
        found = self._phrases[phrase] = words[0], tuple(map(_word, words[1:]))
        return found

    def _literal(self, sign: str) -> list[str]:
        words = self._words[sign] = self.words(sign)
        return words

    def _set(self, name: str) -> Table:
        if name not in self._tables:
            if name not in self.sets:
                raise PatternError(f"there is no set <{name}> in the lexicon")
            table: Table = {}
            for phrase in self.sets[name]:
                if _WORDS.fullmatch(phrase):
                    self._add(table, phrase)
                else:
                    _merge(table, _table(self.read(phrase)))
            self._tables[name] = table
        return self._tables[name]


@cache
def _word(word: str) -> Step:
    return Step({word: [()]})


def _table(nodes: Nodes) -> Table:
    """The phrases of a sequence by first word."""
    first, *others = nodes or (None,)
    rest = tuple(others)
    if not isinstance(first, Step):
        raise PatternError("a phrase must begin with a word")
    table: Table = {word: [(*tail, *rest) for tail in tails] for word, tails in first.table.items()}
    if first.optional and rest:
        _merge(table, _table(rest))
    return table


def _merge(table: Table, other: Table) -> None:
    for word, tails in other.items():
        known = table.setdefault(word, [])
        known.extend(tail for tail in tails if tail not in known)


def required(nodes: Nodes) -> list[KeysView[str]]:
    """Choices of words, of each of which one must stand in the clause for the pattern to match at all."""
    return [node.table.keys() for node in nodes if isinstance(node, Step) and not node.optional and not node.at_end]
