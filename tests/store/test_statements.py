"""The embedded database's own way of executing gives what SQLAlchemy's gives, whatever shape a statement has."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, bindparam, func, insert, literal_column, or_, select, text, true, update
from sqlalchemy.dialects import sqlite

from store import embedded, heartbeats, meta
from store.database import Database
from store.errors import StoreError, UnreachableDatabase
from store.schema import alert_event, checkin, patient
from store.sqlcipher_driver import Connection
from store.statements import MOST, Statements
from tests.databases import opened
from tests.store import rows

OF_IDS = select(checkin.c.id, checkin.c.asks).where(checkin.c.id.in_(bindparam("ids", expanding=True)))
DUE = select(checkin).where(checkin.c.due_at <= bindparam("now")).order_by(checkin.c.due_at).limit(bindparam("most"))

QUERIES: Mapping[str, Callable[[Any, datetime], tuple[Any, Mapping[str, Any] | None]]] = {
    "all columns of all types": lambda row, now: (select(checkin).order_by(checkin.c.due_at), None),
    "a value within": lambda row, now: (select(checkin).where(checkin.c.id == row.id), None),
    "another value in the same shape": lambda row, now: (select(checkin).where(checkin.c.id == "no such"), None),
    "a value beside": lambda row, now: (DUE, {"now": now + timedelta(days=1), "most": 2}),
    "the same with fewer": lambda row, now: (DUE, {"now": now + timedelta(days=1), "most": 1}),
    "some of a list": lambda row, now: (OF_IDS, {"ids": [row.id, "another"]}),
    "one of a list": lambda row, now: (OF_IDS, {"ids": [row.id]}),
    "none of an empty list": lambda row, now: (OF_IDS, {"ids": []}),
    "a list within": lambda row, now: (select(checkin.c.id).where(checkin.c.state.in_(["scheduled", "sent"])), None),
    "instants in a list": lambda row, now: (select(checkin.c.id).where(checkin.c.due_at.in_([row.due_at])), None),
    "an aggregate without a name": lambda row, now: (select(func.min(checkin.c.due_at), func.count()), None),
    "a label and a join": lambda row, now: (
        select(checkin.c.id, patient.c.number.label("n")).join(patient, patient.c.id == checkin.c.patient_id),
        None,
    ),
    "nothing and everything": lambda row, now: (
        select(checkin.c.id).where(or_(checkin.c.remind_at.is_(None), true())),
        None,
    ),
    "plain text": lambda row, now: (text("SELECT id, due_at FROM checkin WHERE id = :id"), {"id": row.id}),
    "a word in the statement itself": lambda row, now: (select(literal_column("'x'").label("x")), None),
}


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("name", QUERIES)
async def test_a_query_gives_what_sqlalchemy_gives(database: Database, now: datetime, name: str) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        one = await rows.checkin(tx, whose, now)
        await rows.checkin(tx, whose, now + timedelta(hours=1), key="mood/2", remind_at=None)
    query, values = QUERIES[name](one, now)
    async with database.reading(by_sqlalchemy=True) as tx:
        theirs = await tx.rows(query, values)
    async with database.reading() as tx:
        for _ in range(2):  # prepared, and known
            ours = await tx.rows(query, values)
            assert [tuple(row) for row in ours] == [tuple(row) for row in theirs]
            assert [row._asdict() for row in ours if name != "an aggregate without a name"] == [
                row._asdict() for row in theirs if name != "an aggregate without a name"
            ]


async def test_many_rows_are_written_with_what_each_of_them_gives(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        seen = await rows.alert(tx, await rows.patient(tx, now), now)
        values = [
            {
                "id": f"{at}" * 32,
                "alert_id": seen.id,
                "at": now + at * timedelta(hours=1),
                "kind": "x",
                "detail": {"n": at},
            }
            for at in range(3)
        ]
        assert (await tx.execute(insert(alert_event), values)).rowcount == 3
        put_off = update(alert_event).where(alert_event.c.id == bindparam("which")).values(kind=bindparam("said"))
        with pytest.raises(StoreError, match="only added to"):
            async with tx.part():
                await tx.execute(put_off, [{"which": each["id"], "said": "y"} for each in values])
        found = await tx.rows(select(alert_event).order_by(alert_event.c.at))
    assert [(row.at, row.kind, row.detail) for row in found] == [(v["at"], "x", v["detail"]) for v in values]


async def test_a_part_that_fails_takes_only_its_own_with_it(database: Database) -> None:
    async with database.transaction() as tx:
        await meta.put(tx, "before", "stays")
        for fails in (True, False):
            try:
                async with tx.part():
                    await meta.put(tx, f"fails {fails}", "x")
                    if fails:
                        raise KeyError
            except KeyError:
                pass
        await meta.put(tx, "after", "stays")
    async with database.reading() as tx:
        found = {name: await meta.get(tx, name) for name in ("before", "fails True", "fails False", "after")}
    assert found == {"before": "stays", "fails True": None, "fails False": "x", "after": "stays"}


@pytest.mark.on("sqlite")
async def test_who_is_cancelled_while_another_process_writes_leaves_nothing_and_holds_up_nobody(
    database: Database, database_url: str, now: datetime
) -> None:
    async def write() -> None:
        async with database.transaction() as tx:
            await heartbeats.beat(tx, "poll", now)

    async with opened(database_url) as other, asyncio.timeout(5):
        async with other.transaction() as tx:
            await meta.put(tx, "other", "writes")
            waiting = asyncio.create_task(write())
            await asyncio.sleep(0.2)
            waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0.3)  # meanwhile the thread that waited for the lock has had it
        async with other.transaction() as tx:
            await meta.put(tx, "other", "writes again")
    async with database.transaction() as tx:
        assert await heartbeats.last(tx) == {}
        await heartbeats.beat(tx, "tick", now)


def test_the_shapes_that_are_kept_are_bounded() -> None:
    known = Statements(sqlite.dialect())
    for number in range(MOST + 10):
        query: Select[Any] = select(literal_column(str(number)))
        known.prepare(query)
    assert len(known._known) <= MOST


@pytest.mark.on("sqlite")
async def test_what_follows_after_the_database_took_all_back_by_itself_is_not_written_alone(database: Database) -> None:
    """As SQLite does on a full disk: whoever goes on after that error must not have half of it."""

    async def write() -> None:
        async with database.transaction() as tx:
            await meta.put(tx, "before", "x")
            with contextlib.suppress(KeyError):
                async with tx.part():
                    await tx.execute(text("ROLLBACK"))
                    raise KeyError
            with contextlib.suppress(UnreachableDatabase):
                await meta.put(tx, "after", "x")

    with pytest.raises(UnreachableDatabase):
        await write()
    async with database.reading() as tx:
        assert [await meta.get(tx, name) for name in ("before", "after")] == [None, None]


@pytest.mark.on("sqlite")
async def test_a_commit_that_hangs_holds_up_whoever_gave_up_on_it_for_a_moment_only(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, run = threading.Event(), Connection.run

    async def hang(connection: Connection, work: Callable[[Any], Any]) -> Any:
        return await run(connection, lambda raw: (disk.wait(10), work(raw)))

    async def write() -> None:
        async with database.transaction() as tx:
            await heartbeats.beat(tx, "poll", now)
            monkeypatch.setattr(Connection, "run", hang)

    monkeypatch.setattr(embedded, "PATIENCE", 0.1)
    began = asyncio.get_running_loop().time()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(write(), 0.2)
    took = asyncio.get_running_loop().time() - began
    disk.set()
    await asyncio.sleep(0.3)  # its thread comes to its end
    assert took < 2
    monkeypatch.setattr(Connection, "run", run)
    async with asyncio.timeout(5), database.transaction() as tx:
        await heartbeats.beat(tx, "tick", now)
