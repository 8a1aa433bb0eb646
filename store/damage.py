"""Looks through the pages of an SQLite file, whose damage may otherwise show only when one of them is read."""

from __future__ import annotations

from sqlalchemy import text

from store.database import Database
from store.errors import DamagedDatabase


async def refuse_damaged(database: Database) -> None:
    """Raise DamagedDatabase when a page of the file is broken; reads every page in use, each proven by its hash.

    SQLCipher's own check looks at the file without its log: what a checkpoint that was cut short has not yet written
    there it takes for broken. PostgreSQL looks after its own.
    """
    if not database.is_sqlite:
        return
    async with database.reading() as tx:
        broken = await tx.rows(text("PRAGMA quick_check(1)"))
    if [row[0] for row in broken] != ["ok"]:
        raise DamagedDatabase("The database file is damaged.", "restore it from the last backup")
