"""Heartbeats: the last of each part is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from store import heartbeats
from store.database import Database


async def test_the_last_beat_of_each_part_is_kept(database: Database, now: datetime) -> None:
    later = now + timedelta(seconds=5)
    async with database.transaction() as tx:
        await heartbeats.beat(tx, "poll", now)
        await heartbeats.beat(tx, "tick", now)
        await heartbeats.beat(tx, "poll", later)
    async with database.reading() as tx:
        assert await heartbeats.last(tx) == {"poll": later, "tick": now}
