"""The model adds up whole numbers, counts the most telling run of sentences, and raises by its steps alone."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.screening import load
from rules.finding import Finding
from rules.screening.model import Model, Scores, Step, features, packed, read_model, runs, unpacked
from rules.screening.tokens import Token, tokens
from rules.tier import Tier

STEP = Step(tier=Tier.RED, reply=1.0, risk=9.0, danger=2.0)


def read(text: str) -> list[Token]:
    return tokens(text, load().vocabulary)


def model(weights: dict[str, list[int]], *steps: Step) -> Model:
    return Model(bias=(0, 0, 0), weights={word: packed(each) for word, each in weights.items()}, steps=steps or (STEP,))


@pytest.mark.parametrize(
    ("scores", "met"),
    [
        (Scores(1.0, 0.0, 2.0), True),
        (Scores(0.9, 9.0, 2.0), False),
        (Scores(1.0, 9.0, 0.0), True),
        (Scores(1.0, 8.9, 1.9), False),
    ],
)
def test_a_step_asks_for_a_reply_and_for_risk_or_danger(scores: Scores, met: bool) -> None:
    assert STEP.is_met(scores) is met


def test_a_brief_text_needs_less() -> None:
    step = replace(STEP, brief=1.0)
    assert step.is_met(Scores(1.0, 0.0, 1.5, brevity=0.5))
    assert not step.is_met(Scores(1.0, 0.0, 1.5, brevity=0.4))
    assert not step.is_met(Scores(0.9, 0.0, 1.5, brevity=1.0))  # it must read like a reply all the same
    told = model({"rope": [200, 0, 300]})
    (short,), longer = (
        told.scores(read("rope"), ()),
        list(told.scores(read("rope " + " ".join(f"soup{number}" for number in range(20))), ())),
    )
    assert 0 < short.brevity < 1
    assert [each.brevity for each in longer] == [0]


def test_the_highest_step_met_is_what_a_text_is_raised_to() -> None:
    note = Step(tier=Tier.NOTE, reply=0.0, risk=0.5, danger=9.0)
    told = model({"soup": [200, 100, 0], "rope": [200, 100, 900]}, STEP, note)
    assert told.tier(read("soup"), ()) is Tier.NOTE
    assert told.tier(read("rope"), ()) is Tier.RED
    assert told.tier(read("bread"), ()) is Tier.NONE


def test_a_benign_sentence_beside_a_telling_one_lowers_nothing() -> None:
    told = model({"rope": [200, 0, 900], "soup": [-900, 0, -900]})
    assert told.tier(read("rope"), ()) is Tier.RED
    assert told.tier(read("soup. rope"), ()) is Tier.RED
    assert told.tier(read("rope. soup"), ()) is Tier.RED
    assert told.tier(read("rope soup"), ()) is Tier.NONE


def test_what_two_sentences_tell_together_counts_up_to_five_apart() -> None:
    told = model({"rope": [200, 0, 300], "sunday": [200, 0, 300]})
    near, far = "rope. a. a. a. sunday", "rope. a. a. a. a. sunday"
    best = {text: max(each.danger for each in told.scores(read(text), ())) for text in (near, far)}
    assert best[near] > best[far] - 1e-9
    assert len(list(runs(read(far), ()))) == 5 + 5 + 4 + 3 + 2 + 1


def test_what_the_rules_found_is_a_feature() -> None:
    found = Finding(rule="means-rope", tier=Tier.NOTE)
    told = model({"=means-rope": [200, 0, 900], "=NOTE": [200, 0, 0]})
    assert told.tier(read("soup"), [found]) is Tier.RED
    assert told.tier(read("soup"), []) is Tier.NONE
    assert features(read("soup"), ["=NOTE"]) >= {"soup", "=NOTE", "^ soup"}


def test_a_word_counts_as_what_it_most_likely_means() -> None:
    assert features(read("sucidal again"), ()) >= {"suicidal", "suicidal again"}
    assert features(read("soup again"), ()) >= {"soup again"}


def test_the_model_is_read_from_plain_data() -> None:
    step = {"tier": "red", "reply": 1.0, "risk": 9.0, "danger": 2.0}
    numbers = {"rope": packed((200, 0, 900)), "a rope": packed((1, -2, 3))}
    weights = b64encode(b"".join(each.to_bytes(8, "little", signed=True) for each in numbers.values())).decode()
    data = {"bias": [1, 2, 3], "step": [step], "features": "rope,a rope", "weights": weights}
    assert read_model(data) == Model(bias=[1, 2, 3], weights=numbers, steps=(STEP,))


@given(st.lists(st.tuples(*[st.integers(-999, 999)] * 3), max_size=4096))
def test_packed_weights_add_up_to_their_sums(weights: list[tuple[int, int, int]]) -> None:
    sums = [sum(each[place] for each in weights) for place in range(3)]
    assert list(unpacked(sum(map(packed, weights)))) == sums
