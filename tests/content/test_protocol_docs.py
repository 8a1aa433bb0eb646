"""docs/protocols.md says what is so: its example is right, and it names every key."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from content.protocols import shipped
from rules.clinic_hours import parse_clinic_hours
from rules.local_time import to_local
from rules.protocol import INSTRUMENTS, ProtocolError, parse, schema
from rules.series import instants

TEXT = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text("utf-8")
EXAMPLE = next(block for block in re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL) if "extends" in block)


def test_the_example_has_the_one_mistake_that_it_mends() -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(EXAMPLE, "our-series.toml", bases=shipped())
    assert [(each.line, each.key) for each in refused.value.problems] == [(9, "slot.0.at")]
    mended = parse(EXAMPLE.replace("6pm", "18:00"), "our-series.toml", bases=shipped())
    assert [slot.name for slot in mended.slots][-2:] == ["before", "month"]


def series(*holidays: str) -> list[int]:
    """The days of December on which the example's six would fall."""
    hours = parse_clinic_hours("mon-fri", ["09:00", "17:00"], "Europe/Madrid", holidays)
    return [to_local(each, hours.zone).day for each in instants(datetime(2026, 12, 7, 13, tzinfo=UTC), hours)]


def test_the_series_of_the_example_falls_on_the_days_that_it_shows() -> None:
    shown = re.findall(r"^\w{3} 2026-12-(\d\d) 14:00 +\w{8} +–$", TEXT, re.MULTILINE)
    assert [int(day) for day in shown] == [7, 10, 24]
    assert series() == [7, 10, 14, 17, 21, 24]
    assert "had 24 December been among its `clinic.holidays`, they would be Mondays and Fridays" in TEXT
    assert series("2026-12-24") == [7, 11, 14, 18, 21, 25]


def test_every_key_and_instrument_is_explained() -> None:
    found = schema()
    keys = {*found["properties"], *found["$defs"]["Slot"]["properties"]} - {"slot", "slots", "thresholds", "escalation"}
    explained = set(re.findall(r"`\"?([\w-]+)\"?`", TEXT))
    assert keys | INSTRUMENTS <= explained
