"""Frames cancel what stands where they say, and nothing else; overrides take just those frames back."""

from __future__ import annotations

from typing import Any

import pytest

from rules.screening import RuleSet, compile, screen  # noqa: A004
from rules.screening.clauses import clauses
from rules.screening.frames import Reader
from rules.screening.patterns import Parser
from rules.screening.tokens import tokens
from rules.tier import Tier

SPELLING: dict[str, Any] = {
    "contractions": {},
    "gap_stops": ["but"],
    "core": [],
    "glue": [],
    "chat": {},
    "turns": ["but"],
}
WORDS = "a and bridge do drip felt game i in infusion it jump not on rope she the think to will years ago yet"
RULE: dict[str, Any] = {"id": "harm", "tier": "red", "any": ["jump"]}


def rules(*frames: dict[str, Any], override: dict[str, Any] | None = None, **rule: Any) -> RuleSet:
    data = {
        "spelling": SPELLING,
        "answer": {"no": ["no", "not at all"], "over": ["gone by"], "asking": ["asks"], "saying": ["says"]},
        "set": {},
        "rule": [RULE | rule],
        "frame": [{"where": "around", "any": ["not @"], "id": "denied"} | frame for frame in frames],
        "override": [override] if override else [],
        "words": WORDS.split(),
        "foreign": {"de": ["ich"]},
        "model": {"bias": [0, 0, 0], "features": "", "weights": "AAAAAAAAAAA=", "step": []},
    }
    return compile(data)


def seen(text: str, told: RuleSet) -> Tier:
    return screen(text, told).tier


def test_without_a_frame_a_find_is_flagged() -> None:
    assert seen("i jump", rules({})) is Tier.RED


def test_a_frame_around_a_find_cancels_it_where_it_stands_and_nowhere_else() -> None:
    assert seen("i do not jump", rules({})) is Tier.NONE
    assert seen("i do not think to jump", rules({})) is Tier.RED
    assert seen("jump not", rules({})) is Tier.RED


def test_a_frame_may_stand_around_any_part_of_a_find() -> None:
    both = rules({"any": ["not @"]}, any=["jump & bridge"])
    assert seen("not bridge and jump", both) is Tier.NONE
    assert seen("bridge and not jump", both) is Tier.NONE
    assert seen("bridge and jump", both) is Tier.RED


@pytest.mark.parametrize(("between", "left"), [(11, Tier.NONE), (12, Tier.RED)])
def test_a_frame_around_a_find_begins_at_most_twelve_words_before_it(between: int, left: Tier) -> None:
    far = rules({"any": ["not ... ... @"]})
    assert seen(f"not {'a ' * between}jump", far) is left


def test_a_frame_does_not_reach_over_a_comma_unless_it_crosses() -> None:
    assert seen("not a, jump", rules({"any": ["not .. @"]})) is Tier.RED
    assert seen("not, jump", rules({"any": ["not .. @"]})) is Tier.RED
    assert seen("not a, jump", rules({"any": ["not .. @"], "crosses": True})) is Tier.NONE
    assert seen("a, not a jump", rules({"any": ["not .. @"]})) is Tier.NONE
    assert seen("not jump, a", rules({"any": ["not .. @"]})) is Tier.NONE


def test_a_frame_that_begins_with_the_find_looks_behind_it() -> None:
    behind = rules({"any": ["@ in the game"]})
    assert seen("jump in the game", behind) is Tier.NONE
    assert seen("jump in the river", behind) is Tier.RED
    assert seen("in the game i jump", behind) is Tier.RED


def test_a_frame_that_begins_with_what_may_be_left_out_is_tried_everywhere() -> None:
    loose = rules({"any": ["(really|just)? not @"]})
    assert seen("not jump", loose) is Tier.NONE
    assert seen("i just not jump", loose) is Tier.NONE


def test_a_frame_at_the_start_of_its_clause_stands_only_there() -> None:
    first = rules({"any": ["^ not @"]})
    assert seen("not jump", first) is Tier.NONE
    assert seen("i not jump", first) is Tier.RED


@pytest.mark.parametrize(
    ("text", "left"),
    [("jump rope", Tier.NONE), ("i jump the rope", Tier.RED), ("rope jump", Tier.RED), ("rope jump rope", Tier.NONE)],
)
def test_a_frame_over_a_find_shares_a_word_with_it(text: str, left: Tier) -> None:
    assert seen(text, rules({"where": "over", "any": ["jump rope"]})) is left


def test_a_frame_that_only_touches_a_find_is_not_over_it() -> None:
    touching = rules({"where": "over", "any": ["rope", "a rope"]})
    assert seen("rope jump", touching) is Tier.RED
    assert seen("jump a rope", touching) is Tier.RED


def test_a_frame_in_the_clause_cancels_what_is_found_in_that_clause_only() -> None:
    years = rules({"where": "clause", "any": ["years ago"]})
    assert seen("years ago i jump", years) is Tier.NONE
    assert seen("jump years ago", years) is Tier.NONE
    assert seen("years ago. i jump", years) is Tier.RED
    assert seen("years ago but i jump", years) is Tier.RED


def test_a_frame_may_ask_for_a_word_beside_it() -> None:
    session = rules({"any": ["felt @"], "also": ["drip", "infusion"]})
    assert seen("felt jump", session) is Tier.RED
    assert seen("on the drip i felt jump", session) is Tier.NONE
    assert seen("felt jump in the infusion", session) is Tier.NONE


def test_a_frame_may_be_for_some_rules_only() -> None:
    assert seen("not jump", rules({"only": ["har"]})) is Tier.NONE
    assert seen("not jump", rules({"only": ["means"]})) is Tier.RED


def test_a_rule_may_be_deaf_to_a_frame_and_hears_the_others() -> None:
    assert seen("not jump", rules({}, deaf_to=["denied"])) is Tier.RED
    other = {"id": "other", "any": ["she .. @"]}
    assert seen("she will jump", rules({}, other, deaf_to=["denied"])) is Tier.NONE
    assert seen("she will not jump", rules({}, other, deaf_to=["other"])) is Tier.NONE


def test_an_override_takes_back_the_frames_it_names_and_no_other() -> None:
    yet = {"id": "not-yet", "cancels": ["denied"], "any": ["soon", "yet"]}
    assert seen("not jump yet", rules({}, override=yet)) is Tier.RED
    assert seen("not jump", rules({}, override=yet)) is Tier.NONE
    assert seen("not jump yet", rules({}, override=yet | {"cancels": ["past"]})) is Tier.NONE
    assert seen("not jump. yet", rules({}, override=yet)) is Tier.NONE


def test_when_one_frame_is_taken_back_another_may_still_hold() -> None:
    yet = {"id": "not-yet", "cancels": ["denied"], "any": ["yet"]}
    game = {"id": "game", "any": ["@ .. game"]}
    assert seen("not jump yet game", rules({}, game, override=yet)) is Tier.NONE


def test_what_a_frame_leaves_is_flagged_with_the_frame_named() -> None:
    found = screen("not jump", rules({"leaves": "note"})).findings
    assert [(each.tier, each.detail) for each in found] == [(Tier.NOTE, {"frames": ["denied"]})]


def test_a_second_find_counts_when_the_first_is_benign() -> None:
    assert seen("not jump and jump", rules({})) is Tier.RED


def test_a_find_stands_at_each_start_once_with_its_nearest_end() -> None:
    told = rules({})
    pattern = Parser(words=str.split, sets={}, stops=frozenset()).read("a .. jump")  # type: ignore[arg-type]
    (clause,) = clauses(tokens("a a jump jump a", told.vocabulary), told.turns)
    assert list(Reader(clause, told).spans(pattern)) == [(0, 3), (1, 3)]


def test_a_doubtful_wording_asks_and_a_sure_one_of_the_same_rule_pages() -> None:
    doubtful = rules(doubtful=["bridge"])
    assert seen("bridge", doubtful) is Tier.NOTE
    assert seen("bridge and jump", doubtful) is Tier.RED


def test_a_comma_after_the_find_does_not_part_it_from_its_frame() -> None:
    assert seen("i do not jump, felt it", rules({})) is Tier.NONE


def test_a_frame_may_begin_with_any_of_its_words() -> None:
    either = rules({"any": ["(not|yet) @"]})
    assert seen("i do not jump", either) is Tier.NONE
    assert seen("yet jump", either) is Tier.NONE


def test_a_frame_over_a_find_must_touch_it() -> None:
    over = rules({"where": "over", "any": ["bridge"]}, any=["jump", "bridge rope"])
    assert seen("bridge and jump", over) is Tier.RED
    assert seen("jump and bridge", over) is Tier.RED
    assert seen("bridge rope", over) is Tier.NONE
