"""The report over alerts: their lives out of the rows, then a line for each week and tier, as JSON values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rules import ladder
from rules.alert_report import REACHED, WAITS, Life, Line, by_week, climbs
from services.clinic import Clinic
from store import lives
from store.database import Transaction
from store.lives import Stored

__all__ = ["BEGINNING", "WAITS", "lines", "lives_of"]
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # before any alert


async def lines(clinic: Clinic, tx: Transaction, from_at: datetime, to_at: datetime) -> list[dict[str, Any]]:
    """The alerts opened in a span of time: a row a week and tier, all times in seconds."""
    return [_row(line) for line in by_week(await lives_of(clinic, tx, from_at, to_at), clinic.timezone)]


async def lives_of(clinic: Clinic, tx: Transaction, from_at: datetime, to_at: datetime) -> list[Life]:
    """The lives of the alerts that were opened in a span of time."""
    return [_life(clinic, each) for each in await lives.of_alerts(tx, from_at, to_at)]


def _life(clinic: Clinic, stored: Stored) -> Life:
    began = ladder.opened(
        stored.opened_as,
        now=stored.opened_at,
        hours=clinic.hours,
        at_any_hour=stored.at_any_hour or _rang_early(stored),
    )
    reached_at = stored.closed_at if stored.outcome in REACHED else None
    return Life(
        tier=stored.tier,
        due_at=began.round_started_at,
        paged_at=stored.paged_at,
        acknowledged_at=stored.acknowledged_at,
        contacted_at=stored.called_at or reached_at,
        closed_at=stored.closed_at,
        outcome=stored.outcome,
        climbs=climbs([who for who, _ in stored.rings]),
        unanswered=any(nobody for _, nobody in stored.rings),
    )


def _rang_early(stored: Stored) -> bool:
    """Whether it was paged about within moments, so that it cannot have waited for an opening."""
    return stored.paged_at is not None and stored.paged_at - stored.opened_at < timedelta(minutes=1)


def _row(line: Line) -> dict[str, Any]:
    waits = {
        f"{name}_{which}": None if (at := getattr(line.waits[name], which)) is None else at.total_seconds()
        for name in WAITS
        for which in ("median", "p90")
    }
    return {
        "week": line.week,
        "tier": line.tier.word,
        "alerts": line.alerts,
        **waits,
        "unanswered": line.unanswered,
        "climbs": line.climbs,
        "false": line.false,
        "outcomes": dict(line.outcomes),
    }
