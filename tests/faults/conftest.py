"""Fixtures of the faults: a clinic for real engines on each database, and a world in one process on SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from store.database import Database
from tests.faults.stage import Stage, staged
from tests.world import World, opened


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A clinic for engines that are killed, on each database."""
    async with staged(database_url, tmp_path) as stage:
        yield stage


@pytest.fixture
async def world(sqlite_database: Database, now: datetime, tmp_path: Path) -> AsyncIterator[World]:
    """A clinic in one process, with a virtual clock."""
    async with opened(sqlite_database, now, tmp_path) as world:
        yield world
