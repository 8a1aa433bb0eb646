"""A clinic's own wordings are said where they are fit; where one is not, the shipped sentence stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from content.messages import say, shipped, use
from content.wordings import read


@pytest.fixture(autouse=True)
def shipped_afterwards() -> Iterator[None]:
    yield
    use({})


def wordings(folder: Path, text: str, name: str = "en.toml") -> tuple[tuple[str, str], ...]:
    (folder / name).write_text(text, "utf-8")
    found = read(folder)
    use(found.texts)
    return found.problems


def test_a_fit_wording_is_said_in_its_language_only(tmp_path: Path) -> None:
    assert wordings(tmp_path, '[patient]\nagree = "Yes, go on"\n') == ()
    assert say("en", "patient.agree") == "Yes, go on"
    assert say("es", "patient.agree") == shipped("es", "patient.agree")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[patient]\nagreed = "Yes"', "no sentence of ours"),
        ('[patient]\nagree = ""', "is no text"),
        ("[patient]\nagree = 3", "is no text"),
        ('[patient]\nagree = "I have read all of this and agree to take part in it"', "40 at most"),
        ('[patient]\nagree = "Yes {name}"', "nothing fills"),
        ('[patient]\nagree = "Yes {"', "does not close"),
        ('[crisis]\nnot_reached = "Please call"', "lacks {"),
        ("[patient", "cannot be read"),
        ("x = " + "[" * 100_000, "too deep"),
        ('[patient]\ntime_set = "At {time:>2000000000}"', "only its name"),
        ('[patient]\ntime_set = "At {time!r}"', "only its name"),
        ('agree = "Yes"', "outside a section"),
    ],
)
def test_an_unfit_wording_is_told_of_and_left_out(tmp_path: Path, text: str, says: str) -> None:
    ((sentence, mend),) = wordings(tmp_path, text)
    assert says in f"{sentence} {mend}"
    assert say("en", "patient.agree") == shipped("en", "patient.agree")


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert wordings(tmp_path, '\ufeff[patient]\nagree = "Fine"') == ()
    assert say("en", "patient.agree") == "Fine"


def test_an_unknown_language_and_a_missing_folder_are_told_of(tmp_path: Path) -> None:
    assert "is no language" in wordings(tmp_path, "", "fr.toml")[0][0]
    assert "no folder" in read(tmp_path / "nowhere").problems[0][0]
    assert read(None).problems == ()


def test_the_fit_ones_are_said_beside_an_unfit_one(tmp_path: Path) -> None:
    assert len(wordings(tmp_path, '[patient]\nagree = "Fine"\nlater = ""\n')) == 1
    assert say("en", "patient.agree") == "Fine"


def test_a_wording_that_fails_only_when_it_is_said_gives_way() -> None:
    use({("en", "patient.time_set"): "At {time.hour.minute}"})
    assert say("en", "patient.time_set", time="10:00") == shipped("en", "patient.time_set").format(time="10:00")
