"""`fortnight migrate` and the key: a new clinic gets both, an old one never loses either."""

from __future__ import annotations

import stat

from store.keys import new_master_key
from tests.app.conftest import CommandLine


def test_a_new_clinic_gets_a_database_and_a_key_that_only_its_user_can_read(bare: CommandLine) -> None:
    done = bare.of("migrate")
    key = bare.folder / "database.key"
    assert done["key_file"] == str(key)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert (bare.folder / "var" / "fortnight.db").stat().st_size > 0
    assert bare.of("staff", "list") == []


def test_migrating_again_changes_nothing(bare: CommandLine) -> None:
    bare.of("migrate")
    before = (bare.folder / "database.key").read_text()
    done = bare.of("migrate")
    assert done == {"before": done["after"], "after": done["after"], "key_file": None}
    assert (bare.folder / "database.key").read_text() == before


def test_a_key_that_is_given_is_used_and_none_is_written(bare: CommandLine) -> None:
    config = bare.folder / "config.toml"
    config.write_text(config.read_text() + f'[database]\nkey = "{new_master_key()}"\n')
    assert bare.of("migrate")["key_file"] is None
    assert not (bare.folder / "database.key").exists()
    assert bare.of("staff", "list") == []


def test_a_lost_key_is_not_replaced_by_a_new_one(fortnight: CommandLine) -> None:
    (fortnight.folder / "database.key").unlink()
    for words in (("migrate",), ("staff", "list")):
        outcome = fortnight.run(*words, "--json")
        assert outcome.code == 1
        assert "no key" in outcome.complaint["error"]
        assert not (fortnight.folder / "database.key").exists()


def test_a_wrong_key_opens_nothing_and_makes_nothing(fortnight: CommandLine) -> None:
    (fortnight.folder / "database.key").write_text(new_master_key())
    before = (fortnight.folder / "var" / "fortnight.db").read_bytes()
    outcome = fortnight.run("staff", "list", "--json")
    assert outcome.code == 1
    assert "key" in outcome.complaint["error"]
    assert (fortnight.folder / "var" / "fortnight.db").read_bytes() == before


def test_a_missing_database_is_never_made_in_passing(bare: CommandLine) -> None:
    (bare.folder / "database.key").write_text(new_master_key())
    outcome = bare.run("staff", "list", "--json")
    assert outcome.code == 1
    assert "fortnight migrate" in outcome.complaint["mend"]
    assert not (bare.folder / "var").exists()


def test_an_unencrypted_file_is_left_alone(fortnight: CommandLine) -> None:
    (fortnight.folder / "var" / "fortnight.db").write_bytes(b"SQLite format 3\x00" + bytes(100))
    for words in (("migrate",), ("staff", "list")):
        outcome = fortnight.run(*words, "--json")
        assert outcome.code == 1
        assert "not an encrypted one" in outcome.complaint["error"]


def test_a_key_that_is_none_is_said_so(fortnight: CommandLine) -> None:
    (fortnight.folder / "database.key").write_text("correct horse battery staple")
    assert "base64" in fortnight.run("staff", "list", "--json").complaint["error"]
