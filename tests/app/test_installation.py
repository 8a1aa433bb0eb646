"""Whose the database is, at the command line: bound by `migrate`, said by `check`, changed by `adopt`."""

from __future__ import annotations

import pytest

from app import installation
from tests.app.conftest import CommandLine


@pytest.mark.parametrize(
    ("token", "bot"), [("123456:secret", "123456"), ("secret", None), (":secret", None), ("a:secret", None), ("", None)]
)
def test_a_token_begins_with_the_id_of_its_bot(token: str, bot: str | None) -> None:
    assert installation.bot_id(token) == bot


def test_migrate_makes_the_installation_once_for_its_owner_only(bare: CommandLine) -> None:
    bare.of("migrate")
    file = bare.folder / installation.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    secret = file.read_text()
    bare.of("migrate")
    assert file.read_text() == secret


def test_a_file_that_a_crash_left_empty_is_made_anew(bare: CommandLine) -> None:
    (bare.folder / installation.FILE).touch()
    bare.of("migrate")
    assert (bare.folder / installation.FILE).read_text().strip()


def test_a_database_from_before_belongs_to_nobody_until_it_is_migrated_again(fortnight: CommandLine) -> None:
    assert "installation" not in fortnight.run("check").out
    fortnight.of("migrate")
    (fortnight.folder / installation.FILE).unlink()
    refused = fortnight.run("migrate", "--json")
    assert refused.code == 1
    assert "another installation" in refused.complaint["error"]
    problems = fortnight.run("check", "--json").json["problems"]
    assert any("another installation" in each["problem"] and "adopt" in each["mend"] for each in problems)


def test_adopting_is_on_the_record_and_opens_the_database_to_this_installation(fortnight: CommandLine) -> None:
    fortnight.of("migrate")
    (fortnight.folder / installation.FILE).write_text("another")
    assert fortnight.of("adopt") == {"bot": "123456", "bot_before": None}
    fortnight.of("migrate")
    entry = fortnight.of("audit", "show")[-1]
    assert (entry["action"], entry["detail"]) == ("database-adopted", {"bot": "123456", "bot_before": None})
    assert "another" not in str(entry)
