"""`fortnight screen`: what the screening says of texts in JSON lines, without configuration, database or token."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from app.cli.printing import Complaint, complain, print_json
from content import screening
from rules.screening import RuleSet
from rules.screening import screen as screen_text
from services.errors import Refused


def screen(
    file: Annotated[Path | None, typer.Argument(help="JSON lines {id, text}; standard input if none.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="The views and figures behind each finding, too.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Errors as JSON, too; the output is JSON lines anyway.")
    ] = False,
) -> None:
    """Screen texts: JSON lines {id, text} in, {id, tier, findings: [{rule, tier, span}]} out, in the same order.

    Example: echo '{"id": 1, "text": "I slept well"}' | fortnight screen
    """
    try:
        rules = screening.load()
        with _opened(file) as lines:
            for number, text in _read(lines):
                print_json(screened(number, text, rules, explain=explain))
    except Refused as error:
        complain(Complaint(error=str(error), mend=error.mend), as_json=as_json)
        raise typer.Exit(2) from None


def screened(identity: Any, text: str, rules: RuleSet, *, explain: bool) -> dict[str, Any]:
    """What the screening says of one text."""
    found = screen_text(text, rules)
    findings = []
    for each in found.findings:
        shown: dict[str, Any] = {"rule": each.rule, "tier": each.tier.word, "span": each.span and [*each.span]}
        findings.append({**shown, "detail": dict(each.detail)} if explain else shown)
    document = {"id": identity, "tier": found.tier.word, "findings": findings}
    return {**document, "emergency": found.emergency, "ruleset": found.ruleset} if explain else document


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
