"""A clinic's folder with its configuration, key and database, and the command line at work in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.databases import KEY_TEXT, SqliteFiles

ENROL = ("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid")
CONFIG = """
[telegram]
token = "123456:a-token-that-nobody-has"
base_url = "http://127.0.0.1:9/bot"
[clinic]
name = "Example Clinic"
timezone = "Europe/Madrid"
region = "ES"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)

    @property
    def complaint(self) -> dict[str, str]:
        """The error and its mend, as JSON on standard error."""
        return dict(json.loads(self.err))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """`fortnight`, in a clinic's folder."""

    folder: Path

    def run(self, *words: str, stdin: str | None = None) -> Outcome:
        """Run a command in this process."""
        result = CliRunner().invoke(app, ["--config", str(self.folder / "config.toml"), *words], input=stdin)
        return Outcome(code=result.exit_code, out=result.stdout, err=result.stderr)

    def of(self, *words: str) -> Any:
        """What a command that must succeed prints with --json."""
        outcome = self.run(*words, "--json")
        assert outcome.code == 0, outcome.err
        return outcome.json

    def refused(self, *words: str) -> dict[str, str]:
        """Why a command that must fail as the user's own mistake does, in the words of --json."""
        outcome = self.run(*words, "--json")
        assert (outcome.code, outcome.out) == (2, "")
        return outcome.complaint

    def process(self, *words: str, stdin: str = "", **environment: str) -> Outcome:
        """Run a command as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", "from app.cli import main; main()", *words],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment},
            check=False,
        )
        return Outcome(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture
def bare_folder(tmp_path: Path) -> Path:
    """A folder with a configuration and nothing else."""
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def bare(bare_folder: Path) -> CommandLine:
    """The command line where nothing was migrated yet."""
    return CommandLine(folder=bare_folder)


@pytest.fixture
def fortnight(bare_folder: Path, sqlite_files: SqliteFiles) -> CommandLine:
    """The command line of a clinic with a fresh database."""
    (bare_folder / "var").mkdir()
    sqlite_files.fresh(bare_folder / "var")
    (bare_folder / "database.key").write_text(KEY_TEXT)
    return CommandLine(folder=bare_folder)


@pytest.fixture
def enrolled(fortnight: CommandLine) -> CommandLine:
    """A clinic with one patient and two clinicians."""
    fortnight.of(*ENROL)
    for name in ("Clinician One", "Clinician Two"):
        fortnight.of("staff", "add", "--name", name, "--role", "clinician")
    return fortnight
