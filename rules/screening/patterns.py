"""The little language of the rules: what a pattern says, and where in a clause it stands.

`word` a word; `word*` any word that begins so; `<set>` any phrase of a set of the lexicon; `(a|b c)` either phrase;
`?` after any of these: or nothing; `..` up to three words, `...` up to seven; `-x` not followed by x; `^` and `$` the
start and end of the clause; `@` in a frame, the place of what was found. ` & ` joins parts that stand in any order in
one clause, ` && ` parts anywhere in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, KeysView, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

Table = dict[str, list["Nodes"]]
Nodes = tuple["Node", ...]
_TOKEN = re.compile(r"\([\w' |]+\)|\.\.\.|\.\.|[()|?@^$-]|<[^>]+>|[^\s()|?<>]+")
_WORDS = re.compile(r"[\w' ]+")
_ALONE: list[Nodes] = [()]  # what follows a word that is a phrase by itself: shared, never to be added to
_GAPS = {"..": 3, "...": 7}
_CLOSING = ("", "|", ")")


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
    """Not followed by this."""

    nodes: Nodes


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of a clause."""

    start: bool


@dataclass(frozen=True, slots=True)
class Focus:
    """The place of the thing that a frame is about."""


Node = Step | Gap | Not | Edge | Focus
Then = tuple[Nodes, int, "Rest"]
"""What is to follow: nodes, from which of them on, and what follows those."""
Rest = Then | None


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
    _single: set[str] = field(default_factory=set)
    _phrases: dict[str, tuple[str, Nodes]] = field(default_factory=dict)

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
        choices = phrases.split("|")
        if self._single.issuperset(choices):
            return Step(dict.fromkeys(choices, _ALONE))
        table: Table = {}
        for phrase in choices:
            self._add(table, phrase)
        return Step(table)

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
        words = [word for sign in phrase.split() for word in self.words(sign)] if " " in phrase else self.words(phrase)
        if not words:
            raise PatternError(f"`{phrase}` is no word and no sign of the language")
        self.literals.update(words)
        if words == [phrase]:
            self._single.add(phrase)
        found = self._phrases[phrase] = words[0], tuple(map(_word, words[1:]))
        return found

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


@dataclass(frozen=True, slots=True)
class Line:
    """A clause to match in: the forms of each of its words, and the `only` one of a word that has no other.

    `focus` is the span that frames look at.
    """

    forms: Sequence[Mapping[str, str]]
    only: Sequence[str | None]
    focus: tuple[int, int] | None = None


def line_of(forms: Sequence[Mapping[str, str]]) -> Line:
    """The clause whose words have these forms."""
    return Line(forms, [next(iter(each)) if len(each) == 1 else None for each in forms])


def end_of(line: Line, nodes: Nodes, at: int) -> int | None:
    """Where the pattern ends if it starts at word `at`, with the shortest gaps that will do; nothing if it does not."""
    return _end(line, nodes, at, 0, None)


def _end(line: Line, nodes: Nodes, at: int, node: int, rest: Rest) -> int | None:
    """Where the nodes from `node` on, and then those of the `rest`, end."""
    forms = line.forms
    while True:
        if node == len(nodes):
            if rest is None:
                return at
            nodes, node, rest = rest
            continue
        each = nodes[node]
        node += 1
        if isinstance(each, Step):
            only = line.only[at] if at < len(forms) else None
            tails = each.table.get(only, ()) if only else ()
            if len(tails) == 1 and not each.optional:  # one way on, as mostly: no need to come back
                at += 1
                if tails[0]:
                    nodes, node, rest = tails[0], 0, (nodes, node, rest)
                continue
            found = None if only and not tails else _after_step(line, each, at, (nodes, node, rest))
            if found is not None:
                return found
            if not (each.optional or (each.at_end and at == len(forms))):
                return None
        elif isinstance(each, Gap):
            return _after_gap(line, each, at, (nodes, node, rest))
        elif isinstance(each, Not):
            if _end(line, each.nodes, at, 0, None) is not None:
                return None
        elif isinstance(each, Edge):
            if at != (0 if each.start else len(forms)):
                return None
        else:
            if line.focus is None or line.focus[0] != at:
                return None
            at = line.focus[1]


def _after_step(line: Line, step: Step, at: int, then: Then) -> int | None:
    if at < len(line.forms):
        for form in line.forms[at]:
            for tail in step.table.get(form, ()):
                found = _end(line, tail, at + 1, 0, then) if tail else _end(line, then[0], at + 1, then[1], then[2])
                if found is not None:
                    return found
    return None


def _after_gap(line: Line, gap: Gap, at: int, then: Then) -> int | None:
    forms, (nodes, node, rest) = line.forms, then
    following = nodes[node] if node < len(nodes) else None
    needed = following.table if isinstance(following, Step) and not following.optional else None
    for end in range(at, min(at + gap.most, len(forms)) + 1):
        if end > at and not gap.stops.isdisjoint(forms[end - 1]):
            return None
        if needed is None or end == len(forms) or not needed.keys().isdisjoint(forms[end]):
            found = _end(line, nodes, end, node, rest)
            if found is not None:
                return found
    return None
