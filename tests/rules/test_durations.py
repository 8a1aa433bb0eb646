"""Durations are read as people write them, and written back the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("4h", timedelta(hours=4)),
        ("30m", timedelta(minutes=30)),
        ("5s", timedelta(seconds=5)),
        ("14d", timedelta(days=14)),
        ("1h30m", timedelta(minutes=90)),
        ("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("0s", timedelta(0)),
        ("90m", timedelta(minutes=90)),
        (" 4h ", timedelta(hours=4)),
    ],
)
def test_a_duration_is_read(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "4", "h", "-4h", "4 h", "30m1h", "1.5h", "4H", "٤h", "4h4h", "9999999d", 4, None, True]
)
def test_anything_else_is_refused_with_its_mend(text: object) -> None:
    with pytest.raises(ValueError, match=r"is no duration: write .*4h"):
        parse_duration(text)


@given(st.integers(0, 10**9))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("length", "text"), [(90, "1m30s"), (5400, "1h30m"), (1_209_600, "14d"), (0, "0s")])
def test_it_is_written_short(length: int, text: str) -> None:
    assert format_duration(timedelta(seconds=length)) == text


@pytest.mark.parametrize("length", [timedelta(seconds=-1), timedelta(milliseconds=1)])
def test_what_cannot_be_written_is_refused(length: timedelta) -> None:
    with pytest.raises(ValueError, match="round it"):
        format_duration(length)
