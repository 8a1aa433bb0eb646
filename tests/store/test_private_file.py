"""Small files of secrets: whole or not at all, for their owner only, and a new one takes no other's place."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from store import private_file

WRITERS = [private_file.write, private_file.write_new]
Writer = Callable[[Path, bytes], None]


def dies_before(name: str, write: Writer, path: Path) -> None:
    """Write, and be killed as soon as the system is asked for something of that name."""
    setattr(os, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    write(path, b"secret")


@pytest.mark.parametrize("write", WRITERS)
def test_it_is_written_whole_for_its_owner_only_and_leaves_nothing_else(tmp_path: Path, write: Writer) -> None:
    path = tmp_path / "folder" / "key"
    write(path, b"secret")
    assert path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.process
@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", ["fdopen", "fsync", "link", "replace"])
def test_a_process_killed_in_the_middle_leaves_the_whole_file_or_none(tmp_path: Path, write: Writer, name: str) -> None:
    path = tmp_path / "key"
    process = multiprocessing.get_context("fork").Process(target=dies_before, args=(name, write, path))
    process.start()
    process.join(30)
    assert not path.exists() or path.read_bytes() == b"secret"
    write(path, b"another") if not path.exists() else None
    assert path.read_bytes() in (b"secret", b"another")


def test_a_new_file_takes_no_others_place(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"the only copy")
    with pytest.raises(FileExistsError):
        private_file.write_new(path, b"another")
    assert path.read_bytes() == b"the only copy"
    assert [*tmp_path.iterdir()] == [path]


def test_where_a_file_system_has_no_links_a_new_file_is_written_all_the_same_and_takes_no_others_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    private_file.write_new(tmp_path / "key", b"secret")
    assert (tmp_path / "key").read_bytes() == b"secret"
    with pytest.raises(FileExistsError):
        private_file.write_new(tmp_path / "key", b"another")
    assert (tmp_path / "key").read_bytes() == b"secret"
    assert [*tmp_path.iterdir()] == [tmp_path / "key"]
