"""Lifecycles, as tables."""

from __future__ import annotations

import pytest

from rules.lifecycle import KINDS, OUTCOMES, allowed


@pytest.mark.parametrize(
    ("kind", "way", "expected"),
    [
        ("alert", "open acknowledged", True),
        ("alert", "acknowledged closed", True),
        ("alert", "closed open", True),
        ("alert", "open closed", False),
        ("alert", "acknowledged open", False),
        ("checkin", "expired answered", True),
        ("checkin", "missed_by_us sent", True),
        ("checkin", "answered sent", False),
        ("checkin", "cancelled sent", False),
        ("course", "ended cancelled", True),
        ("course", "cancelled active", False),
        ("patient", "erased consented", False),
        ("patient", "paused consented", True),
    ],
)
def test_ways_between_states(kind: str, way: str, expected: bool) -> None:
    assert allowed(kind, *way.split()) is expected


def test_every_way_leads_to_a_state_and_unknown_words_are_refused() -> None:
    for states in KINDS.values():
        assert {to for ways in states.values() for to in ways} <= set(states)
    assert OUTCOMES == ("reached-safe", "reached-care", "not-reached", "no-concern")
    for wrong in (("slot", "open", "closed"), ("alert", "open", "done"), ("alert", "done", "open")):
        with pytest.raises(ValueError, match="take one of"):
            allowed(*wrong)
