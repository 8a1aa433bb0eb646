"""What a running engine holds in memory, its environment and its title does not get out of it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.conftest import CommandLine
from tests.app.engines import running
from tests.databases import KEY_TEXT

PR_GET_DUMPABLE = 3
TOKEN = "123456:another-token-that-nobody-has"
AFTER_A_COMMAND = """
import contextlib, ctypes, os, sys
from app.cli import main
sys.argv = ["fortnight", "--help"]
with contextlib.suppress(SystemExit):
    main()
print("dumpable", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
sys.stdout.flush()
os.abort()
"""


@pytest.fixture
def dumping() -> None:
    """What would be dumped by a process that does not forbid it."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0 or ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1:
        pytest.skip("nothing is dumped on this machine")


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_a_command_that_crashes_leaves_no_core_and_lets_nobody_look_in(dumping: None, tmp_path: Path) -> None:
    crash = subprocess.Popen(
        [sys.executable, "-c", AFTER_A_COMMAND],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        preexec_fn=_dump_all,
    )
    assert crash.stdout is not None
    said = crash.stdout.read().decode()
    _, status = os.waitpid(crash.pid, 0)
    crash.stdout.close()
    crash.returncode = os.waitstatus_to_exitcode(status)
    assert crash.returncode == -signal.SIGABRT
    assert said.endswith("dumpable 0\n")
    assert not os.WCOREDUMP(status)
    assert not list(tmp_path.iterdir())


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
async def test_no_secret_is_in_the_title_of_an_engine_or_in_a_temporary_file(
    fortnight: CommandLine, tmp_path: Path
) -> None:
    aside = tmp_path / "temporary"
    aside.mkdir()
    environment = {"FORTNIGHT_TELEGRAM__TOKEN": TOKEN, "FORTNIGHT_DATABASE__KEY": KEY_TEXT, "TMPDIR": str(aside)}
    async with running(fortnight.folder, **environment) as engine:
        await engine.logs("running")
        proc = Path(f"/proc/{engine.process.pid}")
        title = (proc / "cmdline").read_bytes() + (proc / "comm").read_bytes()
        assert b"run" in title
        assert not any(secret.encode() in title for secret in (TOKEN, KEY_TEXT))
        assert [line.split()[4] for line in (proc / "limits").read_text().splitlines() if "core" in line] == ["0"]
        assert fortnight.process("backup", **environment).code == 0
        assert await engine.end() == 0
    assert list(aside.iterdir()) == []


@pytest.mark.process
def test_nobody_else_can_read_a_file_that_it_makes(bare: CommandLine) -> None:
    assert bare.process("migrate").code == 0
    assert bare.process("rota", "export", "--staff", "S-1").code == 2
    made = [path for path in bare.folder.rglob("*") if path.name != "config.toml"]
    assert {path.suffix for path in made} >= {".db", ".key"}
    assert not [path for path in made if path.stat().st_mode & 0o077]


def _dump_all() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
