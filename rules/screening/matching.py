"""Where a pattern of the rules stands in a clause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules.screening.patterns import Edge, Gap, Nodes, Not, Step

Then = tuple[Nodes, int, "Rest"]
"""What is to follow: nodes, from which of them on, and what follows those."""
Rest = Then | None


@dataclass(frozen=True, slots=True)
class Line:
    """A clause to match in: the forms of each of its words, and the `only` one of a word that has no other.

    `ends` are the places behind a comma, and behind the last word; `focus` is the span that frames look at.
    """

    forms: Sequence[Mapping[str, str]]
    only: Sequence[str | None]
    ends: Collection[int]
    focus: tuple[int, int] | None = None


def line_of(forms: Sequence[Mapping[str, str]], commas: Iterable[int] = ()) -> Line:
    """The clause whose words have these forms, with commas behind so many of them."""
    return Line(forms, [next(iter(each)) if len(each) == 1 else None for each in forms], {*commas, len(forms)})


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
            if at not in line.ends if each.comma else at != (0 if each.start else len(forms)):
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
