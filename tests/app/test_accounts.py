"""At the command line a member's account may do what their role may, by the table of permissions, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.cli import app, operators
from rules.permissions import ACTIONS, NEEDS_NOBODY, action_of
from tests.app.conftest import CommandLine

ENROL = ("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid")


def every_command(group: Any = app, before: str = "") -> Iterator[str]:
    """Each command there is, in full."""
    for each in group.registered_commands:
        yield f"{before}{each.name}"
    for each in group.registered_groups:
        yield from every_command(each.typer_instance, f"{before}{each.name} ")


@pytest.fixture
def clinic(fortnight: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A clinic with a member of each role, whose account bears the role's name; an operator is at the machine."""
    monkeypatch.setattr(operators, "account", lambda: "operator")
    for number, role in enumerate(("admin", "coordinator", "clinician", "auditor"), 1):
        fortnight.of("staff", "add", "--name", f"The {role}", "--role", role)
        fortnight.of("staff", "account", role, "--staff", f"S-{number}")
    return fortnight


def test_every_command_stands_in_the_table_or_needs_nobody() -> None:
    commands = set(every_command())
    assert len(commands) > 60
    assert {each for each in commands if action_of(each) not in ACTIONS} == NEEDS_NOBODY


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("admin", [ENROL, ("audit", "show"), ("retention",)], []),
        ("coordinator", [ENROL, ("patient", "list"), ("rota", "show")], [("alert", "list"), ("digest",)]),
        ("clinician", [("alert", "list"), ("digest",)], [("audit", "show"), ("retention",), ("backup", "x")]),
        ("auditor", [("audit", "verify")], [ENROL, ("patient", "list"), ("staff", "disable", "S-1")]),
    ],
)
def test_a_command_is_checked_against_the_member_who_gives_it(
    clinic: CommandLine, monkeypatch: pytest.MonkeyPatch, role: str, may: list[Any], may_not: list[Any]
) -> None:
    monkeypatch.setattr(operators, "account", lambda: role)
    for words in may:
        clinic.of(*words)
    for words in may_not:
        assert "may not do that" in clinic.refused(*words)["error"]
    monkeypatch.setattr(operators, "account", lambda: "operator")
    refused = [each for each in clinic.of("audit", "show") if each["action"] == "command-refused"]
    assert len(refused) == len(may_not)
    assert {each["actor"] for each in refused} <= {f"cli:{role}"}
    assert not (clinic.folder / "x").exists()


def test_who_is_disabled_may_do_nothing_at_the_machine_either(
    clinic: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.of("staff", "disable", "S-1")
    monkeypatch.setattr(operators, "account", lambda: "admin")
    for words in (ENROL, ("staff", "list"), ("keys", "rotate"), ("staff", "account", "admin")):
        assert "disabled" in clinic.refused(*words)["error"]


def test_an_account_is_taken_back_and_nobody_locks_themselves_out(
    clinic: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "your own account" in clinic.refused("staff", "account", "operator", "--staff", "S-3")["error"]
    clinic.of("staff", "account", "auditor")
    monkeypatch.setattr(operators, "account", lambda: "auditor")
    clinic.of(*ENROL)
