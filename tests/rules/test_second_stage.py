"""The safety conversation: its order, its tiers, and its silence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from content.instruments import load
from rules.protocol import Thresholds
from rules.second_stage import GRAVITY, assess, graver, instrument_of, next_item, silence, wants_call
from rules.tier import Tier

ASKED_AT = datetime(2026, 3, 9, 22, tzinfo=UTC)


def conversation(cause: str, answers: Mapping[str, int]) -> list[str]:
    """The questions in the order in which they are asked, when these are answered so and all others with no."""
    values: dict[str, int] = {}
    asked = []
    while (item := next_item(cause, values)) is not None:
        asked.append(item)
        values[item] = answers.get(item, 0)
    return asked


def tiers(cause: str, values: Mapping[str, int]) -> dict[str, Tier]:
    return {each.rule: each.tier for each in assess(cause, values)}


@pytest.mark.parametrize(
    ("cause", "answers", "asked"),
    [
        ("note", {}, "now"),
        ("amber", {}, "now"),
        ("mood", {}, "now"),
        ("note", {"now": 2}, "now"),
        ("note", {"now": 1}, "now plan means preparation 4"),
        ("note", {"now": 1, "4": 1}, "now plan means preparation 4 attempt"),
        ("yes", {}, "plan means preparation 4"),
        ("item9", {}, "1 2 3 4"),
        ("item9-2", {}, "1 2 3 4"),
        ("item9", {"1": 1}, "1 2 3 4 5 plan"),
        ("item9", {"2": 1, "plan": 1}, "1 2 3 4 5 plan means preparation"),
        ("item9", {"3": 1}, "1 2 3 4 5 plan means preparation"),
        ("item9", {"4": 1}, "1 2 3 4 5 attempt"),
        ("item9", {"4": 1, "5": 1}, "1 2 3 4 5 plan means preparation attempt"),
    ],
)
def test_the_next_question_follows_from_the_answers(cause: str, answers: dict[str, int], asked: str) -> None:
    assert conversation(cause, answers) == asked.split()


def test_an_answer_to_our_own_question_counts_in_a_conversation_that_became_graver() -> None:
    assert next_item("item9", {"now": 0}) == "1"
    assert next_item("item9", {"now": 1}) == "plan"
    assert next_item("item9", {"now": 2}) is None


@pytest.mark.parametrize("cause", GRAVITY)
def test_every_conversation_ends_and_asks_nothing_twice_and_only_what_exists(cause: str) -> None:
    items = ("now", "1", "2", "3", "4", "5", "plan", "means", "preparation", "attempt")
    for answers in product((0, 1), repeat=len(items)):
        asked = conversation(cause, dict(zip(items, answers, strict=True)))
        assert len(set(asked)) == len(asked)
        assert all(load()[instrument_of(item)].item(item) for item in asked)


@pytest.mark.parametrize(
    ("cause", "values", "found"),
    [
        ("note", {"now": 0}, {}),
        ("note", {"now": 1}, {"safety-yes": Tier.RED}),
        ("note", {"now": 2}, {"safety-talk": Tier.RED}),
        ("item9", {"1": 1}, {"asq-wish": Tier.AMBER}),
        ("item9", {"2": 1}, {"asq-burden": Tier.AMBER}),
        ("item9", {"3": 1, "5": 0}, {"asq-thoughts": Tier.AMBER}),
        ("item9", {"1": 0, "5": 1}, {"asq-now": Tier.RED}),
        ("item9", {"plan": 1}, {"asq-plan": Tier.RED}),
        ("item9", {"means": 1}, {"asq-means": Tier.RED}),
        ("item9", {"preparation": 1}, {"asq-preparation": Tier.RED}),
        ("item9", {"4": 1}, {"asq-attempt": Tier.AMBER}),
        ("item9", {"4": 1, "attempt": 0}, {"asq-attempt": Tier.AMBER}),
        ("item9", {"4": 1, "attempt": 1}, {"asq-attempt-recent": Tier.RED}),
        ("item9", {"1": 0, "2": 0, "3": 0}, {}),
        ("item9", {"1": 0, "2": 0, "3": 0, "4": 0}, {"item9-denied": Tier.NOTE}),
        ("item9-2", {"1": 0, "2": 0, "3": 0, "4": 0}, {"item9-2-denied": Tier.AMBER}),
        ("mood", {"now": 0}, {}),
    ],
)
def test_the_answers_set_the_tier(cause: str, values: dict[str, int], found: dict[str, Tier]) -> None:
    assert tiers(cause, values) == found


def test_an_attempt_longer_ago_is_amber_once_a_course() -> None:
    values = {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0, "attempt": 0}
    assert {each.rule for each in assess("item9", values, attempt_known=True)} == {"item9-denied"}
    recent = values | {"attempt": 1}
    assert {each.rule for each in assess("item9", recent, attempt_known=True)} == {"asq-attempt-recent"}


def test_a_no_never_lowers_what_an_earlier_answer_found() -> None:
    items = ("1", "2", "3", "4", "5", "plan", "means", "preparation", "attempt")
    for answers in product((0, 1), repeat=len(items)):
        values = dict(zip(items, answers, strict=True))
        for item in (item for item in items if values[item] == 0):
            without = {other: value for other, value in values.items() if other != item}
            assert max(tiers("item9", values).values(), default=Tier.NONE) >= max(
                tiers("item9", without).values(), default=Tier.NONE
            )


def test_who_would_rather_talk_is_called() -> None:
    assert wants_call({"now": 2})
    assert not wants_call({"now": 1})
    assert not wants_call({})


def test_a_graver_cause_takes_an_open_conversation_over() -> None:
    assert graver("item9", "note")
    assert graver("yes", "item9-2")
    assert not graver("note", "amber")
    assert not graver("mood", "mood")


@pytest.mark.parametrize("cause", ["item9", "item9-2", "mood"])
@pytest.mark.parametrize(
    ("minutes", "tier_now", "tier", "look_again"),
    [
        (0, Tier.NONE, None, 10),
        (9, Tier.NONE, None, 10),
        (10, Tier.NONE, Tier.AMBER, 30),
        (29, Tier.NOTE, Tier.AMBER, 30),
        (10, Tier.AMBER, None, 30),
        (30, Tier.NONE, Tier.RED, None),
        (300, Tier.AMBER, Tier.RED, None),
        (300, Tier.RED, None, None),
    ],
)
def test_silence_is_amber_after_ten_minutes_and_red_after_thirty(
    cause: str, minutes: int, tier_now: Tier, tier: Tier | None, look_again: int | None
) -> None:
    now = ASKED_AT + timedelta(minutes=minutes)
    meant = silence(cause, ASKED_AT, now, tier_now, Thresholds())
    assert [each.tier for each in meant.findings] == ([] if tier is None else [tier])
    assert all(each.detail == {"minutes": minutes} for each in meant.findings)
    assert meant.look_again_at == (None if look_again is None else ASKED_AT + timedelta(minutes=look_again))


@pytest.mark.parametrize("cause", ["note", "amber", "yes"])
@pytest.mark.parametrize(("minutes", "look_again"), [(0, 10), (9, 10), (10, None), (2880, None)])
def test_silence_after_a_text_or_a_yes_finds_nothing_and_waits_ten_minutes(
    cause: str, minutes: int, look_again: int | None
) -> None:
    meant = silence(cause, ASKED_AT, ASKED_AT + timedelta(minutes=minutes), Tier.NONE, Thresholds())
    assert meant.findings == ()
    assert meant.look_again_at == (None if look_again is None else ASKED_AT + timedelta(minutes=look_again))


def test_the_clocks_of_silence_are_settings() -> None:
    quick = Thresholds(mood_amber_after=timedelta(seconds=2), mood_red_after=timedelta(seconds=4))
    meant = silence("mood", ASKED_AT, ASKED_AT + timedelta(seconds=3), Tier.NONE, quick)
    assert [each.rule for each in meant.findings] == ["silence-mood"]
    assert meant.look_again_at == ASKED_AT + timedelta(seconds=4)
