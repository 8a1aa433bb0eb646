"""docs/protocols.md says what is so: its example is right, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from content.protocols import shipped
from rules.protocol import INSTRUMENTS, ProtocolError, parse, schema

TEXT = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text("utf-8")
EXAMPLE = next(block for block in re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL) if "extends" in block)


def test_the_example_has_the_one_mistake_that_it_mends() -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(EXAMPLE, "our-series.toml", bases=shipped())
    assert [(each.line, each.key) for each in refused.value.problems] == [(9, "slot.0.at")]
    mended = parse(EXAMPLE.replace("6pm", "18:00"), "our-series.toml", bases=shipped())
    assert [slot.name for slot in mended.slots][-2:] == ["before", "month"]


def test_every_key_and_instrument_is_explained() -> None:
    found = schema()
    keys = {*found["properties"], *found["$defs"]["Slot"]["properties"]} - {"slot", "slots", "thresholds", "escalation"}
    explained = set(re.findall(r"`\"?([\w-]+)\"?`", TEXT))
    assert keys | INSTRUMENTS <= explained
