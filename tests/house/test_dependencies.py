"""Every dependency has its reason in docs/dependencies.md, and nothing stands there that is none."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=]", each)[0].lower() for each in requirements}


def told(heading: str) -> set[str]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    return {name.strip().lower() for cell in cells[2:] for name in cell.split(",")}


def test_what_runs_is_told_with_its_reason() -> None:
    assert told("To run") == names(PROJECT["dependencies"])


def test_what_develops_is_told_too() -> None:
    assert told("To develop") == names(PROJECT["optional-dependencies"]["dev"])


def test_every_package_in_the_locks_is_pinned_with_its_hash() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / lock).read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            if re.match(r"[a-z0-9]", line, re.IGNORECASE):
                assert "==" in line, line
                assert "--hash=sha256:" in lines[number + 1], line
