"""The command line as a program meets it: one document, one error, an exit code, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.desk import complaint_of
from tests.app.conftest import CommandLine


def test_with_json_standard_output_is_one_document_and_standard_error_empty(fortnight: CommandLine) -> None:
    shown = fortnight.process("staff", "list", "--json")
    assert (shown.code, shown.out, shown.err) == (0, "[]\n", "")


def test_options_may_stand_before_the_command(fortnight: CommandLine) -> None:
    path = fortnight.folder / "config.toml"
    moved = path.rename(fortnight.folder / "other.toml")
    before = fortnight.process("--json", "--config", str(moved), "staff", "list")
    after = fortnight.process("staff", "list", "--json", "--config", str(moved))
    by_environment = fortnight.process("staff", "list", "--json", FORTNIGHT_CONFIG=str(moved))
    assert before.json == after.json == by_environment.json == []


def test_an_error_is_one_json_object_with_the_mend(fortnight: CommandLine) -> None:
    shown = fortnight.process("patient", "show", "P-9", "--json")
    assert (shown.code, shown.out) == (2, "")
    assert set(shown.complaint) == {"error", "mend"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("patient", "enrol", "--json"), "--name"),
        (("patient", "vanish", "--json"), "vanish"),
        (("alert", "list", "--colour", "red", "--json"), "--colour"),
        (("rehearse", "--patients", "many", "--json"), "--patients"),
    ],
)
def test_a_mistyped_command_is_the_users_mistake(fortnight: CommandLine, words: tuple[str, ...], said: str) -> None:
    shown = fortnight.process(*words)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.complaint["error"]
    assert "--help" in shown.complaint["mend"]


def test_for_people_an_error_is_a_sentence_and_the_mend(fortnight: CommandLine) -> None:
    shown = fortnight.process("patient", "show", "P-9")
    assert shown.code == 2
    assert shown.err.splitlines() == ["There is no patient 'P-9'.", "→ see `fortnight patient list`"]


def test_without_a_configuration_the_mend_is_to_write_one(tmp_path: Path) -> None:
    shown = CommandLine(folder=tmp_path).process("staff", "list", "--json", "--config", "nowhere.toml")
    assert shown.code == 2
    assert "config.example.toml" in shown.complaint["mend"]


def test_every_problem_of_a_configuration_is_told_at_once(bare: CommandLine) -> None:
    (bare.folder / "config.toml").write_text(
        '[telegram]\ntokn = "x"\n[clinic]\nname = "C"\ntimezone = "Mars/Olympus"\n'
    )
    complaint = bare.refused("staff", "list")
    for said in ("telegram.token is missing", "telegram.tokn is no setting", "Mars/Olympus"):
        assert said in complaint["error"]


@pytest.mark.parametrize(
    ("group", "commands"),
    [
        ((), ("demo", "run", "check", "migrate", "digest", "screen")),
        (("staff",), ("add", "list", "disable", "relink", "account")),
        (("patient",), ("enrol", "list", "show", "pause", "resume", "end", "relink", "plan")),
        (("infusion",), ("record", "series", "postpone", "cancel")),
        (("drill",), ("send", "list")),
        (("rota",), ("add", "rotate", "override", "away", "remove", "show", "gaps", "import", "export")),
        (("alert",), ("list", "show", "acknowledge", "hand-over", "close", "reopen")),
        (("protocol",), ("list", "validate", "preview", "schema")),
        (("audit",), ("show", "verify")),
    ],
)
def test_every_command_explains_itself_with_an_example(
    bare: CommandLine, group: tuple[str, ...], commands: tuple[str, ...]
) -> None:
    for command in commands:
        shown = bare.run(*group, command, "--help")
        assert shown.code == 0
        assert "--json" in shown.out
        assert "Example:" in shown.out


def test_screening_needs_nothing_and_keeps_the_order(tmp_path: Path) -> None:
    texts = ["I slept well", "I want to kill myself", "thanks"]
    lines = "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))
    shown = CommandLine(folder=tmp_path).process("screen", stdin=lines)
    assert (shown.code, shown.err) == (0, "")
    screened = [json.loads(line) for line in shown.out.splitlines()]
    assert [each["id"] for each in screened] == [0, 1, 2]
    assert [each["tier"] for each in screened] == ["none", "red", "none"]
    assert {"rule", "tier", "span"} == set(screened[1]["findings"][0])
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    shown = CommandLine(folder=tmp_path).process("screen", "--json", stdin='{"id": 1, "text": "fine"}\n{"id": 2}\n')
    assert shown.code == 2
    assert "Line 2" in shown.complaint["error"]
    assert json.loads(shown.out)["id"] == 1


def test_what_nobody_foresaw_is_told_without_its_words() -> None:
    try:
        raise ValueError("the patient said something private")
    except ValueError as error:
        complaint = complaint_of(error)
    assert complaint.code == 1
    assert "ValueError" in complaint.error
    assert "private" not in complaint.error + complaint.mend
