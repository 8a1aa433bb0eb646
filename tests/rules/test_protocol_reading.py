"""A protocol file is read whole, or refused with every problem, each with its line and its mend."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_protocols import protocols

from content.protocols import shipped
from rules.local_time import Hours
from rules.protocol import Problem, Protocol, ProtocolError, as_data, from_data, parse
from rules.tier import Tier

SMALL = """\
id = "small"
title = "Small"
window = "14d"
[[slot]]
name = "mood"
days = "1-14"
asks = ["mood"]
"""


def problems(text: str, **more: object) -> tuple[Problem, ...]:
    with pytest.raises(ProtocolError) as refused:
        parse(text, "x.toml", **more)  # type: ignore[arg-type]
    return refused.value.problems


def changed(line: str, to: str) -> str:
    assert line in SMALL
    return SMALL.replace(line, to)


def test_what_a_file_leaves_out_has_a_sensible_default() -> None:
    protocol = parse(SMALL, "small.toml")
    mood = protocol.slots[0]
    assert (protocol.overlap, protocol.quiet_hours) == ("restart", Hours(start=time(21), end=time(8)))
    assert (mood.times, mood.remind_after, mood.expires_after) == (("preferred",), None, timedelta(hours=20))
    assert protocol.thresholds.phq9_rise == 5


@pytest.mark.parametrize(
    ("days", "read"),
    [
        ('"1-14"', tuple(range(1, 15))),
        ('"1,3"', (1, 3)),
        ("[1, 3]", (1, 3)),
        ('"0"', (0,)),
        ("7", (7,)),
        ('"1-3, 7"', (1, 2, 3, 7)),
        ('["1-2", 9]', (1, 2, 9)),
        ("[3, 1, 3]", (1, 3)),
        ('"-2, 1-2"', (-2, 1, 2)),
        ('"-2 to 1"', (-2, -1, 0, 1)),
        ('"-2--1, 3"', (-2, -1, 3)),
    ],
)
def test_days_are_read_as_people_write_them(days: str, read: tuple[int, ...]) -> None:
    assert parse(changed('"1-14"', days), "x").slots[0].days == read


@pytest.mark.parametrize(
    ("at", "read"),
    [
        ('"10:00"', (time(10),)),
        ('"preferred"', ("preferred",)),
        ('["09:00", "preferred"]', (time(9), "preferred")),
    ],
)
def test_several_times_a_day_may_be_named(at: str, read: tuple[object, ...]) -> None:
    assert parse(SMALL + f"at = {at}\n", "x").slots[0].times == read


def test_quiet_hours_can_be_switched_off_and_end_at_24() -> None:
    assert parse("quiet_hours = []\n" + SMALL, "x").quiet_hours is None
    assert parse('quiet_hours = ["20:00", "24:00"]\n' + SMALL, "x").quiet_hours == Hours(start=time(20), end=time(0))


WRONG = [
    ('window = "14d"', 'window = "14 days"', 3, "window", "is no duration", "4h"),
    ('window = "14d"', "", 1, "window", "is missing", "add window"),
    ('window = "14d"', 'window = "7d"', 6, "slot.0.days", "after the window", "lengthen"),
    ('window = "14d"', 'window = "400d"', 3, "window", "longer than a year", "14d"),
    ('title = "Small"', 'title = "Small"\ntitel = "x"', 3, "titel", "no key of a protocol", "write title"),
    ('title = "Small"', "title = 5", 2, "title", "does not fit", "string"),
    ('id = "small"', 'id = "Very Small"', 1, "id", "is no name", "hyphens"),
    ('id = "small"', 'id = "small"\nversion = "3"', 2, "version", "does not fit", "integer"),
    ('id = "small"', 'id = "small"\noverlap = "sometimes"', 2, "overlap", "does not fit", "'restart'"),
    ('id = "small"', 'id = "small"\nquiet_hours = ["21:00"]', 2, "quiet_hours", "are no hours", "08:00"),
    ('id = "small"', 'id = "small"\nquiet_hours = ["00:00", "24:00"]', 2, "quiet_hours", "whole day", "shorten"),
    ('id = "small"', 'id = "small"\nphq9_every = "36h"', 2, "phq9_every", "whole days", "7d"),
    ('days = "1-14"', 'days = "14-1"', 6, "slot.0.days", "are no days", "1-14"),
    ('days = "1-14"', "days = [1, -300]", 6, "slot.0.days", "are no days", "1-14"),
    ('days = "1-14"', "days = true", 6, "slot.0.days", "are no days", "1-14"),
    ('days = "1-14"', "days = []", 6, "slot.0.days", "no day is named", "1-14"),
    ('days = "1-14"', "", 4, "slot.0", "either `after` or `days`", "4h"),
    ('days = "1-14"', 'days = "1-14"\nafter = "4h"', 4, "slot.0", "has both `after` and `days`", "one of"),
    ('days = "1-14"', 'after = "4h"\nat = "10:00"', 7, "slot.0.at", "goes with `days`", "drop"),
    ('days = "1-14"', 'days = "1-14"\nat = "25:00"', 7, "slot.0.at", "no time of day", "preferred"),
    ('days = "1-14"', 'days = "1-14"\nat = "24:00"', 7, "slot.0.at", "no time of day", "preferred"),
    ('days = "1-14"', 'days = "1-14"\nremind_after = "20h"', 7, "slot.0.remind_after", "after the end", "shorter"),
    ('days = "1-14"', 'days = "1-14"\nexpires_after = "0s"', 7, "slot.0.expires_after", "never asked", "20h"),
    ('days = "1-14"', 'days = "1-14"\nexpires_after = 5', 7, "slot.0.expires_after", "is no duration", "4h"),
    ('days = "1-14"', 'days = "1-14"\nremindafter = "3h"', 7, "slot.0.remindafter", "no key", "write remind_after"),
    ('days = "1-14"', 'days = "1-14"\noptional = ["mood"]', 7, "slot.0.optional", "cannot be optional", "one of"),
    ('asks = ["mood"]', 'asks = ["mod"]', 7, "slot.0.asks", "'mod' is no instrument", "mood"),
    ('asks = ["mood"]', "asks = []", 7, "slot.0.asks", "asks nothing", "mood"),
    ('asks = ["mood"]', "asks = [[1]]", 7, "slot.0.asks", "is no instrument", "mood"),
    ('asks = ["mood"]', 'asks = ["mood", "mood"]', 7, "slot.0.asks", "named twice", "once"),
    ('asks = ["mood"]', 'asks = ["mood"]\n[thresholds]\nphq9_rize = 6', 9, "thresholds.phq9_rize", "no key", "_rise"),
    ('asks = ["mood"]', 'asks = ["mood"]\n[thresholds]\nphq9_rise = "6"', 9, "thresholds.phq9_rise", "fit", "integer"),
    ('asks = ["mood"]', 'asks = ["mood"]\n[thresholds]\nphq9_rise = -1', 9, "thresholds.phq9_rise", "fit", "greater"),
    ('asks = ["mood"]', 'asks = ["mood"]\n[thresholds]\ngad7_bands = [5, 5]', 9, "thresholds.gad7_bands", "rise", "of"),
    ('days = "1-14"', 'days = "-3--1"', 4, "slot", "nothing is asked after the first", "add a slot"),
    ('days = "1-14"', 'days = "1-14"\ninfusions = "first"', 4, "slot", "after the later", '"later"'),
    ('days = "1-14"', 'days = "1-14"\ninfusions = "all"', 7, "slot.0.infusions", "does not fit", "'first'"),
    ('asks = ["mood"]', 'asks = ["mood"]\n[escalation]\nred = 5', 9, "escalation.red", "no ladder", "repeat"),
    ('asks = ["mood"]', 'asks = ["mood"]\n[escalation.rot]', 8, "escalation.rot", "no key", "red, amber"),
    (
        'asks = ["mood"]',
        'asks = ["mood"]\n[escalation.red]\nsteps = [{ to = "primary" }]\nrepeat = "2m"',
        9,
        "escalation.red.steps.0",
        "no step",
        "after",
    ),
    (
        'asks = ["mood"]',
        'asks = ["mood"]\n[escalation.red]\nsteps = [{ to = "backup", after = "0s" }]\nrepeat = "0s"\nfollow_up = "1h"',
        10,
        "escalation.red.repeat",
        "cannot be nothing",
        "2m",
    ),
    ('name = "mood"', 'name = "mood"\nname = "x"', 6, "", "no TOML", "key = value"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "to", "number", "key", "sentence", "mend"), WRONG)
def test_a_problem_says_where_what_and_how_to_mend(
    line: str, to: str, number: int, key: str, sentence: str, mend: str
) -> None:
    found = problems(changed(line, to))
    assert [(each.source, each.line, each.key) for each in found] == [("x.toml", number, key)]
    assert sentence in found[0].sentence
    assert mend in found[0].mend
    assert str(found[0]).startswith(f"x.toml:{number}: ")
    assert found[0].mend not in str(found[0])  # whoever shows it says the mend apart


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = SMALL.replace('"14d"', '"x"').replace('"1-14"', '"y"').replace('["mood"]', '["z"]')
    assert [each.line for each in problems(text)] == [3, 6, 7]


LADDERS = """\
[escalation.red]
steps = [{ to = "primary", after = "0s" }, { to = "everyone", after = "3m" }]
repeat = "1m"
follow_up = "20m"
"""


def test_a_protocol_may_bring_ladders_of_its_own() -> None:
    own = parse(SMALL + LADDERS, "x").escalation
    red = own.ladder(Tier.RED)
    assert red is not None
    assert [(step.to, step.after) for step in red.steps] == [
        ("primary", timedelta(0)),
        ("everyone", timedelta(minutes=3)),
    ]
    assert (own.ladder(Tier.AMBER), parse(SMALL, "x").escalation.ladder(Tier.RED)) == (None, None)


def test_a_ladder_is_inherited_whole() -> None:
    bases = {"small": parse(SMALL + LADDERS, "x")}
    amber = LADDERS.replace("red", "amber")
    ours = parse('extends = "small"\nid = "ours"\n' + amber, "ours.toml", bases=bases)
    assert ours.escalation.red == bases["small"].escalation.red
    assert ours.escalation.amber is not None


def test_two_slots_need_two_names() -> None:
    again = '[[slot]]\nname = "mood"\nafter = "4h"\nasks = ["settle"]\n'
    assert "two slots are called 'mood'" in problems(SMALL + again)[0].sentence


def test_a_clinic_may_add_instruments() -> None:
    text = changed('["mood"]', '["mood", "our-pain-scale"]')
    assert "our-pain-scale" in parse(text, "x", instruments={"our-pain-scale"}).slots[0].asks
    assert "'our-pain-scale' is no instrument" in problems(text)[0].sentence


EXTENDS = """\
extends = "ketamine-14d"
id = "ours"
title = "Ours"
without = ["side-effects"]

[thresholds]
phq9_rise = 6

[[slot]]
name = "mood"
days = "1-7"
asks = ["mood"]

[[slot]]
name = "sleep"
days = "2"
asks = ["sleep"]
"""


def test_a_file_that_extends_another_says_only_what_differs() -> None:
    base = shipped()["ketamine-14d"]
    ours = parse(EXTENDS, "ours.toml", bases=shipped())
    assert [slot.name for slot in ours.slots] == ["settle", "mood", "week-1", "week-2", "sleep"]
    assert (ours.id, ours.window, ours.quiet_hours) == ("ours", base.window, base.quiet_hours)
    assert (ours.thresholds.phq9_rise, ours.thresholds.mood_fall) == (6, 3)
    mood = ours.slots[1]
    assert (mood.days, mood.optional, mood.remind_after) == (
        tuple(range(1, 8)),
        ("anxiety", "words"),
        timedelta(hours=3),
    )


@pytest.mark.parametrize(
    ("more", "line", "key", "mend"),
    [
        ('without = "week-1"', 3, "without", '["…"]'),
        ('without = ["week-9"]', 3, "without", "week-1"),
        ('without = ["mood"]\n[[slot]]\nname = "mood"\ndays = "1-9"', 3, "without", "drop its"),
        ('title = "x"\nwindow = "1h"', 4, "window", "lengthen"),
        ('[[slot]]\nname = "week-1"\ndays = "20"', 5, "slot.0.days", "lengthen"),
        ('window = "2d"\n[[slot]]\nname = "week-1"\nasks = ["mood"]', 3, "window", "lengthen"),
        ('title = "x"\nwithout = ["settle", "mood", "side-effects", "week-1", "week-2"]', 4, "without", "leave one"),
        ('[slot]\nname = "extra"', 3, "slot", "[[slot]]"),
        ('[[slots]]\nname = "extra"', 3, "slots", "[[slot]]"),
    ],
)
def test_what_cannot_be_laid_over_another_is_told_where_it_stands(more: str, line: int, key: str, mend: str) -> None:
    found = problems(f'id = "mine"\nextends = "ketamine-14d"\n{more}\n', bases=shipped())
    assert [(each.line, each.key) for each in found] == [(line, key)]
    assert mend in found[0].mend


def test_the_mend_of_an_empty_file_is_one() -> None:
    (mend,) = [each.mend for each in problems("") if each.key == "slot"]
    assert "[[slot]]" in mend


def test_a_file_that_extends_another_has_an_id_of_its_own() -> None:
    assert [(each.key, each.sentence) for each in problems('extends = "ketamine-14d"', bases=shipped())] == [
        ("id", "'id' is missing")
    ]


def test_a_version_is_never_inherited() -> None:
    third = {"ketamine-14d": replace(shipped()["ketamine-14d"], version=3)}
    assert parse(EXTENDS, "ours.toml", bases=third).version is None
    assert parse("version = 2\n" + EXTENDS, "ours.toml", bases=third).version == 2


def test_a_slot_that_is_placed_anew_leaves_its_old_place() -> None:
    ours = parse(EXTENDS.replace('days = "1-7"', 'after = "30h"'), "ours.toml", bases=shipped())
    assert (ours.slots[1].days, ours.slots[1].at, ours.slots[1].after) == ((), (), (timedelta(hours=30),))


def test_a_problem_in_what_extends_is_told_where_it_stands() -> None:
    assert [each.line for each in problems(EXTENDS.replace('"1-7"', '"x"'), bases=shipped())] == [11]
    assert [each.line for each in problems(EXTENDS.replace('["sleep"]', '["slep"]'), bases=shipped())] == [17]
    assert "choose from ketamine-14d" in problems(EXTENDS.replace("ketamine-14d", "other"), bases=shipped())[0].mend
    assert "without" in problems(EXTENDS.replace("side-effects", "nothing"), bases=shipped())[0].sentence


@settings(max_examples=60, deadline=None)
@given(protocols())
def test_plain_values_and_back_are_the_same_protocol(protocol: Protocol) -> None:
    assert from_data(json.loads(json.dumps(as_data(protocol)))) == protocol


def told(text: str) -> tuple[Problem, ...]:
    """What is wrong with a text, nothing if it is a protocol; any other error than a refusal comes through."""
    try:
        parse(text, "x.toml", bases=shipped())
    except ProtocolError as refused:
        return refused.problems
    return ()


values = st.sampled_from(
    ['""', '"x"', "5", "-1", "true", "[]", "[1]", '["x"]', "[[]]", "{}", "{a = 1}", "1.5", "1979-05-27"]
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 40), values, st.booleans())
def test_no_value_anywhere_breaks_the_reader(place: int, value: str, extends: bool) -> None:
    text = EXTENDS if extends else SMALL
    lines = text.splitlines()
    at = [number for number, line in enumerate(lines) if " = " in line]
    number = at[place % len(at)]
    lines[number] = f"{lines[number].partition(' = ')[0]} = {value}"
    found = told("\n".join(lines))
    assert all(each.sentence and each.mend and 1 <= each.line <= len(lines) for each in found)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.integers(0, len(SMALL)))
def test_no_text_breaks_the_reader(noise: str, place: int) -> None:
    text = SMALL[:place] + noise + SMALL[place:]
    assert all(1 <= each.line <= text.count("\n") + 1 for each in told(text))
