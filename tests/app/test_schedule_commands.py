"""`fortnight rota` and `protocol`: time is always given with its offset."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from app.clock import SystemClock
from content.instruments import use
from tests.app.conftest import ENROL, CommandLine
from tests.content.test_own_instruments import OWN

RECORD = ("infusion", "record", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test", "--at")
LATER = "2031-06-02T14:30+02:00"


def test_a_shift_closes_a_gap_in_the_rota(enrolled: CommandLine) -> None:
    assert len(enrolled.of("rota", "gaps")) == 1
    enrolled.of("rota", "add", "--staff", "S-1", "--from", "now", "--to", LATER)
    assert enrolled.of("rota", "gaps") == []


def test_an_override_stands_in_and_can_be_taken_back(enrolled: CommandLine) -> None:
    enrolled.of("rota", "add", "--staff", "S-1", "--from", "now", "--to", LATER)
    override = enrolled.of("rota", "override", "--staff", "S-2", "--from", "now", "--to", _in_days(1))
    assert [each["name"] for each in enrolled.of("rota", "show")["now"]["primary"]] == ["Clinician Two"]
    enrolled.of("rota", "remove", override["id"])
    assert [each["name"] for each in enrolled.of("rota", "show")["now"]["primary"]] == ["Clinician One"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--staff", "S-9", "--from", "now", "--to", LATER), "S-9"),
        (("--staff", "S-1", "--from", LATER, "--to", "now"), "ends before"),
        (("--staff", "S-1", "--from", "2020-01-01T00:00Z", "--to", "2020-01-02T00:00Z"), "over already"),
        (("--staff", "S-1", "--from", "now", "--to", LATER, "--level", "third"), "third"),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused(enrolled: CommandLine, words: tuple[str, ...], said: str) -> None:
    assert said in enrolled.refused("rota", "add", *words)["error"]


def test_a_coordinator_cannot_be_on_call(enrolled: CommandLine) -> None:
    enrolled.of("staff", "add", "--name", "Coordinator One", "--role", "coordinator")
    complaint = enrolled.refused("rota", "add", "--staff", "S-3", "--from", "now", "--to", LATER)
    assert "coordinator" in complaint["error"]


def test_a_preview_needs_no_configuration_and_comes_in_order(tmp_path: Path) -> None:
    words = ("protocol", "preview", "ketamine-14d", "--timezone", "Europe/Madrid", "--json")
    shown = CommandLine(folder=tmp_path).process(
        *words, "--at", "2026-11-02T14:30+01:00", "--at", "2026-11-05T14:30+01:00"
    )
    assert shown.code == 0, shown.err
    assert {"slot", "course", "local", "due_at", "moved_because"} == set(shown.json[0])
    assert [row["due_at"] for row in shown.json] == sorted(row["due_at"] for row in shown.json)


def test_a_protocol_file_is_validated_with_every_problem_by_its_line(fortnight: CommandLine) -> None:
    file = fortnight.folder / "mine.toml"
    file.write_text(
        'id = "mine"\ntitle = "Mine"\nwindow = "14 days"\n[[slot]]\nname = "mood"\ndays = "1-14"\nask = ["mood"]\n'
    )
    outcome = fortnight.run("protocol", "validate", str(file), "--json")
    assert (outcome.code, outcome.json["valid"]) == (1, False)
    assert {problem["line"] for problem in outcome.json["problems"]} >= {3, 7}


def test_a_protocol_of_the_clinics_own_is_listed_and_used(fortnight: CommandLine) -> None:
    folder = fortnight.folder / "protocols"
    folder.mkdir()
    (folder / "gentle.toml").write_text('id = "gentle"\nextends = "ketamine-14d"\nwithout = ["side-effects"]\n')
    config = fortnight.folder / "config.toml"
    config.write_text(config.read_text() + '[protocols]\npath = "protocols"\ndefault = "gentle"\n')
    assert {line["id"] for line in fortnight.of("protocol", "list")} == {"ketamine-14d", "gentle"}
    fortnight.of(*ENROL)
    fortnight.of(*RECORD, "now")
    slots = {row["slot"] for row in fortnight.of("patient", "show", "P-1001")["checkins"]}
    assert "mood" in slots
    assert "side-effects" not in slots


def test_the_schema_is_json_whatever_the_options(fortnight: CommandLine) -> None:
    assert fortnight.run("protocol", "schema").json == fortnight.of("protocol", "schema")


def test_the_schema_knows_the_clinics_own_instruments_unless_its_configuration_is_broken(
    fortnight: CommandLine,
) -> None:
    (fortnight.folder / "own").mkdir()
    (fortnight.folder / "own" / "my-scale.toml").write_text(OWN, "utf-8")
    path = fortnight.folder / "config.toml"
    path.write_text(path.read_text() + '[instruments]\npath = "own"\nlicensed = ["my-scale"]\n')
    try:
        assert "my-scale" in json.dumps(fortnight.of("protocol", "schema"))
    finally:
        use({})
    path.write_text("[")
    assert "my-scale" not in json.dumps(fortnight.of("protocol", "schema"))


def _in_days(days: int) -> str:
    return (SystemClock().now() + timedelta(days=days)).isoformat()
