"""`fortnight keys rotate` and where the key comes from."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from app import rotating
from tests.app.conftest import CommandLine

ENROL = ("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid")


def test_rotating_seals_everything_anew_and_says_how_much(fortnight: CommandLine) -> None:
    alias = fortnight.of(*ENROL)["id"]
    assert fortnight.of("keys", "rotate") == {"values": 2, "new_key": None, "old_key": None}
    assert fortnight.of("patient", "show", alias, "--reveal")["name"] == "Patient One"
    assert fortnight.of("audit", "verify")["broken"] == []


@pytest.mark.parametrize("cut", ["", "change_master", "change_file_key", "replace"])
def test_a_new_master_key_takes_the_place_of_the_old_one_wherever_it_was_cut_short(
    fortnight: CommandLine, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alias = fortnight.of(*ENROL)["id"]
    key = fortnight.folder / "database.key"
    before = key.read_text()

    def cut_short(*_: object) -> None:
        raise KeyboardInterrupt

    if cut:
        with monkeypatch.context() as patched:
            target = {"change_master": rotating.rotation, "change_file_key": rotating.engine, "replace": Path}[cut]
            patched.setattr(target, cut, cut_short)
            fortnight.run("keys", "rotate", "--master")
        assert key.read_text() == before
    done = fortnight.of("keys", "rotate", *([] if cut else ["--master"]))
    assert Path(done["old_key"]).read_text() == before
    assert key.read_text() != before
    assert key.stat().st_mode & 0o077 == 0
    assert fortnight.of("patient", "show", alias, "--reveal")["name"] == "Patient One"
    assert fortnight.of("audit", "verify")["broken"] == []
    assert not list(fortnight.folder.glob("*.next"))


def test_a_key_may_come_from_the_output_of_a_command(fortnight: CommandLine) -> None:
    key, config = fortnight.folder / "database.key", fortnight.folder / "config.toml"
    key.rename(fortnight.folder / "vault")
    plain = config.read_text()
    config.write_text(plain + f"[database]\nkey_command = 'cat {shlex.quote('vault')}'\n")
    assert fortnight.of("patient", "list") == []
    assert "does not come from a file" in fortnight.refused("keys", "rotate", "--master")["error"]
    config.write_text(plain + "[database]\nkey_command = 'cat nowhere'\n")
    outcome = fortnight.run("patient", "list", "--json")
    assert outcome.code == 1
    assert "key_command" in outcome.complaint["mend"]
