"""Backups: made while others write, proven by restoring them, and refused when they are not whole."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services import backups
from services.clinic import Clinic
from services.errors import Refused
from store import audit, patients
from store.database import Database
from store.errors import SchemaMismatch, UnusableBackup, WrongKey
from store.keys import MasterKey, new_master_key
from tests.builders import add_patient, record_infusion
from tests.databases import ENGINES, KEY, PostgresDatabases, opened
from tests.store.rows import tamper

DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "kept" / "one.backup"


async def filled(clinic: Clinic, now: datetime) -> str:
    """A clinic with a patient in a course; returns their id."""
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now, contact={"phone": "000 0000"})
        await record_infusion(clinic, tx, patient, now)
    return patient.id


@pytest.mark.parametrize("into", ENGINES)
async def test_what_was_in_the_database_is_in_the_one_restored_on_either_engine(
    clinic: Clinic, now: datetime, path: Path, into: str, postgres_databases: PostgresDatabases
) -> None:
    patient_id = await filled(clinic, now)
    made = await backups.take(clinic.database, path, now)
    assert (made.rows["patient"], made.rows["infusion"], made.size) == (1, 1, path.stat().st_size)
    with postgres_databases.fresh(migrated=False) as server:
        url = server if into == "postgresql" else f"sqlite:///{path.with_name('fresh.db')}"
        async with backups.restored_into(url, path, KEY) as (database, rows), database.reading() as tx:
            assert rows == made.rows
            assert (await patients.particulars(tx, patient_id)).contact == {"phone": "000 0000"}
            assert [await audit.first_break(tx, stream) for stream in await audit.streams(tx)] == [None]


async def test_nothing_of_the_database_can_be_read_in_the_file(clinic: Clinic, now: datetime, path: Path) -> None:
    await filled(clinic, now)
    await backups.take(clinic.database, path, now)
    assert path.stat().st_mode & 0o077 == 0
    for word in (b"Europe/Madrid", b"patient", b"ketamine", b"Patient"):
        assert word not in path.read_bytes()
    assert [each.name for each in path.parent.iterdir()] == [path.name]  # the proof leaves nothing behind


async def test_a_backup_made_while_others_write_is_of_one_instant(clinic: Clinic, now: datetime, path: Path) -> None:
    stop = asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            await filled(clinic, now)

    writer = asyncio.create_task(write())
    await asyncio.sleep(0.2)
    made = await backups.take(clinic.database, path, now)
    stop.set()
    await writer
    assert made.rows["patient"] == made.rows["infusion"] == made.rows["course"]


@pytest.mark.parametrize("harm", ["cut", "altered", "swapped"])
async def test_a_backup_that_is_not_whole_is_refused(clinic: Clinic, now: datetime, path: Path, harm: str) -> None:
    await filled(clinic, now)
    await backups.take(clinic.database, path, now)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {
            "cut": whole[:-40],
            "altered": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "swapped": whole.replace(b"made_at", b"made-at", 1),
        }[harm]
    )
    with pytest.raises(UnusableBackup, match=r"damaged"):
        await backups.prove(path, KEY)


@pytest.mark.on("sqlite")
async def test_a_plain_copy_of_the_database_is_no_backup(
    clinic: Clinic, now: datetime, path: Path, database_url: str
) -> None:
    await filled(clinic, now)
    path.parent.mkdir()
    shutil.copyfile(database_url.removeprefix("sqlite:///"), path)
    with pytest.raises(UnusableBackup, match="no Fortnight backup") as refusal:
        await backups.prove(path, KEY)
    assert "plain copy" in refusal.value.mend


async def test_a_backup_opens_with_its_own_key_only(clinic: Clinic, now: datetime, path: Path) -> None:
    await backups.take(clinic.database, path, now)
    with pytest.raises(WrongKey, match="another key"):
        await backups.prove(path, MasterKey.parse(new_master_key()))


async def test_a_database_whose_audit_was_changed_gives_no_backup(clinic: Clinic, now: datetime, path: Path) -> None:
    await filled(clinic, now)
    await tamper(clinic.database, "UPDATE audit SET actor = 'staff:x' WHERE seq = 1")
    with pytest.raises(UnusableBackup, match="audit of"):
        await backups.take(clinic.database, path, now)
    assert not path.exists()


async def test_a_backup_overwrites_nothing(database: Database, now: datetime, path: Path) -> None:
    await backups.take(database, path, now)
    with pytest.raises(Refused, match="there already"):
        await backups.take(database, path, now)


async def test_what_a_backup_that_was_killed_left_is_no_backup_and_in_nobodys_way(
    database: Database, now: datetime, path: Path
) -> None:
    path.parent.mkdir()
    for left in (f".{path.name}.unproven", f"..{path.name}.unproven.trial"):
        path.with_name(left).write_bytes(b"half")
    await backups.take(database, path, now)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_nothing_unproven_bears_the_name_of_a_backup(clinic: Clinic, now: datetime, path: Path) -> None:
    await filled(clinic, now)
    taking = asyncio.create_task(backups.take(clinic.database, path, now))
    trial = path.with_name(f"..{path.name}.unproven.trial")
    proving = []
    while not taking.done():
        if trial.exists():
            proving.append(path.exists())
        await asyncio.sleep(0.001)
    await taking
    assert (set(proving), path.exists()) == ({False}, True)


async def test_a_database_without_tables_has_nothing_to_back_up(empty_url: str, now: datetime, path: Path) -> None:
    async with opened(empty_url, create=True) as database:
        with pytest.raises(SchemaMismatch, match="no tables"):
            await backups.take(database, path, now)


async def test_a_backup_is_due_once_a_day_and_again_an_hour_after_a_failure(
    database: Database, now: datetime, path: Path
) -> None:
    assert await backups.claim_due(database, DAY, now)
    assert not await backups.claim_due(database, DAY, now)  # another worker has it
    assert await backups.claim_due(database, DAY, now + timedelta(hours=2))
    await backups.take(database, path, now + timedelta(hours=2))
    assert not await backups.claim_due(database, DAY, now + timedelta(hours=25))
    assert await backups.claim_due(database, DAY, now + timedelta(hours=26))


async def test_old_backups_go_but_never_the_newest_or_what_is_none(now: datetime, tmp_path: Path) -> None:
    for days in (50, 40, 35):
        (tmp_path / backups.name_at(now - timedelta(days=days))).touch()
    (tmp_path / "notes.txt").touch()
    assert await backups.clear_away(tmp_path, timedelta(days=30), now) == 2
    assert {each.name for each in tmp_path.iterdir()} == {backups.name_at(now - timedelta(days=35)), "notes.txt"}
    assert backups.name_at(datetime(2026, 5, 4, 10, tzinfo=UTC)) == "fortnight-20260504T100000Z.backup"
