"""Reads one text: every rule over every clause, fails toward a human, and says what it saw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rules.finding import Finding
from rules.screening.clauses import Clause, clauses, has_all
from rules.screening.compiling import RuleSet
from rules.screening.frames import Reader, Span
from rules.screening.languages import unreadable
from rules.screening.model import MODEL
from rules.screening.tokens import Token, tokens
from rules.screening.values import Pattern, Screening
from rules.tier import Tier

LONGEST = 4096
_TRIES = 6  # finds of one pattern in a clause that are looked at when the first ones are benign


def screen(text: str, rules: RuleSet) -> Screening:
    """What the rules see in a text that a person wrote; an error in a rule is a finding for a human, never an end."""
    seen: dict[str, Finding] = {}
    unread: list[Finding] = []
    try:
        unread += _find(text, rules, seen)
    except Exception as error:
        unread.append(_unreadable("unreadable-error", {"error": type(error).__name__}))
    if len(text) > LONGEST:
        unread.append(_unreadable("unreadable-long", {"characters": len(text)}))
    found = sorted(seen.values(), key=lambda finding: (-finding.tier, finding.span or (0, 0), finding.rule)) + unread
    return Screening(
        tier=max((finding.tier for finding in found), default=Tier.NONE),
        findings=tuple(found),
        emergency=any(finding.rule.startswith("emergency") for finding in found),
        ruleset=rules.hash,
    )


def _find(text: str, rules: RuleSet, found: dict[str, Finding]) -> list[Finding]:
    """Put into `found` what is seen, one after the other, so that an error later takes none of it away.

    Returns what says that the text could not be read.
    """
    read = tokens(text, rules.vocabulary)
    readers = [Reader(clause, rules) for clause in _once(clauses(read, rules.turns))]
    for reader in readers:
        for pattern in _candidates(reader, rules):
            known = found.get(pattern.rule.id)
            if known is None or known.tier < pattern.rule.tier:
                finding = _in_clause(pattern, reader)
                if finding is not None and (known is None or known.tier < finding.tier):
                    found[pattern.rule.id] = finding
    forms = {form for reader in readers for form in reader.clause.places}
    for pattern in rules.anywhere:
        known = found.get(pattern.rule.id)
        if (known is None or known.tier < pattern.rule.tier) and has_all(forms, pattern.needs):
            finding = _in_text(pattern, readers)
            if finding is not None:
                found[pattern.rule.id] = finding
    raised = rules.model.tier(read, found.values())
    if raised > max((finding.tier for finding in found.values()), default=Tier.NONE):
        found[MODEL] = Finding(rule=MODEL, tier=raised, span=(read[0].start, read[-1].end))
    span = unreadable(text, read, rules)
    return [_unreadable("unreadable-language", {}, span)] if span else []


def _once(read: Iterable[Clause]) -> Iterator[Clause]:
    """The clauses, each once: what is said again adds nothing to what the first saying tells."""
    said: set[tuple[object, ...]] = set()
    for clause in read:
        words = tuple((*token.forms, token.after) for token in clause.tokens)
        if words not in said:
            said.add(words)
            yield clause


def _candidates(reader: Reader, rules: RuleSet) -> Iterator[Pattern]:
    seen: set[int] = set()
    here = reader.clause.places.keys()
    for form in here:
        for pattern in rules.index.get(form, ()):
            if id(pattern) not in seen:
                seen.add(id(pattern))
                if has_all(here, pattern.needs):
                    yield pattern


def _in_clause(pattern: Pattern, reader: Reader) -> Finding | None:
    """The first find of a pattern without a benign reading; else what the frame leaves of it."""
    others = [next(reader.spans(part), None) for part in pattern.parts[1:]]
    rest = [span for span in others if span is not None]
    if len(rest) < len(others):
        return None
    left: Finding | None = None
    for count, first in enumerate(reader.spans(pattern.parts[0])):
        frame = reader.benign([first, *rest], pattern.rule)
        if frame is None:
            return _finding(pattern, pattern.rule.tier, [(reader, first), *((reader, span) for span in rest)], [])
        if frame.leaves > Tier.NONE and left is None:
            left = _finding(pattern, frame.leaves, [(reader, first)], [frame.id])
        if count >= _TRIES:
            break
    return left


def _in_text(pattern: Pattern, readers: Sequence[Reader]) -> Finding | None:
    found: list[tuple[Reader, Span]] = []
    for part in pattern.parts:
        places = ((reader, span) for reader in readers for span in reader.spans(part))
        place = next((each for each in places if not each[0].benign([each[1]], pattern.rule)), None)
        if place is None:
            return None
        found.append(place)
    return _finding(pattern, pattern.rule.tier, found, [])


def _finding(pattern: Pattern, tier: Tier, found: Sequence[tuple[Reader, Span]], frames: list[str]) -> Finding:
    matched: list[Token] = [token for reader, (start, end) in found for token in reader.clause.tokens[start:end]]
    views = {view for token in matched for view in token.forms.values()} - {"plain"}
    detail: dict[str, object] = {"views": sorted(views)} if views else {}
    if frames:
        detail["frames"] = frames
    span = min(token.start for token in matched), max(token.end for token in matched)
    return Finding(rule=pattern.rule.id, tier=min(tier, pattern.rule.tier), span=span, detail=detail)


def _unreadable(rule: str, detail: dict[str, object], span: tuple[int, int] | None = None) -> Finding:
    return Finding(rule=rule, tier=Tier.AMBER, span=span, detail=detail)
