"""A no that stands alone stays with what it answers; what it then means, the frames and the rules say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from content.screening import load, read
from rules.screening import screen
from rules.screening.clauses import clauses
from rules.screening.tokens import tokens
from rules.tier import Tier

ANSWER = read()["answer"]


def seen(text: str) -> Tier:
    """What the rules alone see."""
    return screen(text, replace(load(), model=replace(load().model, steps=()))).tier


def parted(text: str) -> list[int]:
    """How many words each clause of a text has."""
    return [len(clause.tokens) for clause in clauses(tokens(text, load().vocabulary), load().turns)]


@pytest.mark.parametrize("text", ANSWER["hits"])
def test_a_no_that_denies_leaves_nothing(text: str) -> None:
    assert seen(text) is Tier.NONE


@pytest.mark.parametrize("text", ANSWER["traps"])
def test_a_no_that_denies_nothing_is_looked_at_today(text: str) -> None:
    assert seen(text) >= Tier.AMBER


@pytest.mark.parametrize("no", ANSWER["no"])
def test_every_way_to_say_no_stays_with_its_question(no: str) -> None:
    assert len(parted(f"Suicidal? {no}. Soup.")) == 2
    assert len(parted(f"Suicidal: {no}")) == 1


def test_a_no_that_goes_on_or_answers_nothing_is_a_clause_of_its_own() -> None:
    assert parted("Soup? No. Bread.") == [2, 1]
    assert parted("Soup? No bread.") == [1, 2]
    assert parted("Soup? Not at.") == [1, 2]
    assert parted("Soup? Not bread at all.") == [1, 4]
    assert parted("Soup. No.") == [1, 1]
    assert parted("Soup? No but bread.") == [2, 2]


def test_after_words_of_asking_a_full_stop_does_as_well_and_for_that_sentence_only() -> None:
    assert parted("They ask. No.") == [3]
    assert parted("They ask. Soup. No.") == [2, 1, 1]


@pytest.mark.parametrize("over", ANSWER["over"])
def test_every_way_to_say_that_it_is_past_stays_with_what_it_is_about(over: str) -> None:
    assert len(parted(f"Soup then. {over}. Bread.")) == 2
    assert len(parted(f"Soup then, but {over}")) == 1
    assert len(parted(f"Soup then. {over} bread")) == 2


@pytest.mark.parametrize(
    "text", ["I wanted to die. I'm past that.", "I was suicidal but that's over now", "me quise matar. Ya fue."]
)
def test_a_wish_that_was_and_is_past_is_asked_about(text: str) -> None:
    assert seen(text) is Tier.NOTE


@pytest.mark.parametrize(
    "text",
    [
        "I want to die. That was then.",
        "I tried to kill myself yesterday. I'm past that.",
        "me quiero matar. Ya fue.",
        "hoy me quise matar. Ya fue.",
        "I wanted to die. I still want to die. That is over.",
    ],
)
def test_a_wish_of_now_is_not_past_for_being_called_so(text: str) -> None:
    assert seen(text) is Tier.RED
