"""Rows 42 to 44: the database is gone, broken, foreign, or comes back from an old backup."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app import checks, config, recovery
from app.clock import SystemClock
from services import backups
from services.anchoring import AnchorFile
from store.errors import StoreError
from store.keys import new_master_key
from tests.databases import KEY, opened
from tests.faults.oracle import all_is_well, records
from tests.faults.process import until
from tests.faults.stage import TOKEN, Person, Stage, staged

pytestmark = pytest.mark.process


@pytest.fixture
async def small(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A clinic on the embedded database."""
    async with staged(sqlite_url, tmp_path) as stage:
        yield stage


def file_of(stage: Stage) -> Path:
    """The database's file."""
    return Path(str(stage.clinic.database.engine.url.database))


def pages(stage: Stage, person: Person) -> list[str]:
    """What a clinician has got."""
    return [sent.text for sent in stage.telegram.sent(TOKEN, person.user_id)]


@pytest.mark.parametrize("harm", ["deleted", "emptied", "overwritten", "a broken page", "another key"])
async def test_row_42_it_refuses_to_start_and_makes_no_empty_database(small: Stage, harm: str) -> None:
    await small.enrolled(20)
    file, config_file = file_of(small), small._folder / "config.toml"
    await small.clinic.database.close()
    whole = file.read_bytes()
    match harm:
        case "deleted":
            file.unlink()
        case "emptied":
            file.write_bytes(b"")
        case "overwritten":
            file.write_bytes(bytes(len(whole)))
        case "a broken page":
            file.write_bytes(whole[:-6000] + bytes(100) + whole[-5900:])
        case "another key":
            config_file.write_text(config_file.read_text().replace("key = ", f'key = "{new_master_key()}" # '))
    before = file.read_bytes() if file.exists() else None
    engine = small.spawn()
    assert await engine.ended() != 0
    assert engine.lines[-1]["text"].startswith("→")  # the mend, after the sentence
    assert (file.read_bytes() if file.exists() else None) == before


async def restored(stage: Stage, backup: Path, folder: Path) -> Stage:
    """What an operator does: the engine is stopped, the backup restored, in place on SQLite, else in a new database."""
    await stage.clinic.database.close()
    settings, at = config.load(folder / "config.toml", {})
    await recovery.restore(settings, at, backup, SystemClock().now(), actor="cli")
    return stage


async def test_row_43_a_stale_backup_pages_who_may_have_written_and_asks_nothing_old(
    small: Stage, tmp_path: Path
) -> None:
    clinician = await small.clinician()
    patient, silent = await small.enrolled(2)
    backup = tmp_path / "stale.backup"
    await backups.take(small.clinic.database, backup, SystemClock().now() - timedelta(hours=24))  # as if of yesterday
    engine = await small.engine()
    await until(lambda: all("5" in each.buttons for each in (patient, silent)))
    patient.feels(5)
    await until(lambda: "Yes" in patient.buttons)
    patient.is_in_danger()
    await until(lambda: any(patient.alias in text for text in pages(small, clinician)))
    await engine.kill()
    asked = {each.alias: len(small.telegram.sent(TOKEN, each.user_id)) for each in (patient, silent)}

    await restored(small, backup, tmp_path)
    await small.engine()
    await until(lambda: any("may be missing" in text for text in pages(small, clinician)))
    (page,) = [text for text in pages(small, clinician) if "may be missing" in text]
    assert patient.alias in page
    assert silent.alias in page
    await asyncio.sleep(3)  # ticks in which an old prompt would come again
    assert {each.alias: len(small.telegram.sent(TOKEN, each.user_id)) for each in (patient, silent)} == asked
    assert {row.state for row in (await records(small.clinic.database)).checkins} == {"missed_by_us"}


async def test_row_43_an_alert_that_was_open_in_the_backup_rings_again(small: Stage, tmp_path: Path) -> None:
    clinician = await small.clinician()
    (patient,) = await small.enrolled(1, in_course=False)
    config_file = small._folder / "config.toml"
    config_file.write_text(config_file.read_text().replace('after = "1h"', 'after = "6s"'))
    engine = await small.engine()
    patient.cries_for_help()
    await all_is_well(small, within=timedelta(seconds=30))
    backup = tmp_path / "open.backup"
    await backups.take(small.clinic.database, backup, SystemClock().now())
    clinician.phone.press("Acknowledge")
    await until(lambda: "Called the patient" in clinician.buttons)  # which the backup knows nothing of
    await engine.kill()
    before = pages(small, clinician)
    await restored(small, backup, tmp_path)
    await small.engine()
    await until(lambda: any("may be missing" in text for text in pages(small, clinician)[len(before) :]))
    (gap,) = [text for text in pages(small, clinician) if "may be missing" in text]
    assert patient.alias in gap
    await until(lambda: any("A-1" in text for text in pages(small, clinician)[len(before) :]))
    assert [row.state for row in (await records(small.clinic.database)).alerts] == ["open"]


async def test_row_44_a_backup_beside_running_writers_is_whole_and_a_plain_copy_is_refused(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.clinician()
    people = await stage.enrolled(30)
    await stage.engine()
    await until(lambda: all("5" in each.buttons for each in people))
    for each in people:
        each.feels(5)
    backup = tmp_path / "live.backup"
    made = await backups.take(stage.clinic.database, backup, SystemClock().now())
    assert made.rows["patient"] == made.rows["infusion"] == 30
    async with backups.restored_into(f"sqlite:///{tmp_path / 'trial.db'}", backup, KEY) as (_, rows):
        assert rows == made.rows
    if stage.clinic.database.is_sqlite:
        copy = tmp_path / "copy.backup"
        shutil.copyfile(file_of(stage), copy)
        with pytest.raises(StoreError, match="no Fortnight backup"):
            await restored(stage, copy, tmp_path)
        async with opened(f"sqlite:///{file_of(stage)}") as untouched, untouched.reading() as tx:
            assert tx


async def test_row_44_a_plain_copy_that_is_put_in_place_is_refused_and_can_be_restored(
    small: Stage, tmp_path: Path
) -> None:
    clinician = await small.clinician()
    (patient,) = await small.enrolled(1, in_course=False)
    anchors = AnchorFile(file_of(small).with_suffix(".anchors"))
    await anchors.add(small.clinic, SystemClock().now())
    await small.clinic.database.close()  # which brings everything into the one file
    old = tmp_path / "old.db"
    shutil.copyfile(file_of(small), old)
    engine = await small.engine()
    patient.cries_for_help()
    await all_is_well(small, within=timedelta(seconds=30))
    await engine.kill()
    await anchors.add(small.clinic, SystemClock().now())
    await small.clinic.database.close()

    shutil.copyfile(old, file_of(small))
    for ending in ("-wal", "-shm"):
        Path(f"{file_of(small)}{ending}").unlink(missing_ok=True)
    engine = small.spawn()
    assert await engine.ended() != 0
    assert "an old copy stands in its place" in engine.lines[-2]["text"]
    settings, folder = config.load(tmp_path / "config.toml", {})
    found = await checks.everything(tmp_path / "config.toml", SystemClock().now())
    assert any("old copy" in each.problem for each in found)
    backup = tmp_path / "of-the-copy.backup"
    await recovery.back_up(settings, folder, backup, SystemClock().now())
    await restored(small, backup, tmp_path)
    await small.engine()
    await until(lambda: any("may be missing" in text for text in pages(small, clinician)))
