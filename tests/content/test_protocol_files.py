"""The shipped protocol is the one of the clinical reference, and a clinic's folder stands beside it."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from content.protocols import load, read, shipped
from rules.protocol import ProtocolError, Thresholds

WEEKLY = ("phq9", "gad7", "bladder", "craving", "cognition")
FOLDER = Path(__file__).parents[2] / "content" / "protocols"
OWN = 'id = "own"\ntitle = "Own"\nwindow = "2d"\n[[slot]]\nname = "mood"\ndays = 1\nasks = ["mood"]\n'
ON_OWN = 'extends = "own"\nid = "a"\n'


def test_the_default_is_the_table_of_the_clinical_reference() -> None:
    default = shipped()["ketamine-14d"]
    assert [(slot.name, slot.after, slot.days, slot.asks) for slot in default.slots] == [
        ("settle", (timedelta(hours=4),), (), ("settle",)),
        ("mood", (), tuple(range(1, 15)), ("mood",)),
        ("side-effects", (), (1, 3), ("side-effects", "sleep", "safety")),
        ("week-1", (), (7,), WEEKLY),
        ("week-2", (), (14,), WEEKLY),
    ]
    assert (default.window, default.overlap) == (timedelta(days=14), "restart")
    assert [slot.summary for slot in default.slots] == [False, False, False, False, True]


def test_the_file_spells_out_every_threshold_as_the_code_has_it() -> None:
    text = (FOLDER / "ketamine-14d.toml").read_text("utf-8")
    assert all(f"\n{each.name} = " in text for each in fields(Thresholds))
    assert shipped()["ketamine-14d"].thresholds == Thresholds()


def test_a_folder_stands_beside_the_shipped_files(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    (tmp_path / "a.toml").write_text(ON_OWN, "utf-8")
    assert sorted(load(tmp_path)) == ["a", "ketamine-14d", "own"]
    assert load(tmp_path)["a"].slots == load(tmp_path)["own"].slots
    assert sorted(load()) == ["ketamine-14d"]


def test_a_clinic_may_replace_a_shipped_protocol(tmp_path: Path) -> None:
    (tmp_path / "k.toml").write_text(OWN.replace('"own"', '"ketamine-14d"'), "utf-8")
    assert load(tmp_path)["ketamine-14d"].title == "Own"


def test_the_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(OWN.replace('"2d"', '"x"'), "utf-8")
    (tmp_path / "b.toml").write_bytes(b"\xff")
    (tmp_path / "c.toml").write_text(OWN, "utf-8")
    (tmp_path / "d.toml").write_text(OWN, "utf-8")
    with pytest.raises(ProtocolError) as refused:
        load(tmp_path)
    assert [(Path(each.source).name, each.line, each.key) for each in refused.value.problems] == [
        ("a.toml", 3, "window"),
        ("b.toml", 1, ""),
        ("d.toml", 1, "id"),
    ]


def test_a_folder_or_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="no such folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(ProtocolError, match="cannot be read"):
        read(tmp_path / "nothing.toml")


def told(path: Path, content: bytes) -> tuple[int, str, str]:
    path.write_bytes(content)
    with pytest.raises(ProtocolError) as refused:
        read(path)
    (problem,) = refused.value.problems
    return problem.line, problem.sentence, problem.mend


def test_a_file_may_come_from_any_editor(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    for content in (b"\xef\xbb\xbf" + OWN.encode(), OWN.replace("\n", "\r\n").encode()):
        path.write_bytes(content)
        assert read(path).id == "own"


def test_what_an_editor_spoils_is_told_where_and_how_to_mend_it(tmp_path: Path) -> None:
    path, spanish = tmp_path / "own.toml", OWN.replace('"Own"', '"Mañana"')
    assert told(path, spanish.encode("latin-1")) == (
        2,
        "this is no UTF-8 text",
        "save the file with the encoding UTF-8",
    )
    assert told(path, spanish.encode("utf-16"))[0] == 1
    line, _, mend = told(path, OWN.replace('"Own"', "“Own”").encode())
    assert (line, "straight quotes" in mend) == (2, True)
    assert "straight" not in told(path, OWN.replace('"Own"', "Own").encode())[2]


def test_files_may_build_on_each_other_whatever_they_are_called(tmp_path: Path) -> None:
    for name, base in (("a", "b"), ("b", "c"), ("c", "ketamine-14d"), ("ketamine-14d", "ketamine-14d")):
        (tmp_path / f"{name}.toml").write_text(f'id = "{name}"\nextends = "{base}"\n', "utf-8")
    with (tmp_path / "ketamine-14d.toml").open("a", encoding="utf-8") as file:
        file.write('without = ["week-1"]\n')
    found = load(tmp_path)
    assert [slot.name for slot in found["a"].slots] == ["settle", "mood", "side-effects", "week-2"]
    again = read(tmp_path / "ketamine-14d.toml", bases=found)
    assert again == found["ketamine-14d"]


def test_files_in_a_circle_are_refused(tmp_path: Path) -> None:
    for name, base in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.toml").write_text(f'id = "{name}"\nextends = "{base}"\n', "utf-8")
    with pytest.raises(ProtocolError) as refused:
        load(tmp_path)
    assert [(each.line, each.key) for each in refused.value.problems] == [(2, "extends"), (2, "extends")]
    assert [each.sentence for each in refused.value.problems] == [
        "it extends 'b', which extends it in turn",
        "it extends 'a', which extends it in turn",
    ]
    assert "ketamine-14d" in refused.value.problems[0].mend


def test_a_file_whose_base_is_broken_says_so_and_not_that_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('id = "a"\nextends = "b"\n', "utf-8")
    (tmp_path / "c.toml").write_text('id = "c"\nextends = "a"\n', "utf-8")
    (tmp_path / "b.toml").write_text('id = "b"\nextends = "ketamine-14d"\nwindow = "x"\n', "utf-8")
    (tmp_path / "d.toml").write_text('id = "d"\nextends = "d"\n', "utf-8")
    with pytest.raises(ProtocolError) as refused:
        load(tmp_path)
    told = {Path(each.source).name: (each.line, each.sentence) for each in refused.value.problems}
    assert told["b.toml"] == (3, "'x' is no duration")
    assert told["a.toml"] == (2, "it extends 'b', whose file b.toml has problems of its own")
    assert told["c.toml"] == (2, "it extends 'a', whose file a.toml has problems of its own")
    assert told["d.toml"] == (2, "it extends itself")
