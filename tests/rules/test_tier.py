"""The four answers, in order, and their words."""

from __future__ import annotations

import pytest

from rules.tier import Tier


def test_the_most_urgent_of_several_is_the_largest() -> None:
    assert max(Tier.NOTE, Tier.RED, Tier.NONE, Tier.AMBER) is Tier.RED
    assert [tier.value for tier in sorted(Tier)] == [0, 1, 2, 3]
    assert Tier.NONE < Tier.NOTE < Tier.AMBER < Tier.RED


@pytest.mark.parametrize(("tier", "word"), [*zip(sorted(Tier), ("none", "note", "amber", "red"), strict=True)])
def test_a_tier_is_read_as_it_is_written(tier: Tier, word: str) -> None:
    assert tier.word == word
    assert Tier.of(word) is tier


def test_another_word_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="'blue' is no tier: write none, note, amber or red"):
        Tier.of("blue")
