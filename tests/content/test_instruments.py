"""The shipped instruments are whole, credited, in every language, and quoted exactly where they are validated."""

from __future__ import annotations

import pytest

from bot.buttons import pack
from content.instruments import load
from rules.instrument import Instrument
from rules.protocol import INSTRUMENTS, Thresholds

EVERY = list(load().values())
OFTEN = ["Not at all", "Several days", "More than half the days", "Nearly every day"]
PHQ9 = [
    "Little interest or pleasure in doing things",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    (
        "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or "
        "restless that you have been moving around a lot more than usual"
    ),
    "Thoughts that you would be better off dead or of hurting yourself in some way",
]
GAD7 = [
    "Feeling nervous, anxious or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
]
ASQ = [
    "In the past few weeks, have you wished you were dead?",
    "In the past few weeks, have you felt that you or your family would be better off if you were dead?",
    "In the past week, have you been having thoughts about killing yourself?",
    "Have you ever tried to kill yourself?",
    "Are you having thoughts of killing yourself right now?",
]


def test_every_name_that_a_protocol_may_ask_is_there() -> None:
    assert set(load()) == INSTRUMENTS


@pytest.mark.parametrize("instrument", EVERY, ids=lambda each: each.id)
def test_everything_is_said_in_every_language_with_licence_and_source(instrument: Instrument) -> None:
    assert instrument.languages == ("en", "es")
    assert instrument.licence
    assert instrument.source
    texts = [instrument.titles, *(item.texts for item in instrument.items)]
    labels = [option.labels for item in instrument.items for option in item.options]
    for language in instrument.languages:
        assert all(text[language].strip() for text in (*texts, *labels))
        assert all(len(label[language]) <= 60 for label in labels)


@pytest.mark.parametrize("instrument", EVERY, ids=lambda each: each.id)
def test_every_answer_fits_into_the_data_of_a_button(instrument: Instrument) -> None:
    for item in instrument.items:
        place = f"{instrument.id}/{item.id}"
        for option in item.options:
            pack(b"key", 1, "a", "0" * 32, f"{place}/{option.value}")
        pack(b"key", 1, "change", "0" * 32, place)


@pytest.mark.parametrize(("name", "texts"), [("phq9", PHQ9), ("gad7", GAD7), ("asq", ASQ)])
def test_validated_items_are_quoted_exactly(name: str, texts: list[str]) -> None:
    assert [item.texts["en"] for item in load()[name].items][: len(texts)] == texts


@pytest.mark.parametrize(("short", "whole"), [("phq2", "phq9"), ("gad2", "gad7")])
def test_the_short_forms_are_the_first_two_items_of_the_long_ones(short: str, whole: str) -> None:
    assert load()[short].items == load()[whole].items[:2]
    assert load()[short].recall == load()[whole].recall


@pytest.mark.parametrize("name", ["phq2", "phq9", "gad2", "gad7"])
def test_frequencies_are_scored_from_nought_to_three_and_credited(name: str) -> None:
    instrument = load()[name]
    for item in instrument.items:
        assert [(option.value, option.labels["en"]) for option in item.options] == list(enumerate(OFTEN))
    assert instrument.scoring == "sum"
    assert "2 weeks" in instrument.recall["en"]
    assert "Spitzer" in instrument.credit
    assert "Pfizer" in instrument.credit
    assert "No permission required" in instrument.licence


def test_the_bands_are_those_of_the_default_thresholds() -> None:
    assert load()["phq9"].bands == Thresholds().phq9_bands
    assert load()["gad7"].bands == Thresholds().gad7_bands


# Totals at both edges of each published band, the lowest band first. PHQ-9: Kroenke, Spitzer, Williams 2001; GAD-7:
# Spitzer, Kroenke, Williams, Löwe 2006; PHQ-2: Kroenke, Spitzer, Williams 2003; GAD-2: Kroenke et al. 2007.
PUBLISHED = {
    "phq9": [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)],
    "gad7": [(0, 4), (5, 9), (10, 14), (15, 21)],
    "phq2": [(0, 2), (3, 6)],
    "gad2": [(0, 2), (3, 6)],
}


@pytest.mark.parametrize(
    ("name", "total", "band"),
    [(name, total, band) for name, bands in PUBLISHED.items() for band, edges in enumerate(bands) for total in edges],
)
def test_scores_fall_into_the_published_bands(name: str, total: int, band: int) -> None:
    instrument = load()[name]
    values, left = {}, total
    for item in instrument.items:
        values[item.id] = min(left, item.high)
        left -= values[item.id]
    score = instrument.score(values)
    assert score is not None
    assert (left, score.total, score.band, score.complete) == (0, total, band, True)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_questionnaire_that_is_not_finished_has_no_band(name: str) -> None:
    instrument = load()[name]
    score = instrument.score({item.id: item.high for item in instrument.items[:-1]})
    assert score is not None
    assert (score.band, score.answered) == (None, len(instrument.items) - 1)


def test_ratings_go_from_nought_to_ten() -> None:
    for name in ("mood", "anxiety", "sleep"):
        (item,) = load()[name].items
        assert (item.id, item.low, item.high, item.is_scale) == ("rating", 0, 10, True)
