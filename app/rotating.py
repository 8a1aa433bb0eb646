"""New keys for a database that nobody is working on: first, if wished, a master key, then every data key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app import database
from app.only_engine import no_engine
from app.settings import DatabaseSection, Settings
from services import downtime, watching
from services.errors import Refused
from store import audit, engine, heartbeats, migrations, rotation
from store.database import Database
from store.errors import WrongKey
from store.keys import MasterKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What was done: values sealed anew, and where the new and the old master key are, if it was changed."""

    values: int
    new_key: Path | None = None
    old_key: Path | None = None


async def rotate(
    settings: Settings, folder: Path, now: datetime, *, master: bool, actor: str, tell: Callable[[int], None]
) -> Rotated:
    """Give every subject a new data key, and with `master` a new master key before; a run that was killed is taken up.

    Raises Refused while an engine runs, StoreError when the key is not good.
    """
    section = settings.database
    async with _nobody_else(section, folder):
        next_file = _next(database.key_file(section, folder))
        new_key = old_key = None
        if master or next_file.exists():
            _refuse_without_file(section)
            new_key, old_key = await _change_master(section, folder, next_file, now)
        opened = await database.open_ready(section, folder)
        try:
            values = await _change_data_keys(opened, now, actor, tell, was_master=new_key is not None)
        finally:
            await opened.close()
        return Rotated(values=values, new_key=new_key, old_key=old_key)


async def _change_data_keys(
    opened: Database, now: datetime, actor: str, tell: Callable[[int], None], *, was_master: bool
) -> int:
    await _refuse_engines(opened, now)
    await rotation.retire_keys(opened, now)
    values = 0
    async for batch in rotation.seal_anew(opened):
        values += batch
        tell(values)
    async with opened.transaction() as tx:
        detail = {"values": values, "master": was_master}
        stream, action, subject = audit.CLINIC_STREAM, "keys-rotated", "keys"
        await audit.record(tx, stream=stream, actor=actor, action=action, subject=subject, now=now, detail=detail)
    return values


async def _change_master(section: DatabaseSection, folder: Path, next_file: Path, now: datetime) -> tuple[Path, Path]:
    """The steps in an order in which each can be done again: the new key is on the disk before anything needs it."""
    path, old = database.key_file(section, folder), database.read_key(section, folder)
    if old is None:
        raise WrongKey("There is no key for the database.", database.MEND)
    new = _read(next_file)
    if new is None:
        await _look(section, folder, now)
        new = _read(database.write_new_key(next_file))
        assert new is not None  # noqa: S101 - just written
    url = database.absolute_url(section.url, folder)
    file = engine.sqlite_path(url) if engine.is_sqlite(url) else None
    if file is None or engine.opens(file, old):
        opened = Database(engine.connect(url, old), old)
        try:
            await rotation.change_master(opened, new)
        finally:
            await opened.close()
        if file is not None:
            engine.change_file_key(file, old, new)
    return path, _put_in_place(path, next_file, old)


async def _look(section: DatabaseSection, folder: Path, now: datetime) -> None:
    """See before anything is changed that the present key is good and that no engine runs."""
    opened = await database.open_ready(section, folder)
    try:
        await _refuse_engines(opened, now)
        await migrations.refuse_foreign(opened)
    finally:
        await opened.close()


def _nobody_else(section: DatabaseSection, folder: Path) -> AbstractAsyncContextManager[None]:
    url = database.absolute_url(section.url, folder)
    return no_engine(engine.sqlite_path(url)) if engine.is_sqlite(url) else nullcontext()


async def _refuse_engines(opened: Database, now: datetime) -> None:
    """An engine on a server shows only by its signs of life."""
    if opened.is_sqlite:
        return
    async with opened.reading() as tx:
        beats = await heartbeats.last(tx)
    if any(beats[name] > now - heartbeats.SILENT for name in (watching.POLL, downtime.TICK) if name in beats):
        raise Refused("An engine has worked on this database within 90 seconds.", "stop every engine, wait, try again")


def _refuse_without_file(section: DatabaseSection) -> None:
    if section.key is not None or section.key_command is not None:
        mend = "write the key into a file, name it in database.key_file, rotate, and put the new key where the old was"
        raise Refused("The database key does not come from a file, so it cannot be changed here.", mend)


def _read(file: Path) -> MasterKey | None:
    return MasterKey.parse(file.read_text(encoding="utf-8")) if file.exists() else None


def _put_in_place(path: Path, next_file: Path, old: MasterKey) -> Path:
    """There is a key at the path at every moment; the old one is kept by the fingerprint that backups name it by."""
    kept = path.with_name(f"{path.name}.{old.fingerprint}")
    if not kept.exists():
        kept.hardlink_to(path)
    next_file.replace(path)
    return kept


def _next(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")
