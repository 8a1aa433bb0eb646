"""`fortnight backup` and `restore`: nothing is overwritten, and whoever may have written meanwhile is named."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from app.only_engine import no_engine
from store.keys import new_master_key
from tests.app.conftest import CommandLine

ENROL = ("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid")
RECORD = (
    "infusion",
    "record",
    "--patient",
    "P-1001",
    "--at",
    "now",
    "--dose-mg-per-kg",
    "0.5",
    "--uncovered",
    "a test",
)


def backed_up(fortnight: CommandLine) -> Path:
    """A backup of a clinic with one patient in a course; one more was enrolled since."""
    fortnight.of(*ENROL)
    fortnight.of(*RECORD)
    made = fortnight.of("backup")
    fortnight.of(*ENROL)
    assert made["bytes"] == Path(made["file"]).stat().st_size
    return Path(made["file"])


def test_a_backup_goes_to_its_folder_and_can_be_put_in_the_databases_place(fortnight: CommandLine) -> None:
    file = backed_up(fortnight)
    assert file.parent == fortnight.folder / "backups"
    done = fortnight.of("restore", str(file))
    assert done["patients"] == ["P-1001"]
    assert [row["id"] for row in fortnight.of("patient", "list")] == ["P-1001"]
    assert Path(done["set_aside"]).stat().st_size > 0  # what was there before
    assert fortnight.of("audit", "verify")["broken"] == []
    actions = [entry["action"] for entry in fortnight.of("audit", "show")]
    assert actions[-1] == "restored"


def test_a_clinic_that_has_lost_its_database_gets_it_back(fortnight: CommandLine) -> None:
    file = backed_up(fortnight)
    shutil.rmtree(fortnight.folder / "var")
    assert fortnight.of("restore", str(file))["set_aside"] is None
    assert [row["id"] for row in fortnight.of("patient", "list")] == ["P-1001"]


def test_for_people_it_says_what_may_be_missing_and_what_comes_next(fortnight: CommandLine) -> None:
    shown = fortnight.run("restore", str(backed_up(fortnight)))
    assert "may be missing" in shown.out
    assert "P-1001" in shown.out


def test_what_is_no_good_changes_nothing(fortnight: CommandLine) -> None:
    file = backed_up(fortnight)
    copy = fortnight.folder / "copy.db"
    shutil.copyfile(fortnight.folder / "var" / "fortnight.db", copy)
    cut = fortnight.folder / "cut.backup"
    cut.write_bytes(file.read_bytes()[:-20])
    for name, said in ((copy, "no Fortnight backup"), (cut, "damaged"), ("nowhere", "cannot be read")):
        refused = fortnight.run("restore", str(name), "--json")
        assert refused.code == 1
        assert said in refused.complaint["error"]
    assert len(fortnight.of("patient", "list")) == 2
    assert [each.name for each in (fortnight.folder / "var").glob("*.restoring*")] == []


def test_a_backup_wants_the_key_of_its_time(fortnight: CommandLine) -> None:
    file = backed_up(fortnight)
    (fortnight.folder / "database.key").write_text(new_master_key())
    refused = fortnight.run("restore", str(file), "--json")
    assert refused.code == 1
    assert "another key" in refused.complaint["error"]


async def test_while_an_engine_runs_nothing_is_restored(fortnight: CommandLine) -> None:
    file = await asyncio.to_thread(backed_up, fortnight)
    async with no_engine(fortnight.folder / "var" / "fortnight.db"):
        refused = await asyncio.to_thread(fortnight.process, "restore", str(file), "--json")
    assert refused.code == 2
    assert "Another engine" in refused.complaint["error"]
