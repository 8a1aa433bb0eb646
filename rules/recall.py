"""How well a screening does against labels: who was asked, flagged, paged, with intervals, and a table by category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from rules.tier import Tier

Z = 1.96  # of a 95 % interval
LEAST = {"asked": Tier.NOTE, "flagged": Tier.AMBER, "paged": Tier.RED}
RATES = (
    *((Tier.RED, did) for did in ("paged", "flagged", "asked")),
    *((Tier.AMBER, did) for did in ("flagged", "asked")),
    *((Tier.NONE, did) for did in ("asked", "flagged", "paged")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text that was screened: the label that it should have, its category, and what the screening said."""

    label: Tier
    category: str
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of how many, with the ends of the 95 % interval; none of them says anything when `of` is 0."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The share of the texts with a label that were asked about, flagged or paged."""

    label: Tier
    did: str
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """The share of the texts of a category and label that were flagged."""

    category: str
    label: Tier
    flagged: Share


def rates(rows: Sequence[Labelled]) -> list[Rate]:
    """Recall of red and amber, then the false alarms."""
    return [
        Rate(label=label, did=did, share=_share([row for row in rows if row.label is label], LEAST[did]))
        for label, did in RATES
    ]


def categories(rows: Sequence[Labelled]) -> list[Category]:
    """Every category with each of its labels, by name."""
    groups: defaultdict[tuple[str, str], list[Labelled]] = defaultdict(list)
    for row in rows:
        groups[row.category, row.label.word].append(row)
    return [
        Category(category=category, label=group[0].label, flagged=_share(group, Tier.AMBER))
        for (category, _), group in sorted(groups.items())
    ]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, after Wilson (1927): it holds for few rows and for shares near 0 and 1, too."""
    share, spread = hits / of, 1 + Z * Z / of
    middle = share + Z * Z / (2 * of)
    half = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    return max(0.0, (middle - half) / spread), min(1.0, (middle + half) / spread)


def _share(rows: Sequence[Labelled], least: Tier) -> Share:
    hits, of = sum(row.tier >= least for row in rows), len(rows)
    if not of:
        return Share(hits=0, of=0, share=None, low=None, high=None)
    low, high = wilson(hits, of)
    return Share(hits=hits, of=of, share=hits / of, low=low, high=high)
