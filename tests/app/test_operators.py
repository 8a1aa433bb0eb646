"""Who is named in the audit for what was done at the command line."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from app.cli import operators
from app.cli.desk import ACTOR
from tests.app.conftest import CommandLine


@pytest.mark.parametrize("login", ["4294967295", "4000000000", "", "somebody", None])
def test_where_nobody_logged_in_it_is_the_account_of_the_process(
    login: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operators, "LOGIN", tmp_path / "loginuid")
    if login is not None:
        (tmp_path / "loginuid").write_text(login)
    assert operators.account() == pwd.getpwuid(os.getuid()).pw_name


def test_whoever_logged_in_stays_named_behind_sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = next(each for each in pwd.getpwall() if each.pw_uid != os.getuid())
    monkeypatch.setattr(operators, "LOGIN", tmp_path / "loginuid")
    (tmp_path / "loginuid").write_text(str(other.pw_uid))
    assert operators.account() == other.pw_name[: operators.LONGEST]


def test_the_audit_names_the_account(fortnight: CommandLine) -> None:
    fortnight.of("staff", "add", "--name", "Clinician One", "--role", "clinician")
    assert fortnight.of("audit", "show")[-1]["actor"] == ACTOR
    assert f"cli:{operators.account()}" == ACTOR
