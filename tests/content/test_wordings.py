"""A clinic's own wordings are said where they are fit; where one is not, the shipped sentence stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from content.messages import LANGUAGES, keys, placeholders, say, shipped, use
from content.wordings import read
from rules.protocol import Problem


@pytest.fixture(autouse=True)
def shipped_afterwards() -> Iterator[None]:
    yield
    use({})


def wordings(folder: Path, text: str, name: str = "en.toml") -> tuple[Problem, ...]:
    (folder / name).write_text(text, "utf-8")
    found = read(folder)
    use(found.texts)
    return found.problems


def test_a_fit_wording_is_said_in_its_language_only(tmp_path: Path) -> None:
    assert wordings(tmp_path, '[patient]\nagree = "Yes, go on"\n') == ()
    assert say("en", "patient.agree") == "Yes, go on"
    assert say("es", "patient.agree") == shipped("es", "patient.agree")


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ('[patient]\nagreed = "Yes"', 2, "patient.agreed", "no sentence of ours"),
        ('[patient]\nagree = ""', 2, "patient.agree", "nothing is written here"),
        ('[patient]\nlater = "Later"\n\nagree = """\n """', 4, "patient.agree", "between the quotes, or drop the line"),
        ("[patient]\nagree = 3", 2, "patient.agree", "write it in quotes"),
        ('[patient]\nagree = "I have read all of this and agree to take part in it"', 2, "patient.agree", "40 at most"),
        ('[patient]\nagree = "Yes {name}"', 2, "patient.agree", "nothing fills {name}"),
        ('[patient]\nagree = "Yes {"', 2, "patient.agree", "does not close"),
        ('# ours\n[crisis]\nnot_reached = "Please call"', 3, "crisis.not_reached", "is left out"),
        ('[patient]\nagree = "Yes"\n[patient', 3, "", "the shipped ones stand"),
        ("[patient]\nagree = “Yes”", 2, "", "straight quotes"),
        ("x = " + "[" * 100_000, 1, "", "too deep"),
        ('[patient]\ntime_set = "At {time:>2000000000}"', 2, "patient.time_set", "only its name"),
        ('[patient]\ntime_set = "At {time!r}"', 2, "patient.time_set", "only its name"),
        ('agree = "Yes"', 1, "agree", "outside a section"),
    ],
)
def test_an_unfit_wording_is_told_of_on_its_line_and_left_out(
    tmp_path: Path, text: str, line: int, key: str, says: str
) -> None:
    (problem,) = wordings(tmp_path, text)
    assert (problem.source, problem.line, problem.key) == (str(tmp_path / "en.toml"), line, key)
    assert says in f"{problem.sentence} {problem.mend}"
    assert say("en", "patient.agree") == shipped("en", "patient.agree")


VITAL = [key for key in sorted(keys("en")) if placeholders("en", key) & {"emergency", "lines"}]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", VITAL)
def test_no_wording_may_leave_out_whom_to_call_in_danger(tmp_path: Path, language: str, key: str) -> None:
    section, _, name = key.partition(".")
    (problem,) = wordings(tmp_path, f'[{section}]\n{name} = "Hello."', f"{language}.toml")
    assert "left out; the shipped sentence stands" in problem.sentence
    assert "{" in problem.mend
    filled = dict.fromkeys(placeholders(language, key), "112")
    assert say(language, key, **filled) == shipped(language, key).format(**filled)


def test_whom_to_call_stands_outside_the_crisis_texts_too() -> None:
    assert {"patient.stranger", "patient.consent", "patient.stopped", "crisis.lines"} <= {*VITAL}


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert wordings(tmp_path, '\ufeff[patient]\nagree = "Fine"') == ()
    assert say("en", "patient.agree") == "Fine"


def test_an_unknown_language_is_told_of(tmp_path: Path) -> None:
    assert "is no language" in wordings(tmp_path, "", "fr.toml")[0].sentence


def test_the_fit_ones_are_said_beside_an_unfit_one(tmp_path: Path) -> None:
    assert len(wordings(tmp_path, '[patient]\nagree = "Fine"\nlater = ""\n')) == 1
    assert say("en", "patient.agree") == "Fine"


def test_a_wording_that_fails_only_when_it_is_said_gives_way() -> None:
    use({("en", "patient.time_set"): "At {time.hour.minute}"})
    assert say("en", "patient.time_set", time="10:00") == shipped("en", "patient.time_set").format(time="10:00")
