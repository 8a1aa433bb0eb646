"""Opens the configured database with its key; makes either only when `fortnight migrate` asks for a new clinic's."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app import installation
from app.settings import DatabaseSection, Settings
from services import belonging
from store import engine, migrations, private_file
from store.database import Database
from store.errors import StoreError, WrongKey
from store.keys import MasterKey, new_master_key

KEY_FILE = Path("database.key")
PATIENCE = 30.0  # seconds, for a command that gives the key
MEND = "give database.key, key_file or key_command the key that this database was made with"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What `migrate` did: the steps before and after, and the key file that it wrote, if any."""

    before: str | None
    after: str
    new_key_file: Path | None


async def open_ready(section: DatabaseSection, folder: Path) -> Database:
    """The database, its tables up to date and its key proven. Raises StoreError."""
    database = open_as_it_is(section, folder)
    try:
        await migrations.refuse_unready(database)
    except BaseException:
        await database.close()
        raise
    return database


def open_as_it_is(section: DatabaseSection, folder: Path, *, create: bool = False) -> Database:
    """The database, not looked into yet; a missing file or key is an error. Raises StoreError."""
    url = absolute_url(section.url, folder)
    if engine.is_sqlite(url):
        engine.refuse_unsuitable_file(engine.sqlite_path(url), create)
    key = read_key(section, folder)
    if key is None:
        raise WrongKey("There is no key for the database.", MEND)
    return Database(engine.connect(url, key, create=create), key)


async def migrate(settings: Settings, folder: Path) -> Migrated:
    """Bring the tables up to date; for a new clinic make the database, and its key unless one is given.

    The database is this installation's from then on. Raises StoreError, ForeignDatabase when it is another's.
    """
    section, new_key_file = settings.database, None
    if read_key(section, folder) is None:
        await _refuse_if_it_exists(section, folder)
        new_key_file = write_new_key(key_file(section, folder))
    database = open_as_it_is(section, folder, create=True)
    try:
        if not await migrations.is_empty(database):
            await belonging.refuse_foreign(database, installation.of(settings.telegram, folder))
        before, after = await migrations.migrate(database)
        async with database.transaction() as tx:
            await belonging.bind_installation(tx, installation.made(folder))
    finally:
        await database.close()
    return Migrated(before=before, after=after, new_key_file=new_key_file)


async def adopt(settings: Settings, folder: Path, now: datetime, *, actor: str) -> tuple[str | None, str | None]:
    """Take the database over; returns the bot that it was used with and the one that it is now. Raises StoreError."""
    installation.made(folder)
    ours = installation.of(settings.telegram, folder)
    opened = await open_ready(settings.database, folder)
    try:
        async with opened.transaction() as tx:
            before = await belonging.adopt(tx, ours, now, actor=actor)
    finally:
        await opened.close()
    return before, ours.bot or before


def read_key(section: DatabaseSection, folder: Path) -> MasterKey | None:
    """The key from the configuration, a command's output or its file; none when there is neither. Raises WrongKey."""
    if section.key is not None:
        return MasterKey.parse(section.key.get_secret_value())
    if section.key_command is not None:
        return MasterKey.parse(_said_by(section.key_command, folder))
    path = key_file(section, folder)
    try:
        return MasterKey.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        sentence = f"The key file {path} cannot be read ({type(error).__name__})."
        raise WrongKey(sentence, "let this user read it, or name another in database.key_file") from None


def _said_by(command: str, folder: Path) -> str:
    mend = "see that the command in database.key_command prints the key, and nothing else, within half a minute"
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            shlex.split(command), cwd=folder, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise WrongKey(f"The command that gives the database key failed ({type(error).__name__}).", mend) from None
    return done.stdout


def key_file(section: DatabaseSection, folder: Path) -> Path:
    """Where the key is, unless the configuration itself gives it."""
    return folder / (section.key_file or KEY_FILE)


def absolute_url(url: str, folder: Path) -> str:
    """The URL with a relative SQLite path counted from the configuration's folder."""
    if not engine.is_sqlite(url):
        return url
    return f"sqlite:///{(folder / engine.sqlite_path(url)).resolve()}"


def anchors_path(section: DatabaseSection, folder: Path) -> Path:
    """Where the anchors of the audit are: beside the database's file, or in the configuration's folder."""
    url = absolute_url(section.url, folder)
    return engine.sqlite_path(url).with_suffix(".anchors") if engine.is_sqlite(url) else folder / "fortnight.anchors"


async def _refuse_if_it_exists(section: DatabaseSection, folder: Path) -> None:
    """A key is made for a new database only: with another one an old database would never open again."""
    url = absolute_url(section.url, folder)
    if engine.is_sqlite(url):
        path = engine.sqlite_path(url)
        if path.exists() and path.stat().st_size:
            engine.refuse_unsuitable_file(path, create=False)
            raise WrongKey(f"There is a database at {path}, but no key for it.", MEND)
        return
    throwaway = MasterKey.parse(new_master_key())  # opens nothing: it is only asked whether there are tables
    database = Database(engine.connect(url, throwaway), throwaway)
    try:
        if not await migrations.is_empty(database):
            raise WrongKey("The database has tables, but there is no key for it.", MEND)
    finally:
        await database.close()


def write_new_key(path: Path) -> Path:
    """Make a key in a new file that only this user can read, whole or not at all. Raises StoreError."""
    try:
        private_file.write_new(path, f"{new_master_key()}\n".encode())
    except OSError as error:
        sentence = f"The new key cannot be written to {path} ({type(error).__name__})."
        raise StoreError(sentence, "let this user write there, or name another file in database.key_file") from None
    return path
