"""`fortnight audit verify` against what stands outside the database."""

from __future__ import annotations

import json
import shutil

from tests.app.conftest import CommandLine

ADD = ("staff", "add", "--name", "Clinician One", "--role", "clinician")


def test_anchors_that_are_ahead_of_the_database_show_that_a_tail_was_cut(fortnight: CommandLine) -> None:
    fortnight.of(*ADD)
    backup = fortnight.of("backup")["file"]
    assert fortnight.of("audit", "verify", "--against", backup) == {"streams": 1, "anchored": 1, "broken": []}
    var = fortnight.folder / "var"
    copy = var / "copy.db"
    shutil.copyfile(var / "fortnight.db", copy)
    fortnight.of(*ADD)
    later = fortnight.of("backup", str(fortnight.folder / "later.backup"))["file"]
    copy.rename(var / "fortnight.db")  # somebody puts an older copy in its place
    outcome = fortnight.run("audit", "verify", "--against", later, "--json")
    assert outcome.code == 1
    assert [each["stream"] for each in json.loads(outcome.out)["broken"]] == ["clinic"]


def test_a_link_that_the_anchors_do_not_hold_is_said(fortnight: CommandLine) -> None:
    assert "does not hold that link" in fortnight.refused("audit", "verify", "--link", "0" * 64)["error"]
    assert "There is no" in fortnight.refused("audit", "verify", "--against", "nowhere")["error"]
