"""New keys: every value readable, none sealed twice, whenever it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime

import pytest
from sqlalchemy import func, select

from store import audit, migrations, patients, rotation
from store.database import Database
from store.engine import change_file_key, connect, opens, sqlite_path
from store.keyring import CLINIC
from store.keys import MasterKey, key_id_of, new_master_key
from store.schema import data_key, patient
from tests.databases import KEY, opened

MANY = int(os.environ.get("ROTATION_ROWS", "600"))
KILLS = int(os.environ.get("ROTATION_KILLS", "3"))
ROTATE = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from store import rotation
from tests.databases import opened

async def main(url, batches):
    async with opened(url) as database:
        await rotation.retire_keys(database, datetime(2026, 5, 4, tzinfo=UTC))
        async for _ in rotation.seal_anew(database):
            batches -= 1
            if batches == 0:
                os.kill(os.getpid(), signal.SIGKILL)

rotation.AT_ONCE = int(sys.argv[3])
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


async def filled(database: Database, now: datetime) -> None:
    """Many patients, and a row of the audit."""
    async with database.transaction() as tx:
        for number in range(MANY // 3):  # three sealed values each
            contact = {"phone": str(number)}
            one = await patients.add(tx, name=f"N{number}", timezone="UTC", language="en", contact=contact, now=now)
            await patients.write_plan(tx, one.id, f"plan {number}")
        await audit.record(tx, stream="clinic", actor="cli", action="did", subject="P-1", now=now)


async def all_is_readable(database: Database) -> None:
    """Each value opens to what it was, with a key that stands; nothing of an old key is left."""
    async with database.reading() as tx:
        for each in await patients.every(tx):
            number = each.number - 1001
            found = await patients.particulars(tx, each.id)
            assert (found.name, found.plan, found.contact) == (f"N{number}", f"plan {number}", {"phone": str(number)})
        standing = {row.id for row in await tx.rows(select(data_key.c.id).where(data_key.c.retired_at.is_(None)))}
        rows = await tx.rows(select(patient.c.name, patient.c.contact, patient.c.plan))
        assert {key_id_of(sealed) for row in rows for sealed in row} <= standing
        assert (await tx.row(select(func.count()).where(data_key.c.retired_at.is_not(None)))) == (0,)
        assert await audit.first_break(tx, "clinic") is None
    await migrations.refuse_unready(database)


@pytest.mark.process
async def test_a_rotation_that_is_killed_on_the_way_goes_on_where_it_was(
    database: Database, database_url: str, now: datetime
) -> None:
    await filled(database, now)
    await database.close()
    at_once = MANY // (KILLS + 1)
    for killed in [True] * KILLS + [False]:
        words = (database_url, "1" if killed else "-1", str(at_once))
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", ROTATE, *words)
        assert await process.wait() == (-signal.SIGKILL if killed else 0)
    async with opened(database_url) as after:
        await all_is_readable(after)


async def test_each_value_is_sealed_anew_once(database: Database, now: datetime) -> None:
    await filled(database, now)
    assert await rotation.retire_keys(database, now) == MANY // 3 + 1
    assert await rotation.retire_keys(database, now) == 0  # one is going on
    assert sum([batch async for batch in rotation.seal_anew(database)]) == MANY // 3 * 3
    assert sum([batch async for batch in rotation.seal_anew(database)]) == 0
    await all_is_readable(database)


async def test_what_was_erased_stays_erased(database: Database, now: datetime) -> None:
    await filled(database, now)
    async with database.transaction() as tx:
        (gone, *_) = await patients.every(tx)
        await tx.keyring.destroy(tx, gone.id)
    await rotation.retire_keys(database, now)
    assert [batch async for batch in rotation.seal_anew(database)]
    async with database.reading() as tx:
        assert (await patients.particulars(tx, gone.id)).name is None


async def test_under_a_new_master_key_all_opens_and_the_old_one_opens_nothing(
    database: Database, database_url: str, now: datetime
) -> None:
    await filled(database, now)
    signs, new = database.keyring.button_key, MasterKey.parse(new_master_key())
    for _ in range(2):  # killed after it, it is done again
        await rotation.change_master(database, new)
    await database.close()
    if database.is_sqlite:
        change_file_key(sqlite_path(database_url), KEY, new)
        assert not opens(sqlite_path(database_url), KEY)
    after = Database(connect(database_url, new), new)
    try:
        await all_is_readable(after)
        assert after.keyring.button_key == signs  # a button that was sent before still works
        async with after.transaction() as tx:
            await audit.record(tx, stream="clinic", actor="cli", action="more", subject="P-1", now=now)
            assert await audit.first_break(tx, "clinic") is None
            assert await tx.open("a.b:c", await tx.seal(CLINIC, "a.b:c", "x")) == "x"
    finally:
        await after.close()
