"""Promise 12: nothing starts half-ready: each problem is said in one sentence, with the mend."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """
[telegram]
token = "1:test"
base_url = "http://127.0.0.1:9/bot"
[database]
url = "sqlite:///clinic.db"
[clinic]
name = "Example Clinic"
timezone = "Europe/Madrid"
"""


def fortnight(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FORTNIGHT_CONFIG": str(folder / "config.toml")}
    command = [sys.executable, "-c", "from app.cli import main; main()", *words, "--json"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    said = json.loads(done.stderr.splitlines()[-1])  # what it logged before it gave up stands above
    assert said["mend"]
    return str(said["error"])


def test_a_missing_database_is_never_made_silently(folder: Path) -> None:
    assert "no database" in refusal(fortnight(folder, "run"))
    assert not (folder / "clinic.db").exists()


def test_a_wrong_key_is_refused(folder: Path) -> None:
    assert fortnight(folder, "migrate").returncode == 0
    key = next(path for path in folder.iterdir() if path.suffix == ".key")
    assert key.stat().st_mode & 0o777 == 0o600
    key.write_text("A" * 43 + "=")
    assert "key" in refusal(fortnight(folder, "run"))


def test_a_damaged_database_is_refused(folder: Path) -> None:
    assert fortnight(folder, "migrate").returncode == 0
    (folder / "clinic.db").write_bytes(b"\x00" * 8192)
    refusal(fortnight(folder, "run"))


def test_an_unknown_setting_is_refused_by_its_name(folder: Path) -> None:
    (folder / "config.toml").write_text(CONFIG + "\n[tick]\nintervall = '2s'\n")
    assert "intervall" in refusal(fortnight(folder, "run"))


def test_check_lists_what_is_missing_each_with_its_mend(folder: Path) -> None:
    assert fortnight(folder, "migrate").returncode == 0
    done = fortnight(folder, "check")
    assert done.returncode == 1
    problems = json.loads(done.stdout)
    listed = problems["problems"] if isinstance(problems, dict) else problems
    assert len(listed) >= 2
    assert all(each["mend"] for each in listed)
