"""`fortnight digest`: what patients wrote, with what was seen in it; a reveal, and logged as one."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.desk import ACTOR, Desk, writing
from app.cli.options import INSTANT, instant
from app.cli.printing import Shown, as_written
from content.findings import sentence_of
from rules.digest import Entry
from rules.tier import Tier
from services import records, written

STYLES = {Tier.RED: "bold red", Tier.AMBER: "yellow", Tier.NOTE: "cyan", Tier.NONE: "dim"}


@writing
async def show(
    desk: Desk,
    since: Annotated[str | None, typer.Option("--since", help=f"All since then, read or not. {INSTANT}")] = None,
) -> Shown:
    """Show what patients wrote and no clinician has opened yet, the gravest first. It stays unread, and is logged.

    Example: fortnight digest --since 2026-11-02T09:00+01:00
    """
    found = await written.looked_up(desk.tx, instant(since, desk.now) if since else None, ACTOR, desk.now)
    people = [_paragraph(entry) for entry in found] or ["Nothing to read."]
    return Shown(document=[_document(entry) for entry in found], people=Group(*people))


def _document(entry: Entry) -> dict[str, Any]:
    return {
        "patient": entry.patient,
        "at": records.stamp(entry.at),
        "tier": entry.tier.word,
        "words": entry.words,
        "findings": [
            {"rule": each["rule"], "tier": each["tier"], "sentence": sentence_of(each)} for each in entry.reasons
        ],
    }


def _paragraph(entry: Entry) -> RenderableType:
    head = f"{entry.tier.word:6}{entry.patient or '–'}  {entry.at:%Y-%m-%d %H:%M}"
    lines = [(f"{head}\n", STYLES[entry.tier])]
    if entry.words is not None:
        lines.append((f"{as_written(entry.words)}\n", ""))
    lines += [(f"→ {sentence_of(each)}\n", "dim") for each in entry.reasons]
    return Text.assemble(*lines)
