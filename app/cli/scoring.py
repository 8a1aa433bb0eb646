"""How well the screening does on labelled texts: recall by tier, false alarms and a table by category."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.progress import track

from app.cli.printing import Shown, table, why_not
from rules import recall
from rules.recall import Labelled, Share
from rules.screening import RuleSet, screen
from rules.tier import Tier
from services.errors import Refused

RATES = {"texts": "texts", "hits": "hits", "of": "of", "share": "share", "low": "95 % from", "high": "to"}
CATEGORIES = {"category": "category", "tier": "label", "share": "flagged", "of": "texts"}


def measured(file: Path, rules: RuleSet) -> Shown:
    """Screen every text of a CSV (id, text, tier, category, notes) and compare. Raises Refused."""
    rows = [
        Labelled(label=Tier.of(row["tier"]), category=row["category"], tier=screen(row["text"], rules).tier)
        for row in track(_read(file), description="Screening", console=Console(stderr=True), transient=True)
    ]
    rates = [
        {"texts": f"{each.label.word} {each.did}", "tier": each.label.word, "did": each.did, **_figures(each.share)}
        for each in recall.rates(rows)
    ]
    categories = [
        {"category": each.category, "tier": each.label.word, **_figures(each.flagged)}
        for each in recall.categories(rows)
    ]
    document = {"texts": len(rows), "ruleset": rules.hash, "rates": rates, "categories": categories}
    columns = ((rates, RATES), (categories, CATEGORIES))
    people = [table([_rounded(each) for each in found], heads, empty="No texts.") for found, heads in columns]
    return Shown(document=document, people=Group(people[0], "", people[1]))


def _figures(share: Share) -> dict[str, Any]:
    return {"hits": share.hits, "of": share.of, "share": share.share, "low": share.low, "high": share.high}


def _rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: f"{each:.3f}" if isinstance(each, float) else each for name, each in figures.items()}


def _read(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {why_not(error)}.", "give a CSV that this user may read") from None
    for number, row in enumerate(rows, start=1):
        try:
            Tier.of(row["tier"]), row["text"], row["category"]
        except (KeyError, ValueError, AttributeError):
            mend = "give the columns id,text,tier,category,notes, with none, amber or red as tier"
            raise Refused(f"Row {number} of {file} is no labelled text.", mend) from None
    return rows
