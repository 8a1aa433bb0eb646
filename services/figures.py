"""How the engine keeps its promises, in figures: what waits and for how long, and how long alerts have taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.alert_report import WAITS, Life
from services import alert_report
from services.clinic import Clinic
from store import alerts, heartbeats, inbox, paging
from store.database import Transaction

__all__ = ["WAITS", "Figures", "gather"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is measured now; no patient is in it.

    `beats` are the ages of the last signs of life by name. `inbox`, `page` and `deadline` are how long the oldest
    unhandled update, unsent page and missed look of a ladder have waited; nothing when none does. `standing` counts
    the unclosed alerts by tier and state, `lives` are all alerts there ever were.
    """

    beats: Mapping[str, timedelta]
    inbox: timedelta
    page: timedelta
    deadline: timedelta
    standing: Mapping[tuple[str, str], int]
    lives: Sequence[Life]


async def gather(clinic: Clinic, tx: Transaction, now: datetime) -> Figures:
    """The figures of an instant."""
    standing = await alerts.every(tx, *alerts.OPEN_STATES)
    due_at = min((alert.due_at for alert in standing if alert.due_at is not None), default=None)
    return Figures(
        beats={name: _since(at, now) for name, at in (await heartbeats.last(tx)).items()},
        inbox=_since(await inbox.oldest_waiting_at(tx), now),
        page=_since(await paging.oldest_unsent_page_at(tx), now),
        deadline=_since(due_at, now),
        standing=Counter((alert.tier.word, alert.state) for alert in standing),
        lives=await alert_report.lives_of(clinic, tx, alert_report.BEGINNING, now),
    )


def _since(at: datetime | None, now: datetime) -> timedelta:
    return timedelta(0) if at is None else max(now - at, timedelta(0))
