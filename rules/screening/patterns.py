"""The little language of the rules: what a pattern says, and where in a clause it stands.

`word` a word; `word*` any word that begins so; `<set>` any phrase of a set of the lexicon; `(a|b c)` either phrase;
`?` after any of these: or nothing; `..` up to three words, `...` up to seven; `-x` not followed by x; `^` and `$` the
start and end of the clause; `@` in a frame, the place of what was found. ` & ` joins parts that stand in any order in
one clause, ` && ` parts anywhere in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

Table = dict[str, list["Nodes"]]
Nodes = tuple["Node", ...]
_TOKEN = re.compile(r"\.\.\.|\.\.|[()|?@^$-]|<[^>]+>|[^\s()|?<>]+")
_GAPS = {"..": 3, "...": 7}
_CLOSING = ("", "|", ")")
_SIGNS = frozenset(("...", "..", "(", "?", "@", "^", "$", "-"))


@dataclass(frozen=True, slots=True)
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
    """Not followed by any of these phrases."""

    table: Table


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of a clause."""

    start: bool


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
    literals: set[str] = field(default_factory=set)
    _tables: dict[str, Table] = field(default_factory=dict)

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
            elif sign in ("^", "$"):
                nodes.append(Edge(sign == "^"))
            elif sign == "@":
                nodes.append(Focus())
            elif sign == "-":
                phrase, at = self._phrase(signs, at)
                nodes.append(Not(_table(phrase)))
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
        if sign.startswith("<"):
            return (Step(self._set(sign[1:-1])),), at + 1
        if sign.endswith("*") and len(sign) > 1:
            self.stems.add(sign)
            return (Step({sign: [()]}),), at + 1
        words = self.words(sign)
        if not words:
            raise PatternError(f"`{sign}` is no word and no sign of the language")
        self.literals.update(words)
        return tuple(map(_word, words)), at + 1

    def _choice(self, signs: Sequence[str], at: int) -> tuple[Nodes, int]:
        table: Table = {}
        at_end = False
        while True:
            end, words = self._plain_words(signs, at)
            if words:
                at = end
                _merge(table, {words[0]: [tuple(map(_word, words[1:]))]})
            else:
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

    def _plain_words(self, signs: Sequence[str], at: int) -> tuple[int, list[str]]:
        """The words of a phrase that is nothing but words, and where it ends: most phrases are, and this is quick."""
        found: list[str] = []
        while (sign := signs[at]) not in _CLOSING:
            if sign in _SIGNS or sign[0] == "<" or sign[-1] == "*":
                return at, []
            found += self.words(sign)
            at += 1
        self.literals.update(found)
        return at, found

    def _set(self, name: str) -> Table:
        if name not in self._tables:
            if name not in self.sets:
                raise PatternError(f"there is no set <{name}> in the lexicon")
            table: Table = {}
            for phrase in self.sets[name]:
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


def required(nodes: Nodes) -> list[Table]:
    """What must stand in the clause for the pattern to match at all."""
    return [node.table for node in nodes if isinstance(node, Step) and not node.optional and not node.at_end]


@dataclass(frozen=True, slots=True)
class Line:
    """A clause to match in: the forms of each of its words; `focus` the span that frames look at."""

    forms: Sequence[Mapping[str, str]]
    focus: tuple[int, int] | None = None


def ends(line: Line, nodes: Nodes, at: int, node: int = 0) -> Iterator[int]:
    """Where the pattern ends if it starts at word `at`: every possibility, the shortest gap first."""
    if node == len(nodes):
        yield at
        return
    match nodes[node]:
        case Step(table, optional, at_end):
            if at < len(line.forms):
                for form in line.forms[at]:
                    for tail in table.get(form, ()):
                        for end in ends(line, tail, at + 1) if tail else (at + 1,):
                            yield from ends(line, nodes, end, node + 1)
            if optional or (at_end and at == len(line.forms)):
                yield from ends(line, nodes, at, node + 1)
        case Gap(most, stops):
            for end in range(at, min(at + most, len(line.forms)) + 1):
                if end > at and not stops.isdisjoint(line.forms[end - 1]):
                    break
                yield from ends(line, nodes, end, node + 1)
        case Not(table):
            if not any(True for _ in ends(line, (Step(table),), at)):
                yield from ends(line, nodes, at, node + 1)
        case Edge(start):
            if at == (0 if start else len(line.forms)):
                yield from ends(line, nodes, at, node + 1)
        case Focus():
            if line.focus is not None and line.focus[0] == at:
                yield from ends(line, nodes, line.focus[1], node + 1)
