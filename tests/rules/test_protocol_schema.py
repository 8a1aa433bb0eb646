"""The JSON Schema for editors judges a protocol file as the reader does, as far as a schema can."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from random_protocols import protocols

from rules.protocol import Protocol, as_data, from_data, schema

SCHEMA = Draft202012Validator(schema())
SLOT = schema()["$defs"]["Slot"]


@settings(max_examples=60, deadline=None)
@given(protocols())
def test_the_schema_takes_what_the_reader_takes(protocol: Protocol) -> None:
    assert SCHEMA.is_valid(as_data(protocol))


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("asks", "mood", True),
        ("asks", ["mod"], False),
        ("days", "-2 to 1", True),
        ("days", ["1-3", 5], True),
        ("days", "tomorrow", False),
        ("at", ["09:00", "preferred"], True),
        ("at", "6pm", False),
        ("at", "23:59", True),
        ("at", "24:00", False),
        ("at", ["09:00", "09:60"], False),
        ("after", ["4h", "24h"], True),
        ("remind_after", "3 hours", False),
        ("expires_after", "1h30m", True),
    ],
)
def test_the_schema_judges_a_slot_as_the_reader_does(key: str, value: object, fits: bool) -> None:
    slot = {"name": "x", "asks": ["sleep"], key: value}
    slot |= {} if {"days", "after"} & slot.keys() else {"days": "1"}
    file = {"id": "mine", "title": "Mine", "window": "14d", "slot": [slot]}
    assert SCHEMA.is_valid(file) is fits
    with nullcontext() if fits else pytest.raises(ValidationError):
        from_data(file)


FILE = {"id": "mine", "title": "Mine", "window": "14d", "slot": [{"name": "x", "asks": ["sleep"], "days": "1"}]}
LADDER = {"steps": [{"to": "primary", "after": "0s"}], "repeat": "2m", "follow_up": "1h"}


@pytest.mark.parametrize(
    ("hours", "fits"),
    [
        (["21:00", "08:00"], True),
        (["21:00", "24:00"], True),
        ([], True),
        (["24:00", "08:00"], False),
        (["21:00"], False),
        (["21:00", "08:00", "09:00"], False),
        (["21:00", "25:00"], False),
    ],
)
def test_the_schema_judges_quiet_hours_as_the_reader_does(hours: list[str], fits: bool) -> None:
    file = {**FILE, "quiet_hours": hours}
    assert SCHEMA.is_valid(file) is fits
    with nullcontext() if fits else pytest.raises(ValidationError):
        from_data(file)


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({"accept_within": "10m"}, True),
        ({"remind_after": "10m", "source": "us"}, True),
        ({"accept_within": "soon"}, False),
        ({"repeat": "often"}, False),
        ({"accept": "10m"}, False),
        ({"steps": [{"to": " ", "after": "0s"}]}, False),
    ],
)
def test_the_schema_judges_a_ladder_as_the_reader_does(more: dict[str, object], fits: bool) -> None:
    file = {**FILE, "escalation": {"red": {**LADDER, **more}}}
    assert SCHEMA.is_valid(file) is fits
    with nullcontext() if fits else pytest.raises(ValidationError):
        from_data(file)


def test_the_schema_has_defaults_that_a_file_may_have() -> None:
    found = schema()
    for name, table in (("quiet_hours", found), ("phq9_every", found), ("jitter", found), ("expires_after", SLOT)):
        value = table["properties"][name]["default"]
        assert SCHEMA.evolve(schema=table["properties"][name]).is_valid(value)
    assert found["properties"]["quiet_hours"]["default"] == ["21:00", "08:00"]


def test_the_schema_names_every_key_of_a_file() -> None:
    found = schema()
    assert {"id", "title", "window", "slot", "quiet_hours", "thresholds"} <= found["properties"].keys()
    assert {"extends", "without"} <= found["properties"].keys()
    assert found["additionalProperties"] is False
    assert (found["required"], found["anyOf"][1]) == (["id"], {"required": ["extends"]})
