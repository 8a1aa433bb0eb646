"""Makes the sentence of each finding that a clinician reads, with its figures and without the patient's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from content.messages import say


def sentence_of(found: Mapping[str, Any], language: str = "en") -> str:
    """One sentence for a finding: its `rule` and the figures of its detail.

    A rule without a sentence of its own gets that of the longest start of its name that has one, and a rule for free
    text its concept; a figure that is missing never keeps the finding from being told.
    """
    rule, figures = str(found["rule"]), _figures(found, language)
    told = _by_start(language, "finding", rule, figures)
    return told or say(language, "finding.other", concept=figures["concept"])


def _by_start(language: str, section: str, rule: str, figures: Mapping[str, str]) -> str | None:
    for start in _starts(rule):
        try:
            return say(language, f"{section}.{start}", **figures)
        except KeyError:
            continue
    return None


def _starts(rule: str) -> Iterator[str]:
    parts = rule.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def _figures(found: Mapping[str, Any], language: str) -> dict[str, str]:
    rule = str(found["rule"])
    shown = {name: _shown(value, found, language) for name, value in found.items()}
    return {"concept": _by_start(language, "concept", rule, {}) or rule.replace("-", " "), **shown}


def _shown(value: Any, found: Mapping[str, Any], language: str) -> str:
    """A figure as it is read: whole numbers without a point, lists with commas, code words in the language."""
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(each, found, language) for each in value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        try:
            return say(language, f"finding_word.{value}", day=found.get("day"))
        except KeyError:
            return value
    return str(value)
