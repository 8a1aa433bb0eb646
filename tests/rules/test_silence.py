"""Silence: two prompts missed running are a note, three an amber, one soon after an alarm an amber."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.protocol import Thresholds
from rules.silence import AskedPrompt, assess

NOW = datetime(2026, 5, 14, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def prompts(story: str, fresh: int = 1) -> list[AskedPrompt]:
    """One prompt a day, the last of which ended now: `a` answered, `m` missed."""
    last = len(story) - 1
    return [
        AskedPrompt(
            due_at=NOW - timedelta(hours=20) - DAY * (last - place), missed=letter == "m", fresh=place > last - fresh
        )
        for place, letter in enumerate(story)
    ]


@pytest.mark.parametrize(
    ("story", "fresh", "expected"),
    [
        ("am", 1, None),
        ("amm", 1, "note"),
        ("ammm", 1, "amber"),
        ("ammmm", 1, None),  # said already
        ("ammmmmm", 1, "amber"),  # six: still silent
        ("ammmm", 2, "amber"),  # two ended at once: the third is not passed over
        ("amm", 2, "note"),
        ("mma", 1, None),  # an answer ends it
        ("mmam", 1, None),
        ("mmm", 0, None),  # nothing ended now
        ("", 1, None),
    ],
)
def test_prompts_missed_running_count(story: str, fresh: int, expected: str | None) -> None:
    found = assess(prompts(story, fresh), Thresholds(), last_alarm_at=None)
    assert (found.tier.word if found else None) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (10, "missed-after-alert"),  # the alarm came after the prompt went out
        (30, "missed-after-alert"),
        (67, "missed-after-alert"),  # 47 h before the prompt
        (69, None),  # 49 h before it
    ],
)
def test_one_missed_prompt_within_48_hours_of_an_alarm_is_amber(hours: int, expected: str | None) -> None:
    found = assess(prompts("am"), Thresholds(), last_alarm_at=NOW - timedelta(hours=hours))
    assert (found.rule if found else None) == expected


def test_the_figures_are_settings() -> None:
    strict = Thresholds(missed_note=1, missed_amber=2)
    assert [assess(prompts(story), strict, last_alarm_at=None).tier.word for story in ("am", "amm")] == [  # type: ignore[union-attr]
        "note",
        "amber",
    ]
