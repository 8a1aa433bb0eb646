"""In a simulated year no red message goes without a page to somebody who can be reached, or the operator's alarm."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import MEMORY
from tests.databases import SqliteFiles, opened
from tests.soak.year import DEADLINE, Episode, live

WORST = 68  # of a thousand years: 16 minutes until somebody had learned of a message
SEEDS = range(int(os.environ.get("SOAK_FROM", "1")), int(os.environ.get("SOAK_SEEDS", "2")) + 1)


async def year(files: SqliteFiles, now: datetime, seed: int) -> list[Episode]:
    """The year of a seed, on a database of its own."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        async with opened(files.fresh(Path(folder)), in_place=True) as database:
            return await live(database, now, Path(folder), seed)


def lateness(episode: Episode) -> timedelta:
    """How long it took until somebody learned of a message, by whichever way was first."""
    ways = (episode.reached_at, episode.alarm_at, episode.dead_man_at)
    return min((at - episode.said_at for at in ways if at is not None), default=timedelta.max)


def shown(episodes: Sequence[Episode]) -> str:
    """The table of what became of them."""
    by = Counter(each.by for each in episodes)
    calm = [each for each in episodes if each.troubles.outage is None and not each.crashes]
    first = sorted((each.paged_at - each.said_at).total_seconds() for each in calm if each.paged_at is not None)
    slowest = max((each.reached_at - each.said_at for each in episodes if each.reached_at), default=timedelta(0))
    rows = {
        "red messages": len(episodes),
        "  amid an outage of Telegram's": sum(each.troubles.outage is not None for each in episodes),
        "  with the engine killed": sum(each.crashes > 0 for each in episodes),
        "  with a clock that jumped": sum(each.step is not None for each in episodes),
        "kills": sum(each.crashes for each in episodes),
        f"a page at somebody who can be reached within {DEADLINE.seconds // 60} min": by["reached"],
        "else the operator's alarm": by["alarm"],
        "else the dead-man switch": by["dead_man"],
        "NOBODY": by["nobody"],
        "pages": sum(each.pages for each in episodes),
        "first page in calm weather, median s": round(statistics.median(first), 1) if first else "",
        "first page in calm weather, worst s": max(first, default=""),
        "latest first page at somebody who can be reached, min": round(slowest.total_seconds() / 60, 1),
    }
    return "\n".join(f"{name:62}{value:>10}" for name, value in rows.items())


@pytest.mark.timeout(0)
async def test_in_a_year_of_troubles_no_red_message_goes_unseen(sqlite_files: SqliteFiles, now: datetime) -> None:
    episodes: list[Episode] = []
    for seed in SEEDS:
        lived = await year(sqlite_files, now, seed)
        assert [each for each in lived if each.by == "nobody"] == [], f"seed {seed}"
        episodes += lived
        worst = max(map(lateness, lived)).total_seconds() / 60
        print(f"\nseed {seed}: {worst:.1f} min at worst; so far\n{shown(episodes)}", flush=True)


@pytest.mark.timeout(0)
async def test_the_worst_year_so_far_goes_well_again(sqlite_files: SqliteFiles, now: datetime) -> None:
    lived = await year(sqlite_files, now, WORST)
    assert max(map(lateness, lived)) <= DEADLINE
    assert [each for each in lived if each.by == "nobody"] == []
