"""`fortnight screen`: what the screening says of texts, why, and how well, without configuration, database or token."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from app.cli import explaining, scoring
from app.cli.printing import Complaint, complain, print_json, show
from content import screening
from rules.screening import RuleSet
from rules.screening import screen as screen_text
from services.errors import Refused


def screen(
    file: Annotated[Path | None, typer.Argument(help="JSON lines {id, text}; standard input if none.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Why: the places in the text, the rules, where they come from.")
    ] = False,
    score: Annotated[
        Path | None,
        typer.Option("--score", metavar="GOLD.csv", help="Measure instead: a CSV of id,text,tier,category,notes."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON also for --explain, --score and errors; else it is JSON lines anyway.")
    ] = False,
) -> None:
    """Screen texts: JSON lines {id, text} in, {id, tier, findings: [{rule, tier, span}]} out, in the same order.

    Example: echo '{"id": 1, "text": "I slept well"}' | fortnight screen
    """
    try:
        rules = screening.load()
        if score is not None:
            show(scoring.measured(score, rules), as_json=as_json)
        else:
            _screen_lines(file, rules, explain=explain, as_json=as_json)
    except Refused as error:
        complain(Complaint(error=str(error), mend=error.mend), as_json=as_json)
        raise typer.Exit(2) from None


def _screen_lines(file: Path | None, rules: RuleSet, *, explain: bool, as_json: bool) -> None:
    sources = explaining.sources() if explain else {}
    with _opened(file) as lines:
        for identity, text in _read(lines):
            if not explain:
                print_json(screened(identity, text, rules))
                continue
            show(explaining.explained(identity, text, screen_text(text, rules), sources), as_json=as_json)


def screened(identity: Any, text: str, rules: RuleSet) -> dict[str, Any]:
    """What the screening says of one text."""
    found = screen_text(text, rules)
    findings = [
        {"rule": each.rule, "tier": each.tier.word, "span": each.span and [*each.span]} for each in found.findings
    ]
    return {"id": identity, "tier": found.tier.word, "findings": findings}


def _opened(file: Path | None) -> IO[str]:
    if file is None or str(file) == "-":
        sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        return sys.stdin
    try:
        return file.open(encoding="utf-8")
    except OSError as error:
        raise Refused(
            f"{file} cannot be read ({type(error).__name__}).", "give a file that this user may read"
        ) from None


def _read(lines: IO[str]) -> Iterator[tuple[Any, str]]:
    number = 0
    try:
        for number, line in enumerate(lines, start=1):  # noqa: B007 - told of in the sentence below
            if line.strip():
                given = json.loads(line)
                yield given["id"], given["text"]
    except (ValueError, KeyError, TypeError):
        raise Refused(
            f"Line {number} is no JSON object with id and text.", 'write {"id": …, "text": "…"} a line'
        ) from None
