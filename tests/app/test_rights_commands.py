"""`fortnight patient export`, `patient erase` and `fortnight retention` at the desk."""

from __future__ import annotations

import json

from tests.app.conftest import CommandLine

NAME = "Patient <One>"
ENROL = ("patient", "enrol", "--name", NAME, "--timezone", "Europe/Madrid", "--phone", "000 0000")


def test_an_export_is_a_page_to_be_read_or_json_and_only_its_user_can_read_it(fortnight: CommandLine) -> None:
    alias = fortnight.of(*ENROL)["id"]
    assert fortnight.of("patient", "export", alias)["name"] == NAME
    for ending in ("html", "json"):
        file = fortnight.folder / f"all.{ending}"
        fortnight.of("patient", "export", alias, str(file))
        assert file.stat().st_mode & 0o077 == 0
    page = (fortnight.folder / "all.html").read_text("utf-8")
    assert "Patient &lt;One&gt;" in page
    assert "000 0000" in page
    assert json.loads((fortnight.folder / "all.json").read_text("utf-8"))["contact"] == {"phone": "000 0000"}
    assert "there already" not in fortnight.refused("patient", "export", alias, "all.txt")["error"]
    assert "cannot be written" in fortnight.refused("patient", "export", alias, str(file))["error"]


def test_erasing_wants_a_second_person_where_the_clinic_says_so(fortnight: CommandLine) -> None:
    alias = fortnight.of(*ENROL)["id"]
    config = fortnight.folder / "config.toml"
    alone = config.read_text()
    config.write_text(alone + "[rights]\ntwo_persons = true\n")
    assert "no admin" in fortnight.refused("patient", "erase", alias)["error"]
    config.write_text(alone)
    assert fortnight.of("patient", "erase", alias) == {"id": alias, "state": "erased"}
    assert fortnight.of("patient", "list") == []
    assert [row["action"] for row in fortnight.of("audit", "show", alias)][-1] == "erased"
    assert fortnight.of("audit", "verify")["broken"] == []


def test_retention_is_a_dry_run_unless_told(fortnight: CommandLine) -> None:
    shown = fortnight.of("retention")
    assert shown["forgotten"] is False
    assert set(shown["kinds"]) == {"updates", "dead-letters", "messages", "links", "patients"}
    assert fortnight.of("retention", "--forget")["forgotten"] is True
