"""Dozens of broken instrument files: each is refused on the line and by the key that is wrong, with a mend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from content.instruments import read
from content.instruments.shape import LABEL, QUESTION
from rules.protocol import Problem, ProtocolError

WHOLE = """id = "my-scale"
languages = ["en", "es"]
scoring = "sum"
bands = [2, 3]
licence = "Licence of its publisher."
needs_licence = false
credit = "Its authors"
source = "Its manual"

[titles]
en = "My scale"
es = "Mi escala"

[recall]
en = "In the last week:"
es = "En la última semana:"

[choices]
yes-no = [
    { value = 0, en = "No", es = "No" },
    { value = 1, en = "Yes", es = "Sí" },
]

[[item]]
id = "a"
choices = "yes-no"
en = "A?"
es = "¿A?"

[[item]]
id = "b"
scale = [0, 2]
optional = false
en = "B?"
es = "¿B?"

[[item]]
id = "c"
scale = [0, 2]
en = "C?"
es = "¿C?"
"""
LINES = WHOLE.splitlines()
KEY = re.compile(r"([\w-]+) = (\S.*)")
KEYS = [(number, found[1], found[2]) for number, line in enumerate(LINES, start=1) if (found := KEY.fullmatch(line))]
NEEDED = {"id", "languages", "scoring", "licence", "credit", "source", "en", "es"}
VALUES = ("-1", "1979-05-27", "[[1]]", "{ a = 1 }")


def problems(path: Path, text: str) -> tuple[Problem, ...]:
    path.write_text(text, "utf-8")
    with pytest.raises(ProtocolError) as refused:
        read(path)
    assert all(each.sentence and each.mend and each.source == str(path) for each in refused.value.problems), text
    return refused.value.problems


def with_line(number: int, line: str) -> str:
    return "\n".join([*LINES[: number - 1], line, *LINES[number:]])


def broken_keys() -> Iterator[tuple[int, str]]:
    """Each key misspelled, given twice, without a value, and with values of other kinds."""
    for number, key, value in KEYS:
        if value == "[":
            continue
        yield number, with_line(number, f"{key}x = {value}")
        yield number + 1, with_line(number, f"{key} = {value}\n{key} = {value}")
        yield number, with_line(number, f"{key} =")
        yield from ((number, with_line(number, f"{key} = {wrong}")) for wrong in VALUES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def test_the_file_that_is_broken_below_is_right(path: Path) -> None:
    path.write_text(WHOLE, "utf-8")
    assert [item.id for item in read(path).items] == ["a", "b", "c"]
    assert len([*broken_keys()]) > 100


def test_every_broken_key_is_told_on_its_line(path: Path) -> None:
    for number, text in broken_keys():
        assert number in [each.line for each in problems(path, text)], text.splitlines()[number - 1]


def test_a_key_that_is_needed_is_missed_in_its_table(path: Path) -> None:
    for number, key, _ in KEYS:
        if key not in NEEDED:
            continue
        heads = [n for n, line in enumerate(LINES[: number - 1], start=1) if line.startswith("[")] or [1]
        (found,) = problems(path, with_line(number, ""))
        assert (found.line, found.key.rpartition(".")[2]) == (heads[-1], key)
        assert found.sentence == f"{key!r} is missing"


BY_HAND = [
    ('id = "my-scale"', 'id = "My scale"', 1, "id", "'My scale' is no id"),
    ('id = "my-scale"', f'id = "{"x" * 22}"', 1, "id", "is no id"),
    ('["en", "es"]', '["en"]', 2, "languages", "no wording in 'es'"),
    ('["en", "es"]', '["en", "es", "fr"]', 2, "languages.2", "none of the words"),
    ('"sum"', '"mean"', 3, "scoring", "none of the words"),
    ('"sum"', '"none"', 4, "bands", "nothing is summed"),
    ("[2, 3]", "[3, 2]", 4, "bands", "do not rise"),
    ("[2, 3]", "[2, 2]", 4, "bands", "do not rise"),
    ("[2, 3]", "[300]", 4, "bands", "no sum of the answers"),
    ("[2, 3]", "[2, 6]", 4, "bands", "no sum of the answers"),
    ("[2, 3]", "[0]", 4, "bands", "no sum of the answers"),
    ("[2, 3]", '["two"]', 4, "bands.0", "no whole number"),
    ('"Licence of its publisher."', '""', 5, "licence", "nothing is written"),
    ("needs_licence = false", "need_licence = true", 6, "need_licence", "no key 'need_licence'"),
    ("needs_licence = false", 'needs_licence = "no"', 6, "needs_licence", "neither true nor false"),
    ("needs_licence = false", 'colour = "red"', 6, "colour", "no key 'colour'"),
    ('"Its manual"', '" "', 8, "source", "nothing is written"),
    ('en = "My scale"', 'en = ""', 11, "titles.en", "nothing is written"),
    ("[titles]", "titles = 3\n[titel]", 10, "titles", "no table"),
    ('en = "In the last week:"', 'en = ""', 15, "recall.en", "one language only"),
    ("value = 0", 'value = "two"', 20, "choices.yes-no.0.value", "no whole number"),
    ("value = 1", "value = 0", 21, "choices.yes-no.1.value", "the same value"),
    ("value = 1", "value = -1", 21, "choices.yes-no.1.value", "does not fit"),
    ("value = 1", "value = true", 21, "choices.yes-no.1.value", "no whole number"),
    ("value = 1", "value = 12345678901234567890123", 25, "item.0.id", "does not fit on a button"),
    (', es = "Sí"', "", 21, "choices.yes-no.1.es", "'es' is missing"),
    ('es = "Sí"', f'es = "{"x" * (LABEL + 1)}"', 21, "choices.yes-no.1.es", "characters"),
    ('es = "Sí"', 'es = "Sí", fr = "Oui"', 21, "choices.yes-no.1.fr", "no key 'fr'"),
    ('choices = "yes-no"', 'choices = "often"', 26, "item.0.choices", "no choices 'often'"),
    ('choices = "yes-no"', "choices = []", 26, "item.0.choices", "no text"),
    ('choices = "yes-no"', 'choice = "yes-no"', 26, "item.0.choice", "no key 'choice'"),
    ('en = "A?"', f'en = "{"x" * (QUESTION + 1)}"', 27, "item.0.en", "characters"),
    ('es = "¿A?"', "", 24, "item.0.es", "'es' is missing"),
    ('id = "b"', 'id = "a"', 31, "item.1.id", "two items have the id 'a'"),
    ('id = "b"', f'id = "{"b" * 15}"', 31, "item.1.id", "does not fit on a button"),
    ("scale = [0, 2]\noptional", 'scale = [0, 2]\nchoices = "yes-no"\noptional', 32, "item.1.scale", "both"),
    ("scale = [0, 2]\noptional", "scale = [2, 0]\noptional", 32, "item.1.scale", "no scale"),
    ("scale = [0, 2]\noptional", "scale = [0, 99]\noptional", 32, "item.1.scale", "no scale"),
    ("scale = [0, 2]\noptional", "scale = [0]\noptional", 32, "item.1.scale.1", "a value is missing"),
    ("optional = false", 'optional = "no"', 33, "item.1.optional", "neither true nor false"),
    ('[[item]]\nid = "a"', '[item]\nid = "a"', 30, "", "no TOML"),
    ('en = "A?"', "en = “A?”", 27, "", "no TOML"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "says"), BY_HAND)
def test_what_people_get_wrong_is_told_on_its_line(
    path: Path, old: str, new: str, line: int, key: str, says: str
) -> None:
    assert old in WHOLE
    found = problems(path, WHOLE.replace(old, new, 1))
    assert [(each.line, each.key) for each in found if says in each.sentence] == [(line, key)], found


def test_choices_without_an_answer_are_refused_and_make_no_question_in_free_words(path: Path) -> None:
    text = WHOLE[: WHOLE.index("yes-no = [")] + "yes-no = []\n" + WHOLE[WHOLE.index("[[item]]") :]
    (found,) = problems(path, text)
    assert (found.line, found.key) == (19, "choices.yes-no")
    assert "0 answers" in found.sentence


def test_a_file_that_asks_nothing_is_refused(path: Path) -> None:
    (found,) = problems(path, WHOLE[: WHOLE.index("[[item]]")])
    assert (found.sentence, found.mend) == ("nothing is asked", "add an [[item]]")


def test_a_key_that_nobody_knows_is_mended_by_the_one_that_was_meant(path: Path) -> None:
    (found,) = problems(path, WHOLE.replace("needs_licence", "need_licence"))
    assert found.mend == "write needs_licence"


def test_a_cause_and_a_mend_stand_each_in_its_place(path: Path) -> None:
    (found,) = problems(path, WHOLE + "broken ")
    assert "Expected '='" in found.sentence
    assert found.mend.startswith("mend the TOML there")


@pytest.mark.parametrize("text", ["", "\x00", "[" * 100_000, "id = " + "[" * 100_000, "item = 5", "="])
def test_what_is_no_instrument_at_all_is_refused(path: Path, text: str) -> None:
    assert all(each.line == 1 for each in problems(path, text))
