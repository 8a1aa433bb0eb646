"""Hundreds of broken protocol files: each is refused on the right line, none crashes, none starts a clinic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from content import protocols
from rules.protocol import Problem, ProtocolError, line_in, parse, warnings

FOLDER = Path(protocols.__file__).parent
WHOLE = (
    (FOLDER / "ketamine-14d.toml").read_text("utf-8").replace('"ketamine-14d"', '"mine"')
    + """
[escalation.red]
steps = [{ to = "primary", after = "0s" }, { to = "everyone", after = "5m" }]
repeat = "2m"
follow_up = "60m"
remind_after = "30m"

[[slot]]
name = "before"
days = "-2 to -1"
at = ["09:00", "18:00"]
asks = ["mood", "phq9"]
infusions = "first"
"""
)
LINES = WHOLE.splitlines()
KEY = re.compile(r"([\w-]+) = (\S.*?)\s*(?:#.*)?")
KEYS = [(number, found[1], found[2]) for number, line in enumerate(LINES, start=1) if (found := KEY.fullmatch(line))]
VALUES = ('"§ no such thing"', "-1", "1979-05-27", "[[1]]", "{ a = 1 }", "true")
FITS = {("title", VALUES[0]), ("summary", "true"), ("days", "-1")}


def with_line(number: int, line: str) -> str:
    return "\n".join([*LINES[: number - 1], line, *LINES[number:]])


def wrong_values() -> Iterator[tuple[int, str]]:
    for number, key, _ in KEYS:
        yield from ((number, with_line(number, f"{key} = {value}")) for value in VALUES if (key, value) not in FITS)


def wrong_words() -> Iterator[tuple[int, str]]:
    """Each key misspelled, each line written twice, each quote or bracket left open, each value forgotten."""
    for number, key, value in KEYS:
        yield number, with_line(number, f"{key}x = {value}")
        yield number + 1, with_line(number, f"{key} = {value}\n{key} = {value}")
        yield number, with_line(number, f"{key} =")
        if value[-1] in "\"'":
            yield number, with_line(number, f"{key} = {value[:-1]}")


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ProtocolError) as refused:
        parse(text, "mine.toml")
    return refused.value.problems


def test_the_file_that_is_broken_below_is_right() -> None:
    assert parse(WHOLE, "mine.toml").id == "mine"
    assert len(KEYS) > 60
    assert len([*wrong_values(), *wrong_words()]) > 700


def test_every_wrong_value_is_told_on_its_line() -> None:
    for number, text in wrong_values():
        found = problems(text)
        assert number in [each.line for each in found], text.splitlines()[number - 1]
        assert all(each.sentence and each.mend for each in found)


def test_every_wrong_word_is_told_on_its_line() -> None:
    for number, text in wrong_words():
        assert number in [each.line for each in problems(text)], text.splitlines()[number - 1]


@pytest.mark.parametrize(
    "text", ["", "\x00", "[" * 100_000, "id = " + "[" * 100_000, "slot = 5", "[slot.name]", "[[slot.x]]", "=", "\ufeff"]
)
def test_what_is_no_protocol_at_all_is_refused(text: str, tmp_path: Path) -> None:
    assert all(each.line == 1 for each in problems(text))
    (tmp_path / "x.toml").write_text(text, "utf-8")
    with pytest.raises(ProtocolError):
        protocols.load(tmp_path)


def test_a_key_that_is_needed_is_missed_where_it_should_be() -> None:
    for number, key, _ in KEYS:
        text = with_line(number, "")
        if key in ("id", "title", "window"):
            assert [(each.line, each.key) for each in problems(text)] == [(1, key)]
        elif key in ("name", "asks"):
            head = max(n for n, line in enumerate(LINES[: number - 1], start=1) if line.startswith("[[slot]]"))
            assert [(each.line, each.key[-4:]) for each in problems(text)] == [(head, key)]


BY_HAND = [
    (1, "[slot]"),
    (1, '[[slots]]\nname = "x"\ndays = "1"\nasks = ["mood"]'),
    (4, '# one\u2028line\n[[slot]]\nname = "x"\nafter = "1 h"\nasks = ["mood"]'),
    (2, '[[slot]]\nname = "x y"\nafter = "1h"\nasks = ["mood"]'),
    (3, '[[slot]]\nname = "x"\nafter = "1 h"\nasks = ["mood"]'),
    (3, '[[slot]]\nname = "x"\nafter = ["1h", "x"]\nasks = ["mood"]'),
    (3, '[[slot]]\nname = "x"\nafter = "20d"\nasks = ["mood"]'),
    (3, '[[slot]]\nname = "x"\ndays = "3-1"\nasks = ["mood"]'),
    (3, '[[slot]]\nname = "x"\ndays = "1-40"\nasks = ["mood"]'),
    (3, '[[slot]]\nname = "x"\ndays = "1-400"\nasks = ["mood"]'),
    (3, '[[slot]]\nname = "x"\ndays = "-99"\nasks = ["mood"]'),
    (4, '[[slot]]\nname = "x"\ndays = "1"\nat = "8:00"\nasks = ["mood"]'),
    (4, '[[slot]]\nname = "x"\ndays = "1"\nat = "prefered"\nasks = ["mood"]'),
    (4, '[[slot]]\nname = "x"\ndays = "1"\nat = ["08:00", "24:00"]\nasks = ["mood"]'),
    (4, '[[slot]]\nname = "x"\nafter = "1h"\nat = "08:00"\nasks = ["mood"]'),
    (4, '[[slot]]\nname = "x"\ndays = "1"\nasks = ["phq-9"]'),
    (4, '[[slot]]\nname = "x"\ndays = "1"\nasks = []'),
    (5, '[[slot]]\nname = "x"\ndays = "1"\nasks = ["mood"]\noptional = ["mood"]'),
    (5, '[[slot]]\nname = "x"\ndays = "1"\nasks = ["mood"]\nexpires_after = "0h"'),
    (5, '[[slot]]\nname = "x"\ndays = "1"\nasks = ["mood"]\nremind_after = "24h"'),
    (5, '[[slot]]\nname = "x"\ndays = "1"\nasks = ["mood"]\nsummary = "yes"'),
    (5, '[[slot]]\nname = "x"\ndays = "1"\nasks = ["mood"]\ninfusions = "boosters"'),
    (2, '[[slot]]\nname = "mood"\ndays = "1"\nasks = ["mood"]'),
    (1, '[[slot]]\nname = "x"\nasks = ["mood"]'),
    (1, '[[slot]]\nname = "x"\ndays = "1"\nafter = "1h"\nasks = ["mood"]'),
    (2, "[thresholds]\nphq9_rise = 101"),
    (2, "[thresholds]\nmissed_amber = 0"),
    (2, "[thresholds]\nitem9_questions = 0"),
    (2, "[thresholds]\nphq9_bands = [20, 10]"),
    (2, "[thresholds]\nresponse_fall = 1.5"),
    (2, '[thresholds]\nitem9_red_after = "soon"'),
    (2, "[thresholds]\nmood_fal = 3"),
    (1, "[treshold]\nmood_fall = 3"),
    (2, "[escalation]\nred = []"),
    (1, "[escalation.red]\n"),
    (2, '[escalation.red]\nsteps = []\nrepeat = "2m"\nfollow_up = "1h"'),
    (3, '[escalation.red]\nsteps = [{ to = "primary", after = "0s" }]\nrepeat = "0s"\nfollow_up = "1h"'),
    (
        4,
        '[escalation.red]\nsteps = [\n{ to = "primary", after = "0s" },\n{ to = "x" },\n]\nrepeat = "2m"',
    ),
    (2, '[escalation.red]\nsteps = [{ to = "", after = "0s" }]\nrepeat = "2m"\nfollow_up = "1h"'),
    (2, '[escalation.amber]\nsteps = [{ to = "primary", at = "0s" }]\nrepeat = "2m"\nfollow_up = "1h"'),
    (5, '[escalation.red]\nsteps = [{ to = "primary", after = "0s" }]\nrepeat = "2m"\nfollow_up = "1h"\nremind = "5m"'),
]
HEAD = 'id = "mine"\ntitle = "Mine"\nwindow = "14d"\n[[slot]]\nname = "mood"\ndays = "1-14"\nasks = ["mood"]\n'


@pytest.mark.parametrize(("line", "more"), BY_HAND)
def test_what_people_get_wrong_is_told_on_its_line(line: int, more: str) -> None:
    assert line + HEAD.count("\n") in [each.line for each in problems(HEAD + more)]


UNWISE = [
    ('days = "1-14"', 'days = "1-14"\nat = "22:30"', "in-quiet-hours", 7),
    ('days = "1-14"', 'days = "1-14"\nat = ["10:00", "10:30"]', "crowded", 4),
    ('days = "1-14"', 'days = "-1 to 14"', "baseline-again", 6),
    ('asks = ["mood"]', 'asks = ["mood"]\noptional = ["phq9"]', "phq9-recall", 7),
]


@pytest.mark.parametrize(("line", "to", "code", "number"), UNWISE)
def test_what_is_unwise_is_told_on_its_line(line: str, to: str, code: str, number: int) -> None:
    text = HEAD.replace(line, to)
    protocol = parse(text, "mine.toml")
    assert number in [line_in(text, protocol, each.key) for each in warnings(protocol) if each.code == code]


def test_no_clinic_starts_with_any_of_them(tmp_path: Path) -> None:
    every = [text for _, text in (*wrong_values(), *wrong_words())][::5]
    for text in every:
        (tmp_path / "mine.toml").write_text(text, "utf-8")
        with pytest.raises(ProtocolError):
            protocols.load(tmp_path)
