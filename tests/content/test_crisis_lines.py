"""Crisis lines: a clinic's own stand in place of its region's, in that region alone, and a check of them grows old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from content.crisis_lines import Own, crisis_lines, sources, unchecked, use

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def shipped_afterwards() -> Iterator[None]:
    yield
    use(None)


def test_a_clinics_own_lines_and_number_are_given_in_its_region_alone() -> None:
    before = crisis_lines("GB", "en")
    use(Own(region="ES", lines={"en": ("Ours",), "es": ("La nuestra",)}, emergency="061", checked_on=TODAY))
    for language, line in (("en", "Ours"), ("es", "La nuestra")):
        found = crisis_lines("ES", language)
        assert found is not None
        assert (found.lines, found.emergency) == ((line,), "061")
    assert crisis_lines("GB", "en") == before
    assert sources("ES") == {"source": "the clinic", "checked_on": "2026-11-20"}
    assert sources("GB")["checked_on"] == ""


def test_the_day_alone_leaves_the_shipped_lines_as_they_are() -> None:
    before = crisis_lines("ES", "es"), sources("ES")["source"]
    use(Own(region="ES", checked_on=TODAY))
    assert (crisis_lines("ES", "es"), sources("ES")["source"]) == before
    assert sources("ES")["checked_on"] == "2026-11-20"


@pytest.mark.parametrize(
    ("days", "why"), [(None, "never"), (0, None), (365, None), (366, "late"), (-1, None), (-2, "early")]
)
def test_a_check_counts_for_a_year(days: int | None, why: str | None) -> None:
    assert unchecked(None if days is None else TODAY - timedelta(days=days), TODAY) == why
