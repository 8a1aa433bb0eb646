"""Two protocols are compared rule by rule, in the words of their files."""

from __future__ import annotations

import pytest

from rules.protocol import differences, parse

PLAIN = 'id = "x"\ntitle = "X"\nwindow = "14d"\n'
SLOT = '[[slot]]\nname = "mood"\ndays = "1-14"\nasks = "mood"\n'
LADDER = """
[escalation.red]
steps = [{ to = "primary", after = "0s" }, { to = "S-2", after = "5m" }]
repeat = "2m"
follow_up = "1h"
"""


def told(before: tuple[str, str], after: tuple[str, str]) -> list[tuple[str, str | None, str | None]]:
    one, two = (parse(PLAIN + head + SLOT + tail, "x") for head, tail in (before, after))
    return [(each.name, each.before, each.after) for each in differences(one, two)]


@pytest.mark.parametrize(
    ("head", "tail", "name", "before", "after"),
    [
        ("", "[thresholds]\nmood_fall = 4", "thresholds.mood_fall", "3", "4"),
        ("", '[thresholds]\nitem9_red_after = "1h"', "thresholds.item9_red_after", "30m", "1h"),
        ("", "[thresholds]\ngad7_bands = [6, 11]", "thresholds.gad7_bands", "5, 10, 15", "6, 11"),
        ("", "[thresholds]\nresponse_fall = 0.4", "thresholds.response_fall", "0.5", "0.4"),
        ('overlap = "merge"\n', "", "overlap", "restart", "merge"),
        ("quiet_hours = []\n", "", "quiet_hours", "21:00 to 08:00", "none"),
        ('phq9_every = "9d"\n', "", "phq9_every", "7d", "9d"),
        ('jitter = "5m"\n', "", "jitter", "0s", "5m"),
    ],
)
def test_each_rule_that_counts_otherwise_is_told(head: str, tail: str, name: str, before: str, after: str) -> None:
    assert told(("", ""), (head, tail)) == [(name, before, after)]


def test_what_is_asked_and_called_is_no_rule() -> None:
    assert told(("", ""), ("version = 2\n", SLOT.replace("mood", "sleep"))) == []


def test_ladders_are_told_step_by_step_and_none_is_the_clinics() -> None:
    assert told(("", ""), ("", LADDER)) == [
        ("escalation.red.steps", None, "primary 0s, S-2 5m"),
        ("escalation.red.repeat", None, "2m"),
        ("escalation.red.follow_up", None, "1h"),
        ("escalation.red.remind_after", None, "30m"),
        ("escalation.red.accept_within", None, "5m"),
    ]
    assert told(("", LADDER), ("", LADDER.replace('"2m"', '"9m"'))) == [("escalation.red.repeat", "2m", "9m")]


def test_what_pages_comes_first() -> None:
    found = told(("", ""), ('jitter = "5m"\noverlap = "both"\n', "[thresholds]\nmissed_note = 1" + LADDER))
    assert [name.partition(".")[0] for name, _, _ in found] == ["thresholds", *["escalation"] * 5, "overlap", "jitter"]
