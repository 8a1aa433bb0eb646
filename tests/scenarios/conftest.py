"""Fixtures of the stories: a world on each database, and one on SQLite alone for the long ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from store.database import Database
from tests.world import World, opened


@pytest.fixture
async def world(database: Database, now: datetime, tmp_path: Path) -> AsyncIterator[World]:
    """A clinic on a Monday noon in Madrid, on each database, without anybody in it yet."""
    async with opened(database, now, tmp_path) as world:
        yield world
