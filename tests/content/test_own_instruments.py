"""A clinic's own instruments stand beside the shipped ones; one that needs a licence waits for the clinic's word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.buttons import MAX_BYTES, pack
from content import protocols
from content.instruments import load, read_folder, shipped, use

OWN = """id = "my-scale"
languages = ["en", "es"]
scoring = "sum"
bands = [2]
licence = "Licence of its publisher."
needs_licence = true
credit = "Its authors"
source = "Its manual"
titles = { en = "My scale", es = "Mi escala" }
recall = { en = "In the last week:", es = "En la última semana:" }
choices.yes-no = [{ value = 0, en = "No", es = "No" }, { value = 1, en = "Yes", es = "Sí" }]
[[item]]
id = "a"
choices = "yes-no"
en = "A?"
es = "¿A?"
[[item]]
id = "b"
choices = "yes-no"
en = "B?"
es = "¿B?"
"""
PROTOCOL = """id = "own"
title = "Own"
window = "7d"
[[slot]]
name = "scale"
days = "3"
at = "10:00"
asks = ["my-scale"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "my-scale.toml").write_text(OWN, "utf-8")
    yield tmp_path
    use({})


def test_an_instrument_that_needs_a_licence_is_used_only_where_the_clinic_says_that_it_has_it(folder: Path) -> None:
    (problem,) = read_folder(folder).problems
    assert (problem.line, problem.key) == (OWN.splitlines().index("needs_licence = true") + 1, "needs_licence")
    assert "needs a licence" in problem.sentence
    assert "instruments.licensed" in problem.mend
    use(read_folder(folder, ["my-scale"]).instruments)
    assert load().keys() == shipped().keys() | {"my-scale"}
    score = load()["my-scale"].score({"a": 1, "b": 1})
    assert score is not None
    assert (score.total, score.band) == (2, 1)


def test_one_that_cannot_be_used_leaves_the_others_in_use(folder: Path) -> None:
    (folder / "again.toml").write_text(OWN, "utf-8")
    (folder / "half.toml").write_text("id = ", "utf-8")
    found = read_folder(folder, ["my-scale"])
    assert [*found.instruments] == ["my-scale"]
    assert [Path(each.source).name for each in found.problems] == ["half.toml", "my-scale.toml"]
    assert "there is an instrument 'my-scale' already" in found.problems[1].sentence


def test_the_longest_names_fit_on_a_button(folder: Path) -> None:
    longest = OWN.replace('id = "my-scale"', f'id = "{"x" * 21}"').replace("value = 1", "value = 1234")
    (folder / "my-scale.toml").write_text(longest, "utf-8")
    (instrument,) = read_folder(folder, ["x" * 21]).instruments.values()
    for option in instrument.items[0].options:
        assert len(pack(b"key", 1, "a", "0" * 32, f"{instrument.id}/a/{option.value}")) <= MAX_BYTES
    assert len(pack(b"key", 1, "change", "0" * 32, f"{instrument.id}/a")) == MAX_BYTES


def test_a_file_that_may_not_be_read_is_refused(folder: Path) -> None:
    (folder / "other.toml").mkdir()
    (problem,) = read_folder(folder, ["my-scale"]).problems
    assert "cannot be read" in problem.sentence


def test_a_protocol_may_ask_an_instrument_of_the_clinics_own_once_it_is_in_use(folder: Path) -> None:
    (folder / "own").mkdir()
    (folder / "own" / "own.toml").write_text(PROTOCOL, "utf-8")
    with pytest.raises(protocols.ProtocolError, match="my-scale"):
        protocols.load(folder / "own")
    use(read_folder(folder, ["my-scale"]).instruments)
    assert protocols.load(folder / "own")["own"].slots[0].asks == ("my-scale",)
