"""In a random clinic's fortnight nothing is lost, counted twice, asked by night or left unseen, whatever goes wrong."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import MEMORY
from tests.databases import SqliteFiles, opened
from tests.soak.fortnight import live

SEEDS = range(int(os.environ.get("CLINICS_FROM", "1")), int(os.environ.get("CLINICS_SEEDS", "1")) + 1)
FIRST = datetime(2026, 3, 20, 10, tzinfo=UTC)  # clocks change within the fortnight, in Europe and in New Zealand


@pytest.mark.timeout(0)
async def test_in_a_random_clinic_nothing_is_lost_or_done_twice(sqlite_files: SqliteFiles) -> None:
    for seed in SEEDS:
        with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
            async with opened(sqlite_files.fresh(Path(folder)), in_place=True) as database:
                episodes, wrong = await live(database, FIRST, Path(folder), seed)
        assert wrong == [], f"seed {seed}"
        crashes = sum(each.crashes for each in episodes)
        print(f"\nclinic {seed}: {len(episodes)} red messages, {crashes} kills around them; all is well", flush=True)
