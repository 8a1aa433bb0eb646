"""All that patients read as one document, for a clinician to go through and sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.crisis_lines import crisis_lines, regions, sources
from content.files import toml_of
from content.messages import FOLDER, LANGUAGES, shipped, standing
from content.reading_level import too_hard
from content.wordings import FOR_PATIENTS
from rules.instrument import Instrument

ENGLISH = FOLDER / LANGUAGES[0]
SECTIONS = {"patient": "patient.toml", "crisis": "patient.toml"}  # what patients read, and where its order stands
SECTIONS |= {"command_stranger": "commands.toml", "command_patient": "commands.toml"}


def review(instruments: Mapping[str, Instrument], region: str | None = None) -> dict[str, Any]:
    """{messages, crisis_lines, instruments} as JSON values; of one region's lines if it is named."""
    wanted = [region] if region else regions()
    return {
        "messages": [_message(key) for key in _keys()],
        "crisis_lines": [_lines(each) for each in wanted],
        "instruments": [_instrument(each) for each in instruments.values()],
    }


def _keys() -> list[str]:
    """The keys of what patients read, in the order of the files."""
    return [f"{section}.{key}" for section, file in SECTIONS.items() for key in toml_of(ENGLISH / file)[section]]


def _message(key: str) -> dict[str, Any]:
    texts = {language: standing(language, key) for language in LANGUAGES}
    own = [language for language in LANGUAGES if texts[language] != shipped(language, key)]
    hard = [language for language in own if too_hard(language, texts[language]) and key.startswith(FOR_PATIENTS)]
    return {"key": key, **texts, "own": own, "hard": hard}


def _lines(region: str) -> dict[str, Any]:
    found = {language: crisis_lines(region, language) for language in LANGUAGES}
    said = {language: list(each.lines) if each else [] for language, each in found.items()}
    first = found[LANGUAGES[0]]
    return {"region": region, "emergency": first.emergency if first else None, **said, **sources(region)}


def _instrument(instrument: Instrument) -> dict[str, Any]:
    return {
        "id": instrument.id,
        "title": dict(instrument.titles),
        "licence": instrument.licence,
        "credit": instrument.credit,
        "source": instrument.source,
        "recall": dict(instrument.recall),
        "scoring": instrument.scoring,
        "bands": list(instrument.bands),
        "items": [
            {
                "id": item.id,
                "optional": item.optional,
                "text": dict(item.texts),
                "choices": [{"value": each.value, **each.labels} for each in item.options] if not item.is_scale else [],
                "scale": [item.low, item.high] if item.is_scale else None,
            }
            for item in instrument.items
        ],
    }
