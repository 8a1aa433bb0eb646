"""Row 41: no room is left under the database of a running engine, and then there is some again."""

from __future__ import annotations

import contextlib
import resource
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.clock import SystemClock
from tests.databases import SqliteFiles
from tests.faults.oracle import records
from tests.faults.process import Engine, until
from tests.faults.stage import HELP, TOKEN, Stage, staged

pytestmark = pytest.mark.process
ROOM = "3m"
STRANGER = 9001
LONG = "word " * 800  # what a stranger writes until nothing more goes in

Full = Callable[[Engine, Path], contextlib.AbstractContextManager[None]]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own; skipped where mounting one is not allowed, as in most containers."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def to_the_last_byte(_: Engine, folder: Path) -> Iterator[None]:
    """Fill a file system with one file, and take that away again."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0")
    yield
    ballast.unlink()


@contextlib.contextmanager
def by_the_limit_of_the_process(engine: Engine, folder: Path) -> Iterator[None]:
    """Let the kernel refuse whatever would make a file larger than the largest of the database's is now."""
    largest = max(file.stat().st_size for file in folder.glob("fortnight.db*"))
    before = resource.prlimit(engine.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    yield
    resource.prlimit(engine.pid, resource.RLIMIT_FSIZE, before)


async def test_row_41_on_a_full_disk_red_texts_are_paged_from_memory_and_all_is_handled_later(
    disk: Path, tmp_path: Path, sqlite_files: SqliteFiles
) -> None:
    async with staged(sqlite_files.fresh(disk), tmp_path) as stage:
        await _goes_on(stage, disk, to_the_last_byte)


async def test_row_41_where_files_may_not_grow_it_is_the_same(tmp_path: Path, sqlite_files: SqliteFiles) -> None:
    folder = tmp_path / "database"
    folder.mkdir()
    async with staged(sqlite_files.fresh(folder), tmp_path) as stage:
        await _goes_on(stage, folder, by_the_limit_of_the_process)


async def _goes_on(stage: Stage, folder: Path, full: Full) -> None:
    clinician = await stage.clinician()
    (patient,) = await stage.enrolled(1, in_course=False)
    stage.telegram.add_user(STRANGER, name="Stranger")
    stranger = stage.telegram.client(STRANGER, TOKEN)
    engine = await stage.engine()
    await until((folder / "fortnight.roster").exists)

    def pages(words: str) -> int:
        return sum(words in sent.text for sent in stage.telegram.sent(TOKEN, clinician.user_id))

    with full(engine, folder):
        while not _alarmed(engine):
            stranger.say(LONG)
            await until(lambda: not stage.telegram.bots[TOKEN].updates or _alarmed(engine))
        began = SystemClock().now()
        patient.phone.say(HELP)
        await until(lambda: pages(patient.alias) > 0)
        assert SystemClock().now() - began < timedelta(seconds=20)  # the poll waits for 15 s at most after a failure
        await until(lambda: bool(stage.telegram.sent(TOKEN, patient.user_id)))  # their crisis text
        assert pages(f"A-1 · {patient.alias}") == 0  # there is no alert yet
        waiting = len(stage.telegram.bots[TOKEN].updates)
        assert waiting >= 2  # nothing is confirmed
    await until(lambda: pages(f"A-1 · {patient.alias}") > 0 and not stage.telegram.bots[TOKEN].updates)
    on_record = await records(stage.clinic.database)
    assert {row.state for row in on_record.inbox} == {"done"}
    assert [row.instrument for row in on_record.answers if row.patient_id == patient.id] == ["words"]
    assert engine.is_alive


def _alarmed(engine: Engine) -> bool:
    return any(line.get("alarm") == "database-away" for line in engine.lines)
