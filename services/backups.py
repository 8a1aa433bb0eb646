"""Backups: one encrypted file of everything, proven by restoring it, and old ones cleared away."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.errors import Refused
from store import audit, backup_file, dump, engine, heartbeats, migrations
from store.backup_file import Head
from store.database import Database
from store.errors import UnusableBackup
from store.keys import MasterKey

MADE, TRIED = "backup", "backup-tried"
TRY_AGAIN = timedelta(hours=1)
SUFFIX = ".backup"
_NAME = re.compile(r"fortnight-(\d{8}T\d{6})Z\.backup")
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was written and has been restored once to prove it."""

    path: Path
    made_at: datetime
    size: int  # bytes
    rows: Mapping[str, int]  # by table


async def take(database: Database, path: Path, now: datetime) -> Made:
    """Write a backup as of this moment and restore it into a throwaway copy; the engine may run meanwhile.

    Raises Refused when the file is there already, UnusableBackup when the proof fails: then no file is left.
    """
    head = Head(made_at=now, key=database.master.fingerprint, step=await migrations.step_of(database))
    unproven = path.with_name(f".{path.name}.unproven")  # so that no half of one bears the name of a backup
    try:
        _make_room(path)
        _discard(unproven)  # what a run that was killed has left
        async with database.reading(one_instant=True, by_sqlalchemy=True) as tx:
            await backup_file.write(unproven, head, dump.lines(tx), database.master)
        # In a thread with a loop of its own: what it inserts holds up whatever else runs on that loop.
        rows = await asyncio.to_thread(asyncio.run, prove(unproven, database.master))
        unproven.rename(path)
    except FileExistsError:
        raise Refused(f"{path} is there already.", "name a new file: a backup overwrites nothing") from None
    except OSError as error:
        raise Refused(f"{path} cannot be written ({error.strerror}).", "see to room and rights there") from None
    finally:
        _discard(unproven)
    async with database.transaction() as tx:
        await heartbeats.beat(tx, MADE, now)
        detail = {"rows": sum(rows.values()), "step": head.step}
        await audit.record(
            tx,
            stream=audit.CLINIC_STREAM,
            actor="engine",
            action="backup-made",
            subject="backup",
            now=now,
            detail=detail,
        )
    return Made(path=path, made_at=now, size=_size(path), rows=rows)


async def prove(path: Path, master: MasterKey) -> Mapping[str, int]:
    """Restore a backup into an encrypted file beside it and look at that; returns the rows of each table.

    Raises UnusableBackup or WrongKey when it is not whole, its key does not open it or a chain of its audit is broken.
    """
    trial = path.with_name(f".{path.name}.trial")
    _discard(trial, *engine.sidecars(trial))
    try:
        async with restored_into(f"sqlite:///{trial}", path, master) as (database, rows):
            await migrations.refuse_foreign(database)
            async with database.reading() as tx:
                broken = [stream for stream in await audit.streams(tx) if await audit.first_break(tx, stream)]
            if broken:
                mend = "look with `fortnight audit verify`: the database itself is not as it was written"
                raise UnusableBackup(f"In {path} the audit of {broken[0]} does not hold.", mend)
            return rows
    finally:
        _discard(trial, *engine.sidecars(trial))


@contextlib.asynccontextmanager
async def restored_into(url: str, path: Path, master: MasterKey) -> AsyncIterator[tuple[Database, Mapping[str, int]]]:
    """A new or empty database filled from a backup, at the backup's step of the tables, and the rows of each table."""
    head = backup_file.read_head(path)
    database = Database(engine.connect(url, master, create=True), master)
    try:
        if not await migrations.is_empty(database):
            raise Refused("The database has tables already.", "name an empty one in database.url: nothing is replaced")
        async with database.transaction(by_sqlalchemy=True) as tx:
            await migrations.make_tables(tx, head.step)
            rows = await dump.load(tx, backup_file.read(path, master))
        yield database, rows
    finally:
        await database.close()


def heads_in(path: Path, master: MasterKey) -> Iterator[tuple[str, int, str]]:
    """The ends of the audit's chains as a backup has them: stream, number and hash."""
    table = None
    for said in map(json.loads, backup_file.read(path, master)):
        if isinstance(said, dict):
            table = said.get("table")
        elif table == "audit_head":
            yield said[0], said[1], said[2]


async def claim_due(database: Database, every: timedelta, now: datetime) -> bool:
    """Whether a backup is due and this process is the one to make it; one that failed is due again in an hour."""
    async with database.transaction() as tx:
        await tx.lock(MADE)
        beats = await heartbeats.last(tx)
        made_at, tried_at = beats.get(MADE), beats.get(TRIED)
        if (made_at and made_at > now - every) or (tried_at and tried_at > now - TRY_AGAIN):
            return False
        await heartbeats.beat(tx, TRIED, now)
        return True


def name_at(now: datetime) -> str:
    """What a backup made now is called."""
    return f"fortnight-{now.astimezone(UTC):{_STAMP}}Z{SUFFIX}"


async def clear_away(folder: Path, keep: timedelta, now: datetime) -> int:
    """Delete the backups that are older than `keep`, never the newest; returns how many. Other files are left alone."""
    return await asyncio.to_thread(_clear_away, folder, now - keep)


def _clear_away(folder: Path, before: datetime) -> int:
    made = sorted((_at(match[1]), path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)))
    old = [path for at, path in made[:-1] if at < before]
    for path in old:
        path.unlink()
    return len(old)


def _make_room(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise FileExistsError(path)


def _discard(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size


def _at(stamp: str) -> datetime:
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
