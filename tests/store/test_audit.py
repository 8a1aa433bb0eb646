"""The audit: a chain per stream, in which any change is found."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, insert, update

from store import audit
from store.database import Database, Transaction
from store.schema import audit as table
from store.schema import audit_head
from tests.databases import opened
from tests.store.rows import lay_guards_down

STREAM = audit.stream_of("p1")
ROW = table.c.stream == STREAM


async def record(tx: Transaction, now: datetime, action: str = "did", stream: str = STREAM) -> None:
    await audit.record(tx, stream=stream, actor="cli", action=action, subject="P-1042", now=now, detail={"n": 1})


@pytest.fixture
async def chained(database: Database, now: datetime) -> Database:
    """A database with a chain of five rows, beside another."""
    async with database.transaction() as tx:
        for number in range(5):
            await record(tx, now + timedelta(seconds=number), f"action-{number}")
            await record(tx, now, stream=audit.CLINIC_STREAM)
        await lay_guards_down(tx)
    return database


async def test_a_chain_that_was_left_alone_holds(chained: Database, now: datetime) -> None:
    async with chained.reading() as tx:
        assert await audit.streams(tx) == ["clinic", STREAM]
        assert [await audit.first_break(tx, stream) for stream in await audit.streams(tx)] == [None, None]
        assert await audit.first_break(tx, "patient:nobody") is None
        entries = await audit.read(tx, STREAM)
    assert [(entry.seq, entry.action) for entry in entries] == [(n + 1, f"action-{n}") for n in range(5)]
    assert (entries[0].at, entries[0].detail) == (now, {"n": 1})


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ({"action": "other"}, 3),
        ({"actor": "staff:x"}, 3),
        ({"subject": "P-1"}, 3),
        ({"detail": {"n": 2}}, 3),
        ({"mac": "0" * 64}, 3),
        ({"seq": 9}, 3),
    ],
)
async def test_a_changed_row_is_found(chained: Database, values: dict[str, object], broken: int) -> None:
    async with chained.transaction() as tx:
        await tx.execute(update(table).where(ROW, table.c.seq == 3).values(**values))
        assert await audit.first_break(tx, STREAM) == broken
        assert await audit.first_break(tx, audit.CLINIC_STREAM) is None


async def test_a_moved_instant_is_found(chained: Database, now: datetime) -> None:
    async with chained.transaction() as tx:
        await tx.execute(update(table).where(ROW, table.c.seq == 2).values(at=now))
        assert await audit.first_break(tx, STREAM) == 2


async def test_a_row_taken_out_is_found(chained: Database) -> None:
    async with chained.transaction() as tx:
        await tx.execute(delete(table).where(ROW, table.c.seq == 2))
        assert await audit.first_break(tx, STREAM) == 2


async def test_a_tail_that_was_cut_off_is_found_by_the_head(chained: Database) -> None:
    async with chained.transaction() as tx:
        await tx.execute(delete(table).where(ROW, table.c.seq > 3))
        assert await audit.first_break(tx, STREAM) == 4


async def test_a_chain_without_its_head_is_found(chained: Database) -> None:
    async with chained.transaction() as tx:
        await tx.execute(delete(audit_head).where(audit_head.c.stream == STREAM))
        assert STREAM in await audit.streams(tx)
        assert await audit.first_break(tx, STREAM) == 6


async def test_a_row_forged_without_the_key_is_found(chained: Database, now: datetime) -> None:
    async with chained.transaction() as tx:
        last = (await audit.read(tx, STREAM))[-1]
        forged = {
            "stream": STREAM,
            "seq": 6,
            "at": now,
            "actor": "cli",
            "action": "forged",
            "subject": "P-1042",
            "detail": {},
        }
        forged["mac"] = audit.chain_mac(b"a guessed key", last.mac, forged)
        await tx.execute(insert(table), forged)
        await tx.execute(update(audit_head).where(audit_head.c.stream == STREAM).values(seq=6, mac=forged["mac"]))
        assert await audit.first_break(tx, STREAM) == 6


async def test_the_zone_in_which_an_instant_is_given_makes_no_difference(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        await record(tx, now.astimezone(timezone(timedelta(hours=5))))
    async with database.reading() as tx:
        assert await audit.first_break(tx, STREAM) is None


async def test_writers_at_the_same_time_make_one_chain(database: Database, database_url: str, now: datetime) -> None:
    async def write() -> None:
        async with opened(database_url) as own:
            for _ in range(5):
                async with own.transaction() as tx:
                    await record(tx, now)

    await asyncio.gather(*(write() for _ in range(4)))
    async with database.reading() as tx:
        assert await audit.first_break(tx, STREAM) is None
        assert len(await audit.read(tx, STREAM)) == 20
