"""Whatever may stand in the way of a page has its sentence and its mend."""

from __future__ import annotations

import re

import pytest

from content.readiness import codes, sentence_and_mend
from services import readiness

FIGURES = {
    "staff": "S-1",
    "level": "backup",
    "steps": "S-9",
    "count": "2",
    "from": "2026-05-04",
    "to": "2026-05-05",
    "part": "tick",
    "versions": "a 1",
    "since": "ever",
    "region": "ES",
    "on": "2025-01-01",
    "where": "config.toml:9: instruments.licensed",
    "names": "'my-scal'",
}


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_says_what_is_wrong_and_what_mends_it(code: str) -> None:
    sentence, mend = sentence_and_mend(code, **FIGURES)
    assert sentence.endswith(".")
    assert "{" not in sentence + mend
    assert mend


def test_all_that_readiness_finds_has_a_sentence() -> None:
    found = re.findall(r"[a-z]+(?:-[a-z]+)+", (readiness.problems.__doc__ or "").partition("Codes:")[2])
    assert set(found) >= {"no-clinician", "rota-gaps"}
    assert set(found) <= codes()
