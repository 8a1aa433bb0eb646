"""Fixtures for all tests: a fresh database of each engine, and a clinic on it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from store.database import Database
from tests.databases import ENGINES, PostgresDatabases, SqliteFiles, opened, postgres

if TYPE_CHECKING:
    from services.clinic import Clinic

MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, a file in memory: no test here pulls the plug


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on(engine): runs on this database only, sqlite or postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a database runs once on each, or on the one that its mark names."""
    if "engine" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("on")
        metafunc.parametrize("engine", only.args if only else ENGINES)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """Encrypted SQLite files."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    """Databases on a PostgreSQL server, which starts when the first test asks."""
    with postgres() as databases:
        yield databases


@pytest.fixture
def sqlite_url(sqlite_files: SqliteFiles) -> Iterator[str]:
    """A fresh migrated SQLite file in a folder of its own, for tests on that engine alone."""
    with tempfile.TemporaryDirectory(prefix="fortnight-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield sqlite_files.fresh(Path(folder))


@pytest.fixture
def postgresql_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """A fresh migrated PostgreSQL database, for tests on that engine alone."""
    with postgres_databases.fresh() as url:
        yield url


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest) -> str:
    """A fresh migrated database, once on each engine: for tests that open it in other processes."""
    return str(request.getfixturevalue(f"{engine}_url"))


@pytest.fixture
def empty_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, once on each engine; the SQLite file is not there yet."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    with databases.fresh(migrated=False) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh migrated database, once on each engine."""
    async with opened(database_url) as database:
        yield database


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """A fresh migrated SQLite database."""
    async with opened(sqlite_url) as database:
        yield database


@pytest.fixture
async def postgresql_database(postgresql_url: str) -> AsyncIterator[Database]:
    """A fresh migrated PostgreSQL database."""
    async with opened(postgresql_url) as database:
        yield database


@pytest.fixture
def now() -> datetime:
    """A Monday noon in Madrid, within clinic hours."""
    return datetime(2026, 5, 4, 10, tzinfo=UTC)


@pytest.fixture
def clinic(database: Database) -> Clinic:
    """A clinic on the database, with the shipped content and the default ladders."""
    from tests.builders import make_clinic  # late: tests of the store alone need nothing else

    return make_clinic(database)
