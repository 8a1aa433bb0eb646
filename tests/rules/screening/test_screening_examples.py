"""Every rule finds its examples and leaves its traps alone."""

from __future__ import annotations

from typing import Any

import pytest

from content.screening import load, read
from rules.screening import screen
from rules.tier import Tier

MODEL = "reads-like-risk"
RULES = {rule["id"]: rule for rule in read()["rule"]}
HITS = [(rule["id"], text) for rule in RULES.values() for text in rule["hits"]]
TRAPS = [(rule["id"], text) for rule in RULES.values() for text in rule["traps"]]


@pytest.mark.parametrize(("rule", "text"), HITS)
def test_an_example_is_found(rule: str, text: str) -> None:
    seen = screen(text, load())
    found = [
        finding.tier for finding in seen.findings if finding.rule != MODEL
    ]  # what the model sees is no merit of a rule
    assert max(found, default=Tier.NONE) >= Tier.of(RULES[rule]["tier"]), seen.findings


@pytest.mark.parametrize(("rule", "text"), TRAPS)
def test_a_trap_is_left_alone(rule: str, text: str) -> None:
    seen = screen(text, load())
    assert rule not in {finding.rule for finding in seen.findings}
    assert seen.tier <= Tier.NOTE, seen.findings


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_it_means_where_it_comes_from_and_shows_both_sides(rule: dict[str, Any]) -> None:
    assert set(rule) >= {"id", "tier", "concept", "source", "language", "any", "hits", "traps"}
    assert rule["concept"]
    assert rule["source"]
    assert rule["hits"]
    assert rule["traps"]


def test_rule_ids_are_used_once() -> None:
    ids = [rule["id"] for rule in read()["rule"]]
    assert len(ids) == len(set(ids))
