"""Why the screening says what it says of a text: the places in it, the rules, their meaning and their source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.printing import Shown, as_written
from content import screening
from content.findings import sentence_of
from rules.finding import Finding
from rules.screening import Screening
from rules.tier import Tier

STYLES = {Tier.RED: "bold red", Tier.AMBER: "bold yellow", Tier.NOTE: "bold cyan", Tier.NONE: "dim"}
Sources = Mapping[str, Mapping[str, Any]]


def sources() -> Sources:
    """Every rule for texts as it is written: what it means, and where that comes from."""
    return {rule["id"]: rule for rule in screening.read()["rule"]}


def explained(identity: Any, text: str, found: Screening, known: Sources) -> Shown:
    """A text and what was found in it, each finding with its rule's concept and source and the figures behind it."""
    findings = [_document(each, known.get(each.rule, {})) for each in found.findings]
    document = {"id": identity, "tier": found.tier.word, "findings": findings}
    people = Group(_underlined(identity, text, found), *(_paragraph(each) for each in findings), "")
    return Shown(document={**document, "emergency": found.emergency, "ruleset": found.ruleset}, people=people)


def _document(finding: Finding, rule: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"rule": finding.rule, "tier": finding.tier.word, "span": finding.span and [*finding.span]}
    concept = rule.get("concept") or sentence_of({"rule": finding.rule, **finding.detail})
    return {**shown, "concept": concept, "source": rule.get("source"), "detail": dict(finding.detail)}


def _underlined(identity: Any, text: str, found: Screening) -> RenderableType:
    """The text with what was found underlined, in the colour of the gravest that was found there."""
    shown = Text(as_written(text))
    for finding in sorted(found.findings, key=lambda each: each.tier):
        if finding.span:
            shown.stylize(f"underline {STYLES[finding.tier]}", *finding.span)
    head = Text.assemble((f"{identity}  ", "dim"), (found.tier.word, STYLES[found.tier]))
    if found.emergency:
        head.append("  emergency", "bold red")
    return Text.assemble(head, "\n  ", shown)


def _paragraph(finding: Mapping[str, Any]) -> RenderableType:
    tier = Tier.of(finding["tier"])
    lines: list[str | tuple[str, str]] = [
        ("  → ", "dim"),
        (finding["tier"], STYLES[tier]),
        f" {finding['rule']}: {finding['concept']}",
    ]
    figures = "; ".join(f"{name} {_figure(value)}" for name, value in finding["detail"].items())
    more = (figures, f"source: {finding['source']}" if finding["source"] else "")
    lines += [(f"\n      {line}", "dim") for line in more if line]
    return Text.assemble(*lines)


def _figure(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
