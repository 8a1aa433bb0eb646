"""Brings the tables to what the code expects, and says when they are not: all steps in one transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select

from store import schema
from store.database import Database, Transaction
from store.errors import SchemaMismatch, WrongKey
from store.ids import new_id
from store.keyring import CLINIC

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
CANARY_PLACE = "meta.value:canary"
CANARY = "this clinic's data"


async def migrate(database: Database) -> tuple[str | None, str]:
    """Bring an empty or older database up to date; returns the revision before and the one now.

    Raises SchemaMismatch for a database that is newer than the code.
    """
    async with database.transaction(by_sqlalchemy=True) as tx:
        await tx.lock("migrate")
        before = await tx.connection.run_sync(_revision)
        if before is not None and before not in _known():
            raise _newer(before)
        await tx.connection.run_sync(_upgrade, "head")
        if await tx.row(select(schema.meta.c.key).where(schema.meta.c.key == "canary")) is None:
            sealed = await tx.seal(CLINIC, CANARY_PLACE, CANARY)
            assert sealed is not None  # noqa: S101 - a text was sealed
            values = [{"key": "canary", "value": sealed.hex()}, {"key": "instance", "value": new_id()}]
            await tx.execute(insert(schema.meta), values)
    return before, head()


async def refuse_unready(database: Database) -> None:
    """Raise SchemaMismatch for older or newer tables, WrongKey when the canary does not open."""
    async with database.reading(by_sqlalchemy=True) as tx:
        found = await tx.connection.run_sync(_revision)
        if found is None or (found in _known() and found != head()):
            raise SchemaMismatch(
                f"The tables are at step {found or 'none'}, the code needs {head()}.",
                "run `fortnight migrate` (after `fortnight backup`)",
            )
        if found != head():
            raise _newer(found)
    await refuse_foreign(database)


async def refuse_foreign(database: Database) -> None:
    """Raise WrongKey when the canary does not open."""
    async with database.reading() as tx:
        row = await tx.row(select(schema.meta.c.value).where(schema.meta.c.key == "canary"))
        if row is None or await tx.open(CANARY_PLACE, bytes.fromhex(row.value)) != CANARY:
            raise WrongKey("The key does not open the canary.", "give the database.key that it was made with")
        await database.keyring.load_button_key(tx)


async def make_tables(tx: Transaction, step: str) -> None:
    """Make the tables of a step in an empty database, without a key or an instance. Raises SchemaMismatch."""
    if step not in _known():
        raise _newer(step)
    await tx.connection.run_sync(_upgrade, step)


async def step_of(database: Database) -> str:
    """The step that the tables are at; raises SchemaMismatch when there are none, or newer ones."""
    async with database.reading(by_sqlalchemy=True) as tx:
        found = await tx.connection.run_sync(_revision)
    if found is None:
        raise SchemaMismatch("The database has no tables yet.", "run `fortnight migrate`")
    if found not in _known():
        raise _newer(found)
    return found


async def instance_of(database: Database) -> str:
    """The id that this database was given when it was made."""
    async with database.reading() as tx:
        row = await tx.row(select(schema.meta.c.value).where(schema.meta.c.key == "instance"))
        return str(row.value) if row else ""


async def is_empty(database: Database) -> bool:
    """Whether the database has no tables of ours yet."""
    async with database.reading(by_sqlalchemy=True) as tx:
        return await tx.connection.run_sync(_revision) is None


def head() -> str:
    """The step that the code needs."""
    found = _scripts().get_current_head()
    assert found is not None  # noqa: S101 - there is a first step
    return found


def _known() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def config() -> Config:
    """Alembic's configuration, without a file."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("path_separator", "os")
    return settings


def _upgrade(connection: Connection, step: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, step)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return MigrationContext.configure(connection).get_current_revision()


def _newer(found: str) -> SchemaMismatch:
    return SchemaMismatch(
        f"The tables are at step {found}, which this version of the code does not know.",
        "run the version that migrated them, or restore the backup from before",
    )
