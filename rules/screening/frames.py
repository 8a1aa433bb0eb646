"""Whether a find has a benign reading in its own clause, and whether something takes that reading back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rules.screening.clauses import Clause, has_all
from rules.screening.compiling import RuleSet
from rules.screening.matching import end_of, line_of
from rules.screening.patterns import Edge, Focus, Nodes, Step
from rules.screening.values import Frame, Override, Rule, Where, Wording

Span = tuple[int, int]
_BEFORE = 12  # words before a find in which a frame around it may begin


class Reader:
    """Reads one clause: finds patterns, and the frames about what was found; each override is looked for once."""

    def __init__(self, clause: Clause, rules: RuleSet) -> None:
        self.clause = clause
        self._rules = rules
        self._line = line_of([token.forms for token in clause.tokens], clause.commas)
        self._overrides: dict[str, bool] = {}
        self._near: dict[str, list[Wording]] = {}
        self._loose: dict[str, list[Span]] = {}

    def spans(self, nodes: Nodes) -> Iterator[Span]:
        """Where a pattern stands in the clause, each start once, first to last."""
        for start in self._starts(nodes):
            end = end_of(self._line, nodes, start)
            if end is not None:
                yield start, end

    def benign(self, found: Sequence[Span], rule: Rule) -> Frame | None:
        """The frame that cancels what a rule found, if there is one and nothing takes it back."""
        for frame in self._rules.frames:
            heard = frame.id not in rule.deaf_to and (not frame.only or rule.id.startswith(frame.only))
            if heard and self._holds(frame, found) and not self._taken_back(frame):
                return frame
        return None

    def _starts(self, nodes: Nodes) -> Iterator[int]:
        first = nodes[0]
        if isinstance(first, Step) and not first.optional and not first.at_end:
            places = self.clause.places
            forms = places.keys() & first.table.keys()
            return iter(sorted({place for form in forms for place in places[form]}))
        if isinstance(first, Edge) and first.start:
            return iter((0,))
        return iter(range(len(self.clause.tokens)))

    def _holds(self, frame: Frame, found: Sequence[Span]) -> bool:
        if frame.also and not any(map(self._says, frame.also)):
            return False
        if frame.where == Where.AROUND:
            return any(self._around(frame, span) for span in found)
        spans = self._loose.get(frame.id)
        if spans is None:
            spans = self._loose[frame.id] = [
                span for each in self._possible(frame.wordings) for span in self.spans(each.nodes)
            ]
        if frame.where == Where.CLAUSE:
            return bool(spans)
        return any(start < end_ and start_ < end for start, end in spans for start_, end_ in found)

    def _around(self, frame: Frame, span: Span) -> bool:
        line = replace(self._line, focus=span)
        possible = self._near.get(frame.id)
        if possible is None:
            possible = self._near[frame.id] = self._possible(frame.wordings)
        return any(
            end_of(line, each.nodes, start) is not None
            for each in possible
            for start in self._before(each, frame, span[0])
        )

    def _before(self, wording: Wording, frame: Frame, found: int) -> Iterator[int]:
        """Where a wording around what was found may begin."""
        for start in (found,) if isinstance(wording.nodes[0], Focus) else self._starts(wording.nodes):
            near = found - _BEFORE <= start <= found
            if near and (frame.crosses or not self.clause.has_comma(start, found + 1)):
                yield start

    def _possible(self, wordings: Sequence[Wording]) -> list[Wording]:
        """The wordings whose words the clause holds: few, of many."""
        here = self.clause.places.keys()
        return [each for each in wordings if has_all(here, each.needs)]

    def _says(self, wording: Wording) -> bool:
        return any(next(self.spans(each.nodes), None) is not None for each in self._possible([wording]))

    def _taken_back(self, frame: Frame) -> bool:
        return any(frame.id in override.cancels and self._stands(override) for override in self._rules.overrides)

    def _stands(self, override: Override) -> bool:
        stands = self._overrides.get(override.id)
        if stands is None:
            stands = any(map(self._says, override.wordings))
            self._overrides[override.id] = stands
        return stands
