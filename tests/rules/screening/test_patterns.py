"""The language of the wordings: what each sign matches, and that a way which fails is left for the next."""

from __future__ import annotations

import pytest

from rules.screening.matching import end_of, line_of
from rules.screening.patterns import Parser, PatternError


def parser() -> Parser:
    sets = {"tree": ["oak", "old elm", "<bush>"], "bush": ["box"]}
    return Parser(
        words=lambda word: word.strip("!").split("+") if word.strip("!") else [], sets=sets, stops=frozenset(["not"])
    )


def ends(pattern: str, text: str) -> int | None:
    """Where a pattern that starts at the first word ends; `a/b` in the text is a word of two forms."""
    words = text.split()
    commas = [count for count, word in enumerate(words, 1) if word.endswith(",")]
    line = line_of([dict.fromkeys(word.strip(",").split("/"), "plain") for word in words], commas)
    return end_of(line, parser().read(pattern), 0)


@pytest.mark.parametrize(
    ("pattern", "text", "end"),
    [
        ("a b", "a b c", 2),
        ("a b", "a c", None),
        ("(a|b c) d", "b c d", 3),
        ("(a|a b) c", "a b c", 3),
        ("(a b|a) b c", "a b c", 3),
        ("(a|b) (a|b)", "b a", 2),
        ("a? a b", "a b", 2),
        ("a (b c)? b", "a b", 2),
        ("a .. d", "a b c d", 4),
        ("a .. d", "a b b b b d", None),
        ("a ... d", "a b b b b d", 6),
        ("a .. d", "a not d", None),
        ("a .. not d", "a b not d", 4),
        ("a .. b c", "a b b c", 4),
        ("a .. (b|$)", "a c", 2),
        ("a -b c", "a c", 2),
        ("a -(b|c d) c", "a c d", None),
        ("a -(b|c d) c", "a c e", 2),
        ("a $", "a", 1),
        ("a $", "a b", None),
        ("a$", "a", 1),
        ("(a$|c) b", "a b", None),
        ("^ a", "a", 1),
        ("<tree> a", "old elm a", 3),
        ("<tree>", "box", 1),
        ("x+y z", "x y z", 3),
        ("a c", "a/b c", 2),
        ("(a|b d) c", "a/b d c", 3),
        ("(b|a) (c|d)", "a/b c/d", 2),
        ("a ..", "a b", 1),
        ("a ,", "a, b", 1),
        ("a ,", "a", 1),
        ("a ,", "a b", None),
        ("a -, b", "a b", 2),
        ("a -, b", "a, b", None),
    ],
)
def test_a_pattern_ends_where_its_first_way_through_does(pattern: str, text: str, end: int | None) -> None:
    assert ends(pattern, text) == end


def test_what_one_choice_adds_to_a_word_is_not_in_another_choice_of_the_same_words() -> None:
    told = parser()
    told.read("(a|b)")
    first, second = told.read("(a|b) c"), told.read("(a|b|a d) c")
    line = line_of([{"a": "plain"}, {"d": "plain"}, {"c": "plain"}])
    assert end_of(line, first, 0) is None
    assert end_of(line, second, 0) == 3


@pytest.mark.parametrize("pattern", ["(a|)", "(|a)", "(a", "a)", "!", "(!|a)", "<flower>", "(a|$ b)"])
def test_a_pattern_that_cannot_be_read_says_so(pattern: str) -> None:
    with pytest.raises(PatternError):
        parser().read(pattern)


def test_what_was_read_is_remembered() -> None:
    told = parser()
    told.read("(a|b c) d* <tree>")
    assert told.literals >= {"a", "b", "c", "oak", "old", "elm", "box"}
    assert told.stems == {"d*"}
