"""Backup and restore of the configured database: where the files are, and that no engine works on them meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app import database, installation
from app.only_engine import no_engine
from app.settings import DatabaseSection, Settings
from bot.second_channel import SecondChannel
from services import anchoring, backups, belonging, restoring
from services.backups import Made
from services.belonging import Belonging
from services.restoring import Gap
from store import backup_file, engine, migrations
from store.errors import WrongKey
from store.keys import MasterKey

FOLDER = Path("backups")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: the span that is unknown, the rows by table, and where the database from before is now."""

    gap: Gap
    rows: Mapping[str, int]
    set_aside: Path | None


async def back_up(settings: Settings, folder: Path, file: Path | None, now: datetime) -> Made:
    """Back the database up into a file, else into the folder for backups; the engine may run. Raises StoreError."""
    opened = database.open_as_it_is(settings.database, folder)
    try:
        target = file or folder / (settings.backup.folder or FOLDER) / backups.name_at(now)
        return await backups.take(opened, target, now)
    finally:
        await opened.close()


async def restore(settings: Settings, folder: Path, file: Path, now: datetime, *, actor: str) -> Restored:
    """Put a backup in the place of the database. Nothing is overwritten: a file is set aside, a server must be empty.

    Raises Refused while an engine runs, StoreError when the backup or its key is not good; then all is as before.
    """
    key = _key(settings.database, folder)
    backup_file.read_head(file)
    ours = installation.made(folder)
    anchors = database.anchors_path(settings.database, folder)
    url = database.absolute_url(settings.database.url, folder)
    if not engine.is_sqlite(url):
        gap, rows = await _fill(url, file, key, ours, now, actor=actor)
        anchoring.set_aside(anchors, now)
        return Restored(gap=gap, rows=rows, set_aside=None)
    path = engine.sqlite_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    async with no_engine(path):
        fresh = path.with_name(f"{path.name}.restoring")
        _delete(fresh)
        try:
            gap, rows = await _fill(f"sqlite:///{fresh}", file, key, ours, now, actor=actor)
        except BaseException:
            _delete(fresh)
            raise
        aside = _swap(path, fresh, now)
        anchoring.set_aside(anchors, now)
        return Restored(gap=gap, rows=rows, set_aside=aside)


async def tell(settings: Settings) -> None:
    """Say by the second channel that the database was restored."""
    urls = [url.get_secret_value() for url in settings.second_channel.urls]
    if urls:
        channel = SecondChannel(urls, settings.second_channel.timeout)
        await channel.alarm(restoring.RESTORED, clinic=settings.clinic.name)
        channel.close()


async def _fill(
    url: str, file: Path, key: MasterKey, ours: Belonging, now: datetime, *, actor: str
) -> tuple[Gap, Mapping[str, int]]:
    made_at = backup_file.read_head(file).made_at
    async with backups.restored_into(url, file, key) as (restored, rows):
        await migrations.migrate(restored)
        await migrations.refuse_unready(restored)
        async with restored.transaction() as tx:
            await belonging.bind_installation(tx, ours, anew=True)
            return await restoring.mark_gap(tx, made_at, now, actor=actor), rows


def _key(section: DatabaseSection, folder: Path) -> MasterKey:
    key = database.read_key(section, folder)
    if key is None:
        raise WrongKey("There is no key for the backup.", "give database.key or database.key_file the key of that time")
    return key


def _swap(path: Path, fresh: Path, now: datetime) -> Path | None:
    """The fresh file takes the place of the old one, which is kept with whatever SQLite had beside it."""
    aside = path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%SZ}")
    was_there = path.exists()
    for old, kept in zip((path, *engine.sidecars(path)), (aside, *engine.sidecars(aside)), strict=True):
        if old.exists():
            old.rename(kept)
    fresh.rename(path)
    return aside if was_there else None


def _delete(path: Path) -> None:
    for each in (path, *engine.sidecars(path)):
        each.unlink(missing_ok=True)
