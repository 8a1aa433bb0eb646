"""How well alerts were answered: by week and tier, the times that patients waited, climbs and false pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from rules.local_time import to_local
from rules.tier import Tier

FALSE = "no-concern"
REACHED = ("reached-safe", "reached-care")


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """An alert from its opening to its end. `due_at` is when it was to ring first: an amber may wait for the opening.

    `climbs` counts the rings that went to somebody new; `unanswered` says that everybody had to be tried.
    """

    tier: Tier
    due_at: datetime
    paged_at: datetime | None = None
    acknowledged_at: datetime | None = None
    contacted_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    climbs: int = 0
    unanswered: bool = False

    def waits(self) -> Mapping[str, timedelta]:
        """How long it took from `due_at`, by what came of it; what has not come is left out."""
        ends = {
            "page": self.paged_at,
            "acknowledge": self.acknowledged_at,
            "contact": self.contacted_at,
            "close": self.closed_at,
        }
        return {name: max(at - self.due_at, timedelta(0)) for name, at in ends.items() if at is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The middle of some times, and what nine in ten did not exceed; none of no times."""

    median: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The alerts of one tier in one week, "2026-W18" in the clinic's zone; `waits` by page, acknowledge, contact,
    close."""

    week: str
    tier: Tier
    alerts: int
    waits: Mapping[str, Spread]
    unanswered: int
    climbs: int
    outcomes: Mapping[str, int]

    @property
    def false(self) -> int:
        """Alerts that were no concern."""
        return self.outcomes.get(FALSE, 0)


WAITS = ("page", "acknowledge", "contact", "close")


def climbs(rings: Sequence[frozenset[str]]) -> int:
    """How many rings after the first went to somebody who had not been rung yet."""
    reached, count = frozenset[str](), 0
    for number, ring in enumerate(rings):
        count += bool(number and ring - reached)
        reached |= ring
    return count


def by_week(lives: Iterable[Life], zone: str) -> list[Line]:
    """A line for each week and tier that had alerts, in order of time, red before amber."""
    groups: dict[tuple[str, Tier], list[Life]] = defaultdict(list)
    for life in lives:
        groups[week_of(life.due_at, zone), life.tier].append(life)
    order = sorted(groups, key=lambda group: (group[0], -group[1]))
    return [_line(week, tier, groups[week, tier]) for week, tier in order]


def week_of(at: datetime, zone: str) -> str:
    """The ISO week of an instant as a zone counts it: "2026-W18"."""
    year, week, _ = to_local(at, zone).isocalendar()
    return f"{year}-W{week:02}"


def spread(times: Sequence[timedelta]) -> Spread:
    """Median and 90th percentile, each a time that was really taken (nearest rank)."""
    ordered = sorted(times)
    return Spread(median=_rank(ordered, 0.5), p90=_rank(ordered, 0.9)) if ordered else Spread()


def _line(week: str, tier: Tier, lives: Sequence[Life]) -> Line:
    waits = [life.waits() for life in lives]
    return Line(
        week=week,
        tier=tier,
        alerts=len(lives),
        waits={name: spread([each[name] for each in waits if name in each]) for name in WAITS},
        unanswered=sum(life.unanswered for life in lives),
        climbs=sum(life.climbs for life in lives),
        outcomes=Counter(life.outcome for life in lives if life.outcome),
    )


def _rank(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
