"""Links: one use, by whoever is first, within their time, and never readable in the table."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from store import links, schema
from store.database import Database
from store.links import Link
from tests.databases import opened

DAY = timedelta(days=1)


async def issue(database: Database, now: datetime, *, subject: str = "p1", kind: str = "patient") -> str:
    async with database.transaction() as tx:
        return await links.issue(tx, kind=kind, subject_id=subject, now=now, valid=DAY)


async def use(database: Database, code: str, now: datetime) -> Link | None:
    async with database.transaction() as tx:
        return await links.open_once(tx, code, now)


async def test_a_link_opens_once(database: Database, now: datetime) -> None:
    code = await issue(database, now)
    link = await use(database, code, now)
    assert link is not None
    assert (link.kind, link.subject_id) == ("patient", "p1")
    assert await use(database, code, now) is None


async def test_a_link_opens_until_it_expires(database: Database, now: datetime) -> None:
    code = await issue(database, now)
    assert await use(database, code, now + DAY) is None
    assert await use(database, code, now + DAY - timedelta(seconds=1)) is not None


async def test_a_new_link_revokes_the_old_one_of_its_kind_and_subject(database: Database, now: datetime) -> None:
    old, other, page_bot = [
        await issue(database, now, subject=subject, kind=kind)
        for subject, kind in (("p1", "staff"), ("p2", "staff"), ("p1", "page-bot"))
    ]
    new = await issue(database, now, kind="staff")
    assert await use(database, old, now) is None
    assert all([await use(database, code, now) for code in (other, page_bot, new)])


async def test_an_unknown_code_opens_nothing(database: Database, now: datetime) -> None:
    await issue(database, now)
    assert await use(database, "", now) is None
    assert await use(database, "a" * 22, now) is None


async def test_a_code_fits_a_deep_link_and_does_not_stand_in_the_table(database: Database, now: datetime) -> None:
    code = await issue(database, now)
    assert len(code) <= 64
    async with database.reading() as tx:
        (row,) = await tx.rows(schema.link.select())
    assert code not in str(row)


async def test_of_many_at_once_one_opens_it(database: Database, database_url: str, now: datetime) -> None:
    code = await issue(database, now)

    async def attempt() -> Link | None:
        async with opened(database_url) as own:
            return await use(own, code, now)

    found = await asyncio.gather(*(attempt() for _ in range(4)))
    assert len([link for link in found if link]) == 1
