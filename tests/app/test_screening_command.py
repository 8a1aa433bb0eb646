"""`fortnight screen`: why a text was flagged, told to people, and how well the screening does on labelled ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.conftest import CommandLine

TEXT = "Slept well. I want to kill myself"
GOLD = "id,text,tier,category,notes\n1,I want to kill myself,red,wish,\n2,I slept well,none,sleep,\n"


@pytest.fixture
def lines(tmp_path: Path) -> str:
    """A file with one text."""
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps({"id": 7, "text": TEXT}) + "\n")
    return str(file)


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """A file of labelled texts."""
    file = tmp_path / "gold.csv"
    file.write_text(GOLD)
    return file


def test_an_explanation_shows_the_text_the_rule_its_meaning_and_its_source(bare: CommandLine, lines: str) -> None:
    shown = bare.run("screen", lines, "--explain")
    found = json.loads(bare.run("screen", lines, "--explain", "--json").out)
    assert shown.code == 0
    for said in ("7  red", TEXT, found["findings"][0]["rule"], found["findings"][0]["concept"], "source: "):
        assert said in shown.out


def test_an_explanation_for_programs_has_concept_source_and_figures(bare: CommandLine, lines: str) -> None:
    found = json.loads(bare.run("screen", lines, "--explain", "--json").out)
    assert (found["id"], found["tier"], found["emergency"]) == (7, "red", False)
    finding = found["findings"][0]
    assert set(finding) == {"rule", "tier", "span", "concept", "source", "detail"}
    assert "kill" in TEXT[slice(*finding["span"])]


def test_what_no_rule_of_the_files_found_is_explained_by_its_sentence(bare: CommandLine) -> None:
    line = json.dumps({"id": 1, "text": "мне очень плохо сегодня и я никого не вижу"})
    found = json.loads(bare.run("screen", "--explain", "--json", stdin=line + "\n").out)["findings"]
    assert found[-1]["rule"] == "unreadable-language"
    assert found[-1]["concept"] == "Wrote something that could not be read in full"


def test_the_score_is_recall_by_tier_false_alarms_and_categories(bare: CommandLine, gold: Path) -> None:
    measured = bare.of("screen", "--score", str(gold))
    rates = {(each["tier"], each["did"]): each for each in measured["rates"]}
    assert (rates["red", "paged"]["hits"], rates["red", "paged"]["of"]) == (1, 1)
    assert rates["red", "paged"]["low"] == pytest.approx(0.2065, abs=1e-4)
    assert rates["none", "flagged"]["share"] == 0.0
    assert rates["amber", "asked"]["share"] is None
    assert [(each["category"], each["share"]) for each in measured["categories"]] == [("sleep", 0.0), ("wish", 1.0)]


def test_people_get_the_score_as_tables(bare: CommandLine, gold: Path) -> None:
    shown = bare.run("screen", "--score", str(gold)).out
    assert "red paged" in shown
    assert "sleep" in shown
    assert "1.000" in shown


@pytest.mark.parametrize("text", ["id,words\n1,hello\n", GOLD.replace(",red,", ",scarlet,"), GOLD + "3,short\n"])
def test_a_file_that_is_not_labelled_is_refused_with_its_row(bare: CommandLine, tmp_path: Path, text: str) -> None:
    (tmp_path / "gold.csv").write_text(text)
    complaint = bare.refused("screen", "--score", str(tmp_path / "gold.csv"))
    assert "Row" in complaint["error"]
    assert "id,text,tier" in complaint["mend"]
