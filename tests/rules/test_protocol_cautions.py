"""What is allowed but unwise is told."""

from __future__ import annotations

import pytest

from content.protocols import shipped
from rules.protocol import line_in, losing, parse, warnings

HEAD = 'id = "x"\ntitle = "X"\nwindow = "28d"\n'


RED = """
[escalation.red]
steps = [{ to = "primary", after = "0s" }]
repeat = "2m"
follow_up = "1h"
"""


def slot(name: str, place: str, asks: str = "mood") -> str:
    return f'[[slot]]\nname = "{name}"\n{place}\nasks = ["{asks}"]\n'


DAILY = slot("a", 'days = "1-9"')
THRESHOLD = "thresholds."
QUIET_DAY_AND_NIGHT = [("quiet-day", "quiet_hours"), ("at-night", "slot.0.at")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (slot("a", 'days = 1\nat = "10:00"') + slot("b", 'days = 1\nat = "10:30"'), [("crowded", "slot.1")]),
        (slot("a", 'days = 1\nat = "10:00"') + slot("b", 'days = 1\nat = "11:00"'), []),
        (slot("a", 'days = 1\nat = "10:00"') + slot("b", 'days = 1\nat = "10:00"'), []),
        (slot("a", "days = 1") + slot("b", 'days = 1\nat = "09:30"'), [("crowded", "slot.0")]),
        (slot("a", 'days = "1-9"\nat = ["10:00", "10:10"]'), [("crowded", "slot.0")]),
        (slot("a", 'after = ["4h", "4h30m"]'), [("crowded", "slot.0")]),
        (slot("a", "days = 7", "phq9"), [("phq9-recall", "slot.0.asks")]),
        (slot("a", "days = [14, 28]", "phq9"), []),
        (slot("a", 'days = -1\ninfusions = "first"', "phq9") + slot("b", "days = 14"), []),
        (slot("a", "days = [14, 17]", "phq9"), [("phq9-recall", "slot.0.asks")]),
        (slot("a", 'days = 1\nat = "22:00"'), [("in-quiet-hours", "slot.0.at")]),
        ("quiet_hours = []\n" + slot("a", 'days = 1\nat = "03:00"'), [("at-night", "slot.0.at")]),
        ("quiet_hours = []\n" + slot("a", 'days = 1\nat = "06:00"'), []),
        ("quiet_hours = []\n" + slot("a", 'after = "8h"'), [("at-night", "slot.0.after")]),
        ("quiet_hours = []\n" + slot("a", 'after = "8s"'), []),
        (slot("a", 'after = "8h"'), []),
        ('overlap = "both"\n' + slot("a", "days = 1"), [("asked-twice", "overlap")]),
        ('overlap = "merge"\n' + slot("a", "days = 1"), []),
        ('quiet_hours = ["12:00", "14:00"]\n' + slot("a", 'after = "8h"'), [("at-night", "slot.0.after")]),
        ('quiet_hours = ["21:00", "03:00"]\n' + slot("a", 'after = "8h"'), [("at-night", "slot.0.after")]),
        ('quiet_hours = ["23:00", "06:00"]\n' + slot("a", 'after = "8h"'), []),
        (DAILY + "[thresholds]\nitem9_red = 4", [("out-of-reach", "thresholds.item9_red")]),
        (DAILY + "[thresholds]\nphq9_rise = 28", [("out-of-reach", "thresholds.phq9_rise")]),
        (DAILY + "[thresholds]\nmood_fall = 10", []),
        (
            DAILY + '[thresholds]\nmood_red_after = "13h"',
            [("slow-questions", "thresholds.mood_red_after")],
        ),
        (DAILY + '[thresholds]\nmood_red_after = "12h"', []),
        (slot("a", 'days = "-1 to 2"'), [("baseline-again", "slot.0.days")]),
        (slot("a", 'days = -1\ninfusions = "first"') + slot("b", "days = 1"), []),
        (DAILY + RED.replace("0s", "1m"), [("slow-red", "escalation.red.steps")]),
        (DAILY + RED, []),
        (DAILY + RED.replace("primary", "primry"), [("step-to-nobody", "escalation.red.steps.0")]),
        (DAILY + RED.replace("primary", "S-12"), []),
        (DAILY + RED.replace("primary", "backup"), []),
        (DAILY + RED.replace("primary", "0123456789abcdef0123456789abcdef"), []),
        (DAILY + RED.replace("2m", "1h"), []),
        (DAILY + RED.replace("2m", "61m"), [("slow-ladder", "escalation.red.repeat")]),
        (DAILY + RED.replace("2m", "1s"), [("quick-repeat", "escalation.red.repeat")]),
        (DAILY + RED.replace("1h", "25h"), [("slow-ladder", "escalation.red.follow_up")]),
        (DAILY + RED.replace("1h", "24h").replace("2m", "2h").replace("red", "amber"), []),
        (slot("a", 'days = 1\nexpires_after = "7d"'), []),
        (slot("a", 'days = 1\nexpires_after = "8d"'), [("open-for-long", "slot.0.expires_after")]),
        ('jitter = "1h"\n' + slot("a", "days = 1"), []),
        ('jitter = "61m"\n' + slot("a", "days = 1"), [("wide-jitter", "jitter")]),
        (slot("a", 'days = "1-9"') + "[thresholds]\nmissed_amber = 9", []),
        (
            slot("a", 'days = "1-9"') + "[thresholds]\nmissed_amber = 10",
            [("silence-unfound", THRESHOLD + "missed_amber")],
        ),
        (slot("a", 'days = "1-9"') + "[thresholds]\nmissed_note = 3", []),
        (slot("a", 'days = "1-9"') + "[thresholds]\nmissed_note = 4", [("out-of-order", THRESHOLD + "missed_note")]),
        (DAILY + '[thresholds]\nmood_amber_after = "30m"', []),
        (DAILY + '[thresholds]\nmood_amber_after = "31m"', [("out-of-order", THRESHOLD + "mood_amber_after")]),
        (DAILY + '[thresholds]\nitem9_amber_after = "31m"', [("out-of-order", THRESHOLD + "item9_amber_after")]),
        ('quiet_hours = ["08:00", "20:00"]\n' + slot("a", 'days = 1\nat = "20:30"'), []),
        ('quiet_hours = ["08:00", "20:01"]\n' + slot("a", 'days = 1\nat = "20:30"'), [("quiet-day", "quiet_hours")]),
        ('quiet_hours = ["00:01", "00:00"]\n' + slot("a", 'days = 1\nat = "00:00"'), QUIET_DAY_AND_NIGHT),
        ('quiet_hours = ["09:00", "10:01"]\n' + slot("a", "days = 1"), [("in-quiet-hours", "slot.0.at")]),
        ('quiet_hours = ["09:00", "10:00"]\n' + slot("a", "days = 1"), []),
    ],
)
def test_the_unwise_is_told(text: str, codes: list[tuple[str, str]]) -> None:
    found = warnings(parse(HEAD + text, "x"))
    assert [(each.code, each.key) for each in found] == codes
    assert all(each.sentence and each.mend for each in found)


def test_a_caution_is_found_on_its_line_also_in_what_extends() -> None:
    ours = 'extends = "ketamine-14d"\nid = "ours"\n\n[[slot]]\nname = "late"\ndays = "9"\nat = "03:00"\nasks = "mood"\n'
    protocol = parse(ours, "x", bases=shipped())
    lines = {each.code: line_in(ours, protocol, each.key) for each in warnings(protocol)}
    assert lines == {"phq9-recall": 1, "in-quiet-hours": 7}


def test_hours_the_wrong_way_round_are_shown_the_right_way_round() -> None:
    def mend(hours: str) -> str:
        found = warnings(parse(HEAD + f"quiet_hours = {hours}\n" + DAILY, "x"))
        return next(each.mend for each in found if each.code == "quiet-day")

    assert '["21:00", "08:00"]' in mend('["08:00", "21:00"]')
    assert '["00:00", "08:00"]' in mend('["08:00", "24:00"]')
    assert "such as" not in mend('["00:01", "00:00"]')


@pytest.mark.parametrize(
    ("own", "line"),
    [
        ('quiet_hours = ["09:00", "11:00"]', 3),
        ('[thresholds]\nmood_red_after = "5m"', 4),
        ('[thresholds]\nmood_amber_after = "40m"', 4),
        ('without = ["mood", "side-effects"]\n[thresholds]\nmissed_amber = 9', 5),
    ],
)
def test_what_a_file_says_is_blamed_before_what_it_inherits(own: str, line: int) -> None:
    ours = f'extends = "ketamine-14d"\nid = "ours"\n{own}\n'
    protocol = parse(ours, "x", bases=shipped())
    found = [each for each in warnings(protocol) if each.code != "phq9-recall"]
    assert {line_in(ours, protocol, each.key, each.or_key) for each in found} == {line}


def test_slots_that_fall_away_are_named() -> None:
    before, after = (parse(HEAD + text, "x") for text in (DAILY + slot("b", "days = 2"), DAILY))
    (found,) = losing(after, before, "version 1")
    assert "what version 1 asks as b" in found.sentence
    assert losing(before, after, "version 1") == ()


def test_the_shipped_protocol_knows_its_one_departure() -> None:
    assert [(each.code, each.key) for each in warnings(shipped()["ketamine-14d"])] == [("phq9-recall", "slot.3.asks")]
