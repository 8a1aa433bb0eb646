"""Opens the database file or server: encrypted SQLite through sqlcipher3, or PostgreSQL through psycopg."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import aiosqlite
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import URL, event, make_url
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from store.errors import MissingDatabase, StoreError, UnencryptedDatabase
from store.keys import MasterKey

BUSY_TIMEOUT_MS = 15_000
PLAIN_HEADER = b"SQLite format 3\x00"

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
)


def connect(url: str, key: MasterKey, *, create: bool = False, pool_size: int = 5) -> AsyncEngine:
    """An engine for `sqlite:///PATH` or `postgresql://…`.

    A missing SQLite file is an error unless `create` is set; so is a plain one. Raises StoreError.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, pool_size)
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(
            f"database.url names {parsed.get_backend_name()!r}, which Fortnight does not speak.",
            "write sqlite:///PATH or postgresql://USER@HOST/NAME",
        )
    return _sqlite(sqlite_path(url), key, create, pool_size)


def sqlite_path(url: str) -> Path:
    """The file behind an SQLite URL."""
    return Path(make_url(url).database or "")


def is_sqlite(url: str) -> bool:
    """Whether the URL names an embedded database."""
    return make_url(url).get_backend_name() == "sqlite"


def _postgresql(url: URL, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 5},
        hide_parameters=True,
    )


def _sqlite(path: Path, key: MasterKey, create: bool, pool_size: int) -> AsyncEngine:
    refuse_unsuitable_file(path, create)
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        module=AsyncAdapt_aiosqlite_dbapi(_names_of_aiosqlite(), sqlcipher),
        async_creator=lambda *_, **__: _open_file(path, key, create),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def refuse_unsuitable_file(path: Path, create: bool) -> None:
    """Raise MissingDatabase or UnencryptedDatabase before SQLite can make or open the file."""
    if not path.exists() or path.stat().st_size == 0:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
            return
        raise MissingDatabase(
            f"There is no database at {path}.",
            "run `fortnight migrate` for a new clinic, or restore the file from a backup",
        )
    with path.open("rb") as file:
        if file.read(len(PLAIN_HEADER)) == PLAIN_HEADER:
            raise UnencryptedDatabase(
                f"{path} is a plain SQLite database, not an encrypted one.",
                "name another file in database.url, or restore this one from a Fortnight backup",
            )


async def _open_file(path: Path, key: MasterKey, create: bool) -> aiosqlite.Connection:
    mode = "rwc" if create else "rw"

    def connect_file() -> Any:
        raw = sqlcipher.connect(f"file:{path}?mode={mode}", uri=True, check_same_thread=False, isolation_level=None)
        raw.execute(f"PRAGMA key = \"x'{key.file_key.hex()}'\"")
        raw.execute("PRAGMA cipher_log_level = NONE")
        for pragma in _PRAGMAS:
            raw.execute(pragma)
        return raw

    connection = aiosqlite.Connection(connect_file, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does, so that a crash can end the process
    return await connection


def _names_of_aiosqlite() -> types.ModuleType:
    """aiosqlite's names with sqlcipher3's exception classes, so that SQLAlchemy translates its errors."""
    module = types.ModuleType("aiosqlite_over_sqlcipher")
    for name in ("connect", "Connection", "Cursor", "__version__"):
        setattr(module, name, getattr(aiosqlite, name))
    for name in (
        "DatabaseError",
        "Error",
        "IntegrityError",
        "NotSupportedError",
        "OperationalError",
        "ProgrammingError",
        "sqlite_version",
        "sqlite_version_info",
    ):
        setattr(module, name, getattr(sqlcipher, name))
    return module
