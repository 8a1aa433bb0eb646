"""What is allowed but unwise is told."""

from __future__ import annotations

import pytest

from content.protocols import shipped
from rules.protocol import line_in, parse, warnings

HEAD = 'id = "x"\ntitle = "X"\nwindow = "28d"\n'


RED = """
[escalation.red]
steps = [{ to = "primary", after = "0s" }]
repeat = "2m"
follow_up = "1h"
"""


def slot(name: str, place: str, asks: str = "mood") -> str:
    return f'[[slot]]\nname = "{name}"\n{place}\nasks = ["{asks}"]\n'


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
        (slot("a", "days = 1") + "[thresholds]\nitem9_red = 4", [("out-of-reach", "thresholds.item9_red")]),
        (slot("a", "days = 1") + "[thresholds]\nphq9_rise = 28", [("out-of-reach", "thresholds.phq9_rise")]),
        (slot("a", "days = 1") + "[thresholds]\nmood_fall = 10", []),
        (
            slot("a", "days = 1") + '[thresholds]\nmood_red_after = "13h"',
            [("slow-questions", "thresholds.mood_red_after")],
        ),
        (slot("a", "days = 1") + '[thresholds]\nmood_red_after = "12h"', []),
        (slot("a", 'days = "-1 to 2"'), [("baseline-again", "slot.0.days")]),
        (slot("a", 'days = -1\ninfusions = "first"') + slot("b", "days = 1"), []),
        (slot("a", "days = 1") + RED.replace("0s", "1m"), [("slow-red", "escalation.red.steps")]),
        (slot("a", "days = 1") + RED, []),
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


def test_the_shipped_protocol_knows_its_one_departure() -> None:
    assert [(each.code, each.key) for each in warnings(shipped()["ketamine-14d"])] == [("phq9-recall", "slot.3.asks")]
