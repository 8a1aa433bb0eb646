"""Every finding has a sentence with its figures, and an unknown one is told all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from content import screening
from content.findings import sentence_of
from content.instruments import load
from content.messages import keys, say
from rules import second_stage
from rules.finding import Finding
from rules.protocol import Thresholds
from rules.screening.model import MODEL
from rules.tier import Tier
from rules.worsening import Facts, Rating, ScoreAt, assess

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
ELSEWHERE = [
    *("asked-for-help", "call-me", "said-mistake", "note-again", "unreadable-long", "emergency-chest"),
    *("relative-writes", "unsafe-tonight", "missed-prompts", "silence-prompts", "blocked-bot"),
]


def starts(rule: str) -> list[str]:
    parts = rule.split("-")
    return ["-".join(parts[:length]) for length in range(1, len(parts) + 1)]


def told(finding: Finding, language: str = "en") -> str:
    return sentence_of(
        {"rule": finding.rule, "tier": finding.tier.word, "at": NOW.isoformat(), **finding.detail}, language
    )


def every_finding() -> list[Finding]:
    """What the rules can find, each with figures as they come."""
    moods = tuple(Rating(at=NOW - timedelta(days=back), value=value) for back, value in ((3, 9), (2, 9), (1, 2)))
    found: dict[str, Finding] = {}
    for instrument, item_value, best in product(load().values(), range(11), (None, 2)):
        scores = () if best is None else (ScoreAt(at=NOW, day=3, total=best),)
        values = {item.id: min(item_value, item.high) for item in instrument.items if item.options}
        facts = Facts(
            thresholds=Thresholds(),
            instrument=instrument.id,
            values=values,
            day=2,
            moods=moods,
            baseline_moods=(5,) if item_value % 2 else (2,),
            phq9_baseline=4,
            phq9_scores=scores,
        )
        found |= {each.rule: each for each in assess(facts).findings}
    for values in ({item: 1} for item in ("1", "2", "3", "4", "5", "plan", "means", "preparation", "attempt")):
        found |= {each.rule: each for each in second_stage.assess("item9", values)}
    for cause, minutes in product(("item9", "item9-2", "mood"), (10, 30)):
        silent = second_stage.silence(cause, NOW, NOW + timedelta(minutes=minutes), Tier.NONE, Thresholds())
        found |= {each.rule: each for each in silent.findings}
        denied = second_stage.assess(cause, dict.fromkeys("1234", 0))
        found |= {each.rule: each for each in denied}
    return list(found.values())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("finding", every_finding(), ids=lambda each: each.rule)
def test_every_finding_of_the_rules_has_a_sentence_of_its_own(finding: Finding, language: str) -> None:
    sentence = told(finding, language)
    assert not sentence.startswith(("Free text", "Texto libre"))
    assert "None" not in sentence
    assert "{" not in sentence


@pytest.mark.parametrize("rule", ELSEWHERE)
def test_what_is_found_elsewhere_is_told_by_the_start_of_its_name(rule: str) -> None:
    assert not sentence_of({"rule": rule, "tier": "amber"}).startswith("Free text")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("rule", [*sorted(rule["id"] for rule in screening.read()["rule"]), MODEL])
def test_every_rule_for_free_text_says_what_it_saw_in_words(rule: str, language: str) -> None:
    own = [say(language, f"concept.{start}") for start in starts(rule) if f"concept.{start}" in keys(language)]
    assert own[-1] in sentence_of({"rule": rule, "tier": "amber"}, language) or f"finding.{rule}" in keys(language)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            {"rule": "phq9-rise", "total": 17, "answered": 9, "rise": 6, "against": "best", "day": 3},
            "PHQ-9 17 (9 of 9 answered), 6 above the best score of this course (day 3)",
        ),
        (
            {"rule": "phq9-rise-red", "total": 21, "answered": 9, "rise": 11, "against": "baseline", "day": None},
            "PHQ-9 21 (9 of 9 answered), 11 above the baseline",
        ),
        ({"rule": "mood-fall", "value": 3, "fall": 4.0, "own": 7.0}, "Mood 3, 4 below their own median of 7"),
        ({"rule": "mood-fall", "value": 3, "fall": 4.5, "own": 7.5}, "Mood 3, 4.5 below their own median of 7.5"),
        ({"rule": "mood-low", "values": [2, 1], "baseline": 5}, "Mood 2, 1 running, from a baseline of 5"),
        ({"rule": "settle-strong-nausea", "item": "nausea"}, "Strong nausea hours after the infusion"),
        ({"rule": "unreadable-media", "media": "voice"}, "Sent something that cannot be read (a voice message)"),
        ({"rule": "means-at-hand", "views": ["folded"]}, "Free text: means at hand"),
        ({"rule": "emergency-chest-pain"}, "Wrote of a possible medical emergency: chest pain"),
    ],
)
def test_a_sentence_has_the_figures(found: dict[str, Any], sentence: str) -> None:
    assert sentence_of({"tier": "amber", "at": NOW.isoformat(), **found}) == sentence


def test_a_figure_that_is_missing_keeps_no_finding_from_being_told() -> None:
    assert sentence_of({"rule": "phq9-rise", "tier": "amber"}) == "Free text: phq9 rise"


def test_another_language_falls_back_to_english() -> None:
    assert sentence_of({"rule": "bladder-blood"}, "fr") == "Blood in the urine"
    assert sentence_of({"rule": "bladder-blood"}, "es") == "Sangre en la orina"
