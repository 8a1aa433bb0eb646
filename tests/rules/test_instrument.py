"""An instrument knows which question is open and what the answers that are there add up to."""

from __future__ import annotations

import pytest

from content.instruments import load
from rules.instrument import Instrument, Score

PHQ9, GAD7, MOOD, ASQ = (load()[name] for name in ("phq9", "gad7", "mood", "asq"))


def answered(instrument: Instrument, total: int) -> dict[str, int]:
    """Answers that add up to a total, the first items as high as they go."""
    values = {}
    for item in instrument.items:
        values[item.id] = min(item.high, total)
        total -= values[item.id]
    assert total == 0
    return values


@pytest.mark.parametrize(
    ("total", "band"),
    [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (14, 2), (15, 3), (19, 3), (20, 4), (27, 4)],
)
def test_phq9_bands_are_those_of_kroenke_spitzer_and_williams(total: int, band: int) -> None:
    assert PHQ9.score(answered(PHQ9, total)) == Score(total=total, answered=9, of=9, band=band)


@pytest.mark.parametrize(("total", "band"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (14, 2), (15, 3), (21, 3)])
def test_gad7_bands_are_those_of_spitzer_kroenke_williams_and_loewe(total: int, band: int) -> None:
    assert GAD7.score(answered(GAD7, total)) == Score(total=total, answered=7, of=7, band=band)


def test_a_partial_questionnaire_is_scored_for_what_is_there_and_has_no_band_yet() -> None:
    score = PHQ9.score({"1": 3, "2": 2, "9": 1})
    assert score == Score(total=6, answered=3, of=9, band=None)
    assert not score.complete


def test_nothing_answered_and_nothing_to_sum_is_no_score() -> None:
    assert PHQ9.score({}) is None
    assert MOOD.score({"rating": 7}) is None


def test_questions_are_open_in_order_and_optional_ones_never_hold_it_open() -> None:
    asked = []
    values: dict[str, int] = {}
    while (item := ASQ.first_open(values)) is not None:
        asked.append(item.id)
        values[item.id] = 0
    assert asked == ["1", "2", "3", "4"]


def test_an_item_knows_its_range_and_its_options() -> None:
    rating, phq = MOOD.items[0], PHQ9.items[0]
    assert (rating.low, rating.high, rating.is_scale) == (0, 10, True)
    assert (phq.low, phq.high, phq.is_scale) == (0, 3, False)
    option = phq.option(3)
    assert option is not None
    assert option.labels["en"] == "Nearly every day"
    assert phq.option(4) is None
    assert not load()["words"].items[0].is_scale
    assert PHQ9.item("9") is PHQ9.items[-1]
    assert PHQ9.item("10") is None
