"""The worked example of docs/protocols.md can be typed along as it is printed, and shows what it says."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.clock import SystemClock
from tests.app.conftest import CommandLine

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "protocols.md").read_text("utf-8").partition("## Every key")[0]
ID = re.compile(r"\b[0-9a-f]{8}\b")  # as tables show it
YEAR = timedelta(days=364)  # the same weekdays
UNCOVERED = ("--uncovered", "why")  # as the text says where nobody is on call
TYPED = {  # what the text tells to write in between, before the command that comes next
    ("validate", 2): ('at = "6pm"', 'at = "18:00"'),
    ("diff", 1): ('days = "28"', 'days = "26"'),
    ("diff", 1.5): ("mood_fall = 4", "mood_fall = 3"),
}


def in_time(text: str) -> str:
    """The text, its series so many years later that its first infusion is still to come."""
    first, today, by = date(2026, 12, 7), SystemClock().now().date(), timedelta(0)
    while first + by <= today + timedelta(days=1):
        by += YEAR
    return re.sub(r"20\d\d-(?:12|01)-\d\d", lambda found: str(date.fromisoformat(found[0]) + by), text)


def commands(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """The words of each command of the text, and the lines that it prints."""
    for block in re.findall(r"```\n(\$.*?)```", text, flags=re.DOTALL):
        for typed in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
            command, *lines = typed.splitlines()
            yield shlex.split(command), [line for line in lines if line]


def squeezed(text: str) -> str:
    return ID.sub("ID", " ".join(text.split()))


def assert_shown(lines: list[str], out: str) -> None:
    """What the text shows is what came, in order; it may leave out what stands for "..." and "…"."""
    parts = re.split(r"(?:^|\s)(?:\.\.\.|…)(?:\s|$)", squeezed(" ".join(lines)))
    at, shown = 0, squeezed(out)
    for part in parts:
        found = shown.find(part, at)
        assert found >= 0, f"{part!r} is not in {out}"
        at = found + len(part)


@pytest.fixture
def desk(fortnight: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """An empty folder with a copy of the example configuration, a database and a patient, and a shell in it."""
    monkeypatch.chdir(fortnight.folder)
    config = (ROOT / "config.example.toml").read_text("utf-8")
    config = re.sub(r'^# (path = "protocols")', r"\1", config, flags=re.MULTILINE)
    config = re.sub(r'^base_url = "\S+"', 'base_url = "http://127.0.0.1:9/bot"', config, flags=re.MULTILINE)
    (fortnight.folder / "config.toml").write_text(config, "utf-8")
    (fortnight.folder / "protocols").mkdir()
    fortnight.of("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid")
    (fortnight.folder / "protocols").rmdir()
    return fortnight


def do(desk: CommandLine, words: list[str], lines: list[str], counted: dict[str, int]) -> None:
    if words[0] == "mkdir":
        for name in words[1:]:
            (desk.folder / name).mkdir()
        draft = next(block for block in re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL) if "extends" in block)
        (desk.folder / "drafts" / "our-series.toml").write_text(draft, "utf-8")
    elif words[0] == "cp":
        shutil.copy(desk.folder / words[1], desk.folder / words[2])
    else:
        counted[words[2]] = counted.get(words[2], 0) + 1
        write_what_is_told(desk.folder / "drafts" / "our-series.toml", words[2], counted[words[2]])
        outcome = desk.run(*words[1:], *(UNCOVERED if words[2] == "series" else ()))
        assert outcome.code == (words[2:3] == ["validate"] and counted["validate"] == 1), outcome.err
        assert_shown(lines if words[2] != "forecast" else ["With our-series.toml you would have paged …"], outcome.out)
        assert desk.of("protocol", "list")  # whatever is half written, the clinic could be started again


def write_what_is_told(draft: Path, command: str, time: int) -> None:
    for (name, when), (old, new) in TYPED.items():
        if name == command and int(when) == time:
            assert f"`{new}`" in TEXT
            draft.write_text(draft.read_text("utf-8").replace(old, new), "utf-8")


def test_every_command_of_the_example_does_what_it_shows(desk: CommandLine) -> None:
    counted: dict[str, int] = {}
    for words, lines in commands(in_time(TEXT)):
        do(desk, words, lines, counted)
    assert {"validate": 2, "preview": 1, "publish": 2, "series": 1, "diff": 1, "move": 1}.items() <= counted.items()
