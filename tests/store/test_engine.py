"""Opening a database: whatever is wrong with it is refused in a sentence, and nothing is made in its place."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from store.damage import refuse_damaged
from store.database import Database
from store.engine import _open_file, connect, is_sqlite, scratch, sqlite_path
from store.errors import (
    DamagedDatabase,
    MissingDatabase,
    StoreError,
    UnencryptedDatabase,
    UnreachableDatabase,
    WrongKey,
)
from store.keys import MasterKey, new_master_key
from store.migrations import migrate, refuse_unready
from tests.databases import KEY

PAGE = 4096


async def ready(url: str, key: MasterKey = KEY) -> None:
    """Open a database as the engine does at its start."""
    database = Database(connect(url, key), key)
    try:
        await refuse_unready(database)
        await refuse_damaged(database)
    finally:
        await database.close()


async def refusal_of(url: str, kind: type[StoreError], key: MasterKey = KEY) -> StoreError:
    with pytest.raises(kind) as refusal:
        await ready(url, key)
    assert type(refusal.value) is kind
    assert str(refusal.value).endswith(".")
    assert refusal.value.mend
    return refusal.value


def file_of(url: str) -> Path:
    return sqlite_path(url)


async def test_a_good_database_opens(database_url: str) -> None:
    await ready(database_url)


async def test_a_file_that_a_checkpoint_has_left_unfinished_is_whole(sqlite_url: str, tmp_path: Path) -> None:
    """A reader held the checkpoint back, so that pages are zeros in the file and whole in its log; then a kill."""
    path = file_of(sqlite_url)
    writer, reader = (_open_file(path, KEY, create=False) for _ in range(2))
    writer.execute("CREATE TABLE one (words blob)")
    writer.execute("INSERT INTO one VALUES (zeroblob(9000))")
    writer.execute("CREATE TABLE two (words blob)")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM one").fetchall()
    writer.execute("UPDATE one SET words = zeroblob(9001)")
    writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, tmp_path)
    reader.close()
    writer.close()
    copy = (tmp_path / path.name).read_bytes()
    assert any(not any(copy[at : at + PAGE]) for at in range(0, len(copy), PAGE))
    await ready(f"sqlite:///{tmp_path / path.name}")


async def test_a_broken_page_is_found_wherever_it_is(sqlite_url: str) -> None:
    path = file_of(sqlite_url)
    whole = path.read_bytes()
    for at in range(PAGE // 2, len(whole), 7 * PAGE):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises((DamagedDatabase, WrongKey)):
            await ready(sqlite_url)


async def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    refusal = await refusal_of(f"sqlite:///{tmp_path}/var/clinic.db", MissingDatabase)
    assert "fortnight migrate" in refusal.mend
    assert list(tmp_path.iterdir()) == []


async def test_an_empty_file_is_refused_and_left_empty(tmp_path: Path) -> None:
    path = tmp_path / "clinic.db"
    path.touch()
    await refusal_of(f"sqlite:///{path}", MissingDatabase)
    assert [file.stat().st_size for file in tmp_path.iterdir()] == [0]


async def test_a_file_that_vanishes_after_the_look_is_not_made_either(sqlite_url: str) -> None:
    database = Database(connect(sqlite_url, KEY), KEY)
    file_of(sqlite_url).unlink()
    with pytest.raises(UnreachableDatabase):
        await refuse_unready(database)
    await database.close()
    assert not file_of(sqlite_url).exists()


async def test_a_wrong_key_is_refused_and_changes_nothing(database_url: str) -> None:
    refusal = await refusal_of(database_url, WrongKey, MasterKey.parse(new_master_key()))
    assert "database.key" in refusal.mend
    await ready(database_url)


async def test_a_plain_sqlite_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE patients (name)")
    plain.close()
    before = path.read_bytes()
    await refusal_of(f"sqlite:///{path}", UnencryptedDatabase)
    assert (path.read_bytes(), [file.name for file in tmp_path.iterdir()]) == (before, ["plain.db"])


async def test_some_other_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all, " * 1000)
    await refusal_of(f"sqlite:///{path}", WrongKey)


@pytest.mark.parametrize("left", [0.97, 0.5, 0.1])
async def test_a_truncated_file_is_refused(sqlite_url: str, left: float) -> None:
    path = file_of(sqlite_url)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * left)])
    await refusal_of(sqlite_url, DamagedDatabase)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
async def test_a_file_with_a_flipped_byte_is_refused(sqlite_url: str, place: float) -> None:
    path = file_of(sqlite_url)
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 0xFF
    path.write_bytes(content)
    await refusal_of(sqlite_url, DamagedDatabase)


async def test_the_file_holds_nothing_readable(sqlite_url: str, sqlite_database: Database) -> None:
    async with sqlite_database.transaction() as tx:
        await tx.execute(text("INSERT INTO meta VALUES ('marker', 'plainly visible')"))
    await sqlite_database.close()
    stored = b"".join(file.read_bytes() for file in file_of(sqlite_url).parent.glob("fortnight.db*"))
    assert b"plainly visible" not in stored
    assert b"CREATE TABLE" not in stored
    assert not stored.startswith(b"SQLite format 3")


async def test_a_new_clinic_s_file_is_made_where_it_is_asked_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/var/a clinic #%41.db"
    database = Database(connect(url, KEY, create=True), KEY)
    await migrate(database)
    await database.close()
    await ready(url)
    assert sqlite_path(url).parent.is_dir()


async def test_sqlite_is_as_safe_as_it_can_be(sqlite_database: Database) -> None:
    async with sqlite_database.reading() as tx:
        found = {
            pragma: (await tx.rows(text(f"PRAGMA {pragma}")))[0][0]
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15_000}


async def test_a_server_that_does_not_answer_is_unreachable() -> None:
    await refusal_of("postgresql://nobody@127.0.0.1:1/clinic", UnreachableDatabase)


@pytest.mark.on("postgresql")
async def test_a_database_that_the_server_does_not_have_is_missing(database_url: str) -> None:
    await refusal_of(database_url.replace("/test_", "/no_such_"), MissingDatabase)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(StoreError, match="'mysql', which Fortnight does not speak"):
        connect("mysql://root@localhost/clinic", KEY)


def test_what_is_no_url_is_refused() -> None:
    with pytest.raises(StoreError) as refusal:
        connect("var/fortnight.db", KEY)
    assert "sqlite:///PATH" in refusal.value.mend


def test_the_kind_can_be_read_off_the_url() -> None:
    assert is_sqlite("sqlite:///var/fortnight.db")
    assert not is_sqlite("postgresql://clinic@host/name")


async def test_a_database_of_made_up_people_is_a_new_file_and_never_one_that_was_there(
    sqlite_url: str, tmp_path: Path
) -> None:
    with pytest.raises(FileExistsError):
        scratch(file_of(sqlite_url))
    database = Database(scratch(tmp_path / "made-up.db"), KEY)
    try:
        await migrate(database)
        await refuse_unready(database)
    finally:
        await database.close()
    with pytest.raises(FileExistsError):
        scratch(tmp_path / "made-up.db")
    assert (tmp_path / "made-up.db").stat().st_mode & 0o077 == 0
