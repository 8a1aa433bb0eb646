"""Opens the database file or server: encrypted SQLite through sqlcipher3, or PostgreSQL through psycopg."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from store import sqlcipher_driver
from store.errors import MissingDatabase, StoreError, UnencryptedDatabase
from store.keys import MasterKey

STATEMENTS = 1_000  # that a connection keeps ready; the code has some three hundred, the default is 128
PLAIN_HEADER = b"SQLite format 3\x00"

_PRAGMAS = (
    "PRAGMA cipher_log_level = NONE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {sqlcipher_driver.BUSY_TIMEOUT * 1000}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
)

# A server that is gone is noticed, and what a stopped process holds is let go, well within a minute.
_IMPATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=30s",
}


def connect(
    url: str, key: MasterKey, *, create: bool = False, pool_size: int = 5, in_place: bool = False
) -> AsyncEngine:
    """An engine for `sqlite:///PATH` or `postgresql://…`.

    A missing SQLite file is an error unless `create` is set; so is a plain one. `in_place`: SQLite's statements run
    where they are awaited, for a process that does one thing at a time. Raises StoreError.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, pool_size)
    path = sqlite_path(url)
    refuse_unsuitable_file(path, create)
    return _sqlite(path, lambda: _open_file(path, key, create), pool_size, in_place)


def scratch(path: Path) -> AsyncEngine:
    """An engine for a new SQLite database of made-up people: its file is not encrypted, and a crash may lose it.

    Its statements run where they are awaited. Raises FileExistsError: it opens no database that was there before.
    """
    path.touch(mode=0o600, exist_ok=False)
    then = (*_PRAGMAS, "PRAGMA synchronous = OFF")
    return _sqlite(path, lambda: _open_file(path, None, create=False, then=then), pool_size=5, in_place=True)


def sqlite_path(url: str) -> Path:
    """The file behind an SQLite URL."""
    return Path(_parse(url).database or "")


def sidecars(path: Path) -> tuple[Path, ...]:
    """The files that SQLite keeps beside a database while it is open."""
    return tuple(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))


def is_sqlite(url: str) -> bool:
    """Whether the URL names an embedded database; raises StoreError for one that Fortnight does not speak."""
    return _parse(url).get_backend_name() == "sqlite"


def _parse(url: str) -> URL:
    mend = "write sqlite:///PATH or postgresql://USER@HOST/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("database.url is no URL.", mend) from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"database.url names {parsed.get_backend_name()!r}, which Fortnight does not speak.", mend)
    return parsed


def _postgresql(url: URL, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args=_IMPATIENCE,
        hide_parameters=True,
    )


def _sqlite(path: Path, open_file: Callable[[], Any], pool_size: int, in_place: bool) -> AsyncEngine:
    async def open_one(*_: Any, **__: Any) -> sqlcipher_driver.Connection:
        return await sqlcipher_driver.opened(open_file, in_place=in_place)

    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        module=sqlcipher_driver.module(),
        async_creator=open_one,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else sqlcipher_driver.BEGIN_WRITING)

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


def opens(path: Path, key: MasterKey) -> bool:
    """Whether a key opens a database's file."""
    raw = _open_file(path, key, create=False, then=())
    try:
        raw.execute("SELECT count(*) FROM sqlite_master").fetchall()
        return True
    except sqlcipher.DatabaseError:
        return False
    finally:
        raw.close()


def change_file_key(path: Path, old: MasterKey, new: MasterKey) -> None:
    """Encrypt a database's file anew, all of it or nothing of it. Nobody else may have it open."""
    raw = _open_file(path, old, create=False)
    try:
        raw.execute(f"PRAGMA rekey = \"x'{new.file_key.hex()}'\"")
    finally:
        raw.close()


def _open_file(path: Path, key: MasterKey | None, create: bool, then: tuple[str, ...] = _PRAGMAS) -> Any:
    uri = f"file:{quote(str(path))}?mode={'rwc' if create else 'rw'}"
    raw = sqlcipher.connect(uri, uri=True, check_same_thread=False, isolation_level=None, cached_statements=STATEMENTS)
    try:
        if key is not None:
            raw.execute(f"PRAGMA key = \"x'{key.file_key.hex()}'\"")
        for pragma in then:
            raw.execute(pragma)
    except BaseException:
        raw.close()
        raise
    return raw
