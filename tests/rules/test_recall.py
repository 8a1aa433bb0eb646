"""How well a screening does against labels: shares, and intervals that are Wilson's."""

from __future__ import annotations

import pytest

from rules.recall import Labelled, categories, rates, wilson
from rules.tier import Tier

NONE, NOTE, AMBER, RED = Tier


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # from the tables of Newcombe 1998 (81/263, 15/148, 0/20, 1/29) and by hand
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_the_interval_is_that_of_the_tables(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_a_note_asks_an_amber_flags_a_red_pages() -> None:
    rows = [Labelled(label=RED, category="plan", tier=tier) for tier in (NONE, NOTE, AMBER, RED)]
    shares = {(rate.label, rate.did): rate.share for rate in rates(rows)}
    assert [shares[RED, did].hits for did in ("asked", "flagged", "paged")] == [3, 2, 1]
    assert shares[NONE, "paged"].of == 0
    assert shares[NONE, "paged"].share is None


def test_each_category_has_a_line_for_each_of_its_labels() -> None:
    rows = [
        Labelled(label=NONE, category="idiom", tier=RED),
        Labelled(label=NONE, category="idiom", tier=NOTE),
        Labelled(label=AMBER, category="burden", tier=AMBER),
    ]
    found = [(each.category, each.label, each.flagged.share) for each in categories(rows)]
    assert found == [("burden", AMBER, 1.0), ("idiom", NONE, 0.5)]
