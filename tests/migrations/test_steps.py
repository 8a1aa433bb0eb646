"""The steps of the schema: one line of them, up and down on both databases, ending in what the code expects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from store import migrations, rota_schema
from store.database import Database
from store.errors import SchemaMismatch
from tests.databases import opened

Result = TypeVar("Result")
STEPS = [script.revision for script in ScriptDirectory.from_config(migrations.config()).walk_revisions()][::-1]

_SHAPE = {
    "sqlite": """
        SELECT type || ' ' || name AS name, sql AS words FROM sqlite_master
        WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'
    """,
    "postgresql": """
        SELECT 'index ' || indexname AS name, indexdef AS words FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        UNION ALL SELECT 'constraint ' || conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace
        AND conrelid::regclass::text <> 'alembic_version'
        UNION ALL SELECT 'column ' || table_name || '.' || column_name,
        concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    """,
}


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(migrations.config()).get_heads()) == 1


def test_every_step_names_its_file() -> None:
    names = sorted(path.name[:4] for path in (migrations.FOLDER / "versions").glob("[0-9]*.py"))
    assert names == STEPS


async def test_each_step_goes_up_down_and_up_again(empty_url: str) -> None:
    async with opened(empty_url, create=True) as database:
        for before, step in zip(["base", *STEPS], STEPS, strict=False):
            for move, target in ((command.upgrade, step), (command.downgrade, before), (command.upgrade, step)):
                await in_transaction(database, partial(alembic, move=move, target=target))


async def test_going_down_to_the_base_leaves_nothing(empty_url: str) -> None:
    async with opened(empty_url, create=True) as database:
        await migrations.migrate(database)
        await in_transaction(database, partial(alembic, move=command.downgrade, target="base"))
        assert await shape(database) == {}


async def test_the_steps_lead_to_the_tables_that_the_code_expects(database: Database) -> None:
    def differences(connection: Connection) -> Sequence[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, rota_schema.metadata))

    assert await in_transaction(database, differences) == []


async def test_indexes_defaults_and_checks_are_those_of_the_code_to_the_letter(
    database: Database, empty_url: str
) -> None:
    async with opened(empty_url, create=True) as other:
        await in_transaction(other, rota_schema.metadata.create_all)
        assert await shape(database) == await shape(other)


async def test_migrating_again_changes_nothing(database: Database) -> None:
    instance = await migrations.instance_of(database)
    assert await migrations.migrate(database) == (STEPS[-1], STEPS[-1])
    assert await migrations.instance_of(database) == instance
    await migrations.refuse_unready(database)


async def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (migrations.refuse_unready, migrations.migrate):
        with pytest.raises(SchemaMismatch, match="9999, which this version of the code does not know"):
            await attempt(database)


async def test_a_database_without_tables_is_refused(empty_url: str) -> None:
    async with opened(empty_url, create=True) as database:
        assert await migrations.is_empty(database)
        with pytest.raises(SchemaMismatch, match="at step none") as refusal:
            await migrations.refuse_unready(database)
    assert "fortnight migrate" in refusal.value.mend


def alembic(connection: Connection, *, move: Callable[..., None], target: str) -> None:
    """Run one of alembic's commands on a connection."""
    settings = migrations.config()
    settings.attributes["connection"] = connection
    move(settings, target)


async def in_transaction(database: Database, work: Callable[[Connection], Result]) -> Result:
    """Run synchronous work in a transaction."""
    async with database.transaction(by_sqlalchemy=True) as tx:
        return await tx.connection.run_sync(work)


async def shape(database: Database) -> dict[str, str]:
    """Every table, index and constraint as the database itself writes it, but for spaces and the order of clauses."""
    async with database.reading() as tx:
        rows = await tx.rows(text(_SHAPE[tx.dialect]))
    return {row.name: " ".join(sorted(str(row.words).replace(",", " ").split())) for row in rows}
