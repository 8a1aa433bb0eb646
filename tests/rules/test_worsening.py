"""Every threshold of the clinical reference, from just below to just above."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from content.instruments import load
from rules import silence
from rules.protocol import Thresholds
from rules.silence import AskedPrompt
from rules.tier import Tier
from rules.worsening import LOOKS_BACK, Assessment, Facts, Rating, ScoreAt, assess

INFUSION = datetime(2026, 3, 2, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def judged(instrument: str, values: dict[str, int], **more: Any) -> Assessment:
    facts: dict[str, Any] = {"thresholds": Thresholds(), "instrument": instrument, "values": values, "day": 5}
    return assess(Facts(**{**facts, "infusion_at": INFUSION, **more}))


def found(instrument: str, values: dict[str, int], **more: Any) -> dict[str, Tier]:
    return {each.rule: each.tier for each in judged(instrument, values, **more).findings}


def detail(instrument: str, values: dict[str, int], rule: str, **more: Any) -> dict[str, object]:
    return next(dict(each.detail) for each in judged(instrument, values, **more).findings if each.rule == rule)


def moods(*values: int, start: datetime = INFUSION + DAY) -> tuple[Rating, ...]:
    return tuple(Rating(at=start + number * DAY, value=value) for number, value in enumerate(values))


def phq9(total: int, item9: int = 0) -> dict[str, int]:
    left, values = total - item9, {"9": item9}
    for item in load()["phq9"].items[:8]:
        values[item.id] = min(3, left)
        left -= values[item.id]
    assert left == 0
    return values


@pytest.mark.parametrize(
    ("value", "earlier", "fell"),
    [
        (5, (8, 8, 8), True),
        (6, (8, 8, 8), False),
        (5, (8,), True),
        (5, (), False),
        (4, (7, 8), True),
        (5, (7, 8), False),
        (5, (0, 4, 4, 4, 8, 8, 8, 8), True),
        (3, (2,) * 8 + (6,) * 7, True),
        (3, (9,) * 8 + (5,) * 7, False),
        (9, (3, 3, 3), False),
    ],
)
def test_a_fall_of_three_below_the_median_of_the_last_seven_answers_is_amber(
    value: int, earlier: tuple[int, ...], fell: bool
) -> None:
    assert found("mood", {"rating": value}, moods=moods(*earlier)).get("mood-fall") == (Tier.AMBER if fell else None)


def test_a_fall_tells_its_figures() -> None:
    assert detail("mood", {"rating": 3}, "mood-fall", moods=moods(7, 8)) == {"value": 3, "fall": 4.5, "own": 7.5}


@pytest.mark.parametrize(
    ("value", "earlier", "baseline", "low"),
    [
        (2, (2,), (4,), True),
        (2, (5, 2), (4, 5), True),
        (2, (3,), (4,), False),
        (3, (2,), (4,), False),
        (2, (2,), (3,), False),
        (2, (2,), (3, 4), False),
        (2, (2,), (), False),
        (2, (), (6,), False),
        (2, (2, 7), (6,), False),
    ],
)
def test_two_answers_running_of_two_or_less_from_a_baseline_of_four_are_amber(
    value: int, earlier: tuple[int, ...], baseline: tuple[int, ...], low: bool
) -> None:
    rules = found("mood", {"rating": value}, moods=moods(*earlier), baseline_moods=baseline)
    assert rules.get("mood-low") == (Tier.AMBER if low else None)


@pytest.mark.parametrize(
    ("value", "earlier", "baseline", "rebounded"),
    [
        (4, (6, 7, 4), (3,), True),
        (3, (6, 3), (3,), True),
        (1, (6, 2), (3,), True),
        (5, (6, 4), (3,), False),
        (4, (5, 4), (3,), False),
        (4, (6,), (3,), False),
        (4, (6, 4, 4), (3,), False),
        (4, (6, 4, 6, 4), (3,), True),
        (4, (6, 4), (), False),
        (3, (3, 3, 3), (3,), False),
    ],
)
def test_relief_and_then_two_days_back_at_the_baseline_is_amber_once(
    value: int, earlier: tuple[int, ...], baseline: tuple[int, ...], rebounded: bool
) -> None:
    rules = found("mood", {"rating": value}, moods=moods(*earlier), baseline_moods=baseline)
    assert rules.get("mood-rebound") == (Tier.AMBER if rebounded else None)


def test_the_relief_of_an_earlier_course_is_no_rebound_of_this_one() -> None:
    old = moods(8, 8, start=INFUSION - 60 * DAY)
    assert "mood-rebound" not in found("mood", {"rating": 3}, moods=(*old, *moods(3)), baseline_moods=(3,))


@pytest.mark.parametrize(("value", "asked"), [(0, "mood"), (1, "mood"), (2, None), (10, None)])
def test_a_mood_of_nought_or_one_asks_the_safety_question_at_once(value: int, asked: str | None) -> None:
    assert judged("mood", {"rating": value}).ask == asked
    assert ("mood-very-low" in found("mood", {"rating": value})) is (asked is not None)


@pytest.mark.parametrize(
    ("total", "baseline", "scores", "rules"),
    [
        (14, 10, (), {}),
        (15, 10, (), {"phq9-rise": Tier.AMBER}),
        (20, 11, (), {"phq9-rise": Tier.AMBER}),
        (20, 10, (), {"phq9-rise-red": Tier.RED}),
        (19, 9, (), {"phq9-rise": Tier.AMBER}),
        (24, 24, (), {}),
        (24, None, (), {}),
        (15, 20, (10,), {"phq9-rise": Tier.AMBER}),
        (15, 20, (12, 10, 14), {"phq9-rise": Tier.AMBER}),
        (15, 10, (20,), {"phq9-rise": Tier.AMBER}),
        (14, None, (10,), {}),
    ],
)
def test_a_rise_counts_from_the_baseline_or_the_best_of_the_course(
    total: int, baseline: int | None, scores: tuple[int, ...], rules: dict[str, Tier]
) -> None:
    known = tuple(ScoreAt(at=INFUSION + n * DAY, day=n, total=score) for n, score in enumerate(scores, start=3))
    assert found("phq9", phq9(total), phq9_baseline=baseline, phq9_scores=known) == rules


def test_a_rise_tells_its_figures() -> None:
    scores = (ScoreAt(at=INFUSION + 3 * DAY, day=3, total=11), ScoreAt(at=INFUSION + 7 * DAY, day=7, total=12))
    told = detail("phq9", phq9(17), "phq9-rise", phq9_baseline=19, phq9_scores=scores)
    assert told == {"total": 17, "answered": 9, "rise": 6, "against": "best", "day": 3}


def test_a_partial_questionnaire_is_judged_for_what_is_there() -> None:
    assert found("phq9", {"1": 3, "2": 2}, phq9_baseline=0) == {"phq9-rise": Tier.AMBER}
    assert found("phq9", {"1": 3, "2": 1}, phq9_baseline=0) == {}
    assert detail("phq9", {"1": 3, "2": 2}, "phq9-rise", phq9_baseline=0)["answered"] == 2


@pytest.mark.parametrize(
    ("item9", "asked", "rules"),
    [(0, None, {}), (1, "item9", {}), (2, "item9-2", {}), (3, None, {"item9-3": Tier.RED})],
)
def test_item_nine_asks_the_second_stage_or_is_red_at_three(
    item9: int, asked: str | None, rules: dict[str, Tier]
) -> None:
    assessment = judged("phq9", {"9": item9})
    assert assessment.ask == asked
    assert {each.rule: each.tier for each in assessment.findings} == rules


@pytest.mark.parametrize("instrument", ["settle", "side-effects"])
@pytest.mark.parametrize("item", ["dizziness", "nausea", "unreal"])
def test_a_strong_side_effect_is_amber(instrument: str, item: str) -> None:
    assert found(instrument, {item: 2}, day=0) == {f"{instrument}-strong-{item}": Tier.AMBER}
    assert found(instrument, {item: 0}, day=0) == {}


def test_what_is_mild_matters_only_for_unreality_and_only_from_the_next_day_on() -> None:
    mild = {"dizziness": 1, "nausea": 1, "unreal": 1}
    assert found("settle", mild, day=0) == {}
    assert found("settle", mild, day=None) == {}
    assert found("settle", mild, day=1) == {"side-effects-unreal": Tier.AMBER}
    assert found("side-effects", mild, day=3) == {"side-effects-unreal": Tier.AMBER}


@pytest.mark.parametrize(
    ("instrument", "values", "rules"),
    [
        ("side-effects", {"heart": 1}, {"emergency-heart": Tier.RED}),
        ("side-effects", {"heart": 0}, {}),
        ("settle", {"home": 0}, {"settle-not-home": Tier.NOTE}),
        ("settle", {"home": 1, "company": 0}, {}),
        ("bladder", {"blood": 1}, {"bladder-blood": Tier.AMBER}),
        ("bladder", {"blood": 0, "pain": 1, "urgency": 1}, {}),
        ("bladder", {"pain": 2, "urgency": 2}, {"bladder-pain": Tier.NOTE, "bladder-urgency": Tier.NOTE}),
        ("craving", {"urge": 1, "use": 0}, {}),
        ("craving", {"urge": 2, "use": 1}, {"craving-use": Tier.NOTE, "craving-urge": Tier.NOTE}),
        ("cognition", {"memory": 2, "focus": 1}, {"cognition-memory": Tier.NOTE}),
        ("gad7", {"1": 3, "2": 3, "3": 3, "4": 3, "5": 2}, {}),
        ("gad7", {"1": 3, "2": 3, "3": 3, "4": 3, "5": 3}, {"gad7-severe": Tier.NOTE}),
        ("safety", {"now": 0}, {}),
        ("safety", {"now": 1}, {"safety-yes": Tier.RED}),
        ("safety", {"now": 2}, {"safety-talk": Tier.RED}),
        ("asq", {"1": 0, "2": 0, "3": 0, "4": 0}, {}),
        ("asq", {"1": 1, "5": 0}, {"asq-wish": Tier.AMBER}),
        ("asq", {"5": 1}, {"asq-now": Tier.RED}),
        ("sleep", {"rating": 0}, {}),
        ("anxiety", {"rating": 10}, {}),
        ("mood", {}, {}),
    ],
)
def test_what_the_other_questions_find(instrument: str, values: dict[str, int], rules: dict[str, Tier]) -> None:
    assert found(instrument, values) == rules


def test_a_yes_to_the_safety_question_asks_what_tells_the_clinician_more() -> None:
    assert judged("safety", {"now": 1}).ask == "yes"
    assert judged("safety", {"now": 2}).ask is None


def test_every_threshold_is_a_setting() -> None:
    lenient = Thresholds(mood_fall=9, phq9_rise=20, phq9_rise_red=27, item9_questions=3, item9_red=4, mood_safety=0)
    assert found("mood", {"rating": 2}, moods=moods(9), thresholds=lenient) == {}
    assert judged("mood", {"rating": 1}, thresholds=lenient).ask is None
    assert judged("phq9", phq9(19, item9=2), phq9_baseline=0, thresholds=lenient) == Assessment()


def test_only_a_mood_asks_the_safety_question_for_a_low_rating() -> None:
    assert judged("anxiety", {"rating": 0}).ask is None


def test_a_questionnaire_without_item_nine_says_nothing_of_it() -> None:
    assert judged("phq9", {"1": 3}, thresholds=Thresholds(item9_red=1)).findings == ()
    assert judged("phq9", {"1": 3}).ask is None


def test_item_nine_above_a_lowered_limit_is_red() -> None:
    assert found("phq9", {"9": 3}, thresholds=Thresholds(item9_red=2)) == {"item9-3": Tier.RED}


def test_low_answers_need_not_be_at_the_limit_itself() -> None:
    assert "mood-low" in found("mood", {"rating": 1}, moods=moods(1), baseline_moods=(5,))


def test_what_is_mild_and_late_counts_for_unreality_alone() -> None:
    assert found("side-effects", {"dizziness": 1, "nausea": 1}, day=2) == {}


def test_scores_beyond_a_limit_count_as_those_at_it() -> None:
    assert found("gad7", {str(item): 3 for item in range(1, 8)}) == {"gad7-severe": Tier.NOTE}
    assert found("phq9", phq9(24), phq9_baseline=10) == {"phq9-rise-red": Tier.RED}


def test_a_no_to_the_safety_question_asks_nothing_more() -> None:
    assert judged("safety", {"now": 0}).ask is None


@pytest.mark.parametrize("extreme", [0, 1, 100])
def test_no_threshold_that_a_file_may_have_breaks_the_judgement(extreme: int) -> None:
    """Whatever stands in a file, an answer is judged and not lost."""
    for each in fields(Thresholds):
        try:
            limits = TypeAdapter(Thresholds).validate_python({each.name: extreme})
        except ValidationError:
            continue  # the file is refused
        for instrument, values in (
            ("mood", {"rating": 0}),
            ("phq9", {"1": 3}),
            ("phq9", phq9(27, 3)),
            ("gad7", {"1": 3}),
        ):
            more: dict[str, Any] = {"moods": moods(8, 2, 2), "baseline_moods": (5,), "phq9_baseline": 3}
            judged(instrument, values, thresholds=limits, **more)
        prompt = AskedPrompt(due_at=INFUSION, missed=True, fresh=True)
        silence.assess([prompt] * 3, limits, last_alarm_at=INFUSION)


@given(st.data())
def test_an_instrument_that_does_not_look_back_is_judged_the_same_whatever_came_before(data: st.DataObject) -> None:
    instrument = data.draw(st.sampled_from([each for name, each in load().items() if name not in LOOKS_BACK]))
    values = {item.id: data.draw(st.integers(0, 10)) for item in instrument.items}
    ratings = st.lists(st.integers(0, 10), max_size=15)
    before = {
        "moods": moods(*data.draw(ratings)),
        "baseline_moods": tuple(data.draw(ratings)),
        "phq9_baseline": data.draw(st.none() | st.integers(0, 27)),
        "phq9_scores": (ScoreAt(at=INFUSION, day=1, total=data.draw(st.integers(0, 27))),),
    }
    assert judged(instrument.id, values, **before) == judged(instrument.id, values)
