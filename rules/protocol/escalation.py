"""The ladders of a protocol's own: whom the alerts of its courses page, where not as the configuration says."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic.dataclasses import dataclass

from rules.ladder import Ladder, parse, to_mapping
from rules.protocol.fields import CONFIG, LENGTH, problem
from rules.tier import Tier

_TEXT = {"type": "string"}
_TO = {**_TEXT, "pattern": r"\S"}
_STEP = {"type": "object", "properties": {"to": _TO, "after": LENGTH}, "required": ["to", "after"]}
_SCHEMA = {
    "type": "object",
    "properties": {
        "steps": {"type": "array", "items": {**_STEP, "additionalProperties": False}, "minItems": 1},
        "repeat": LENGTH,
        "follow_up": LENGTH,
        "remind_after": LENGTH,
        "accept_within": LENGTH,
        "source": _TEXT,
    },
    "required": ["steps", "repeat", "follow_up"],
    "additionalProperties": False,
}


def _ladder(raw: object) -> object:
    if isinstance(raw, Ladder):
        return raw
    if not isinstance(raw, dict):
        raise problem(f"{raw!r} is no ladder", mend="write steps, repeat and follow_up, as config.example.toml shows")
    try:
        return parse(raw)
    except ValueError as error:
        sentence, _, mend = str(error).rpartition(": ")
        raise problem(sentence, mend=mend, key=_blamed(raw, sentence)) from None


def _blamed(raw: dict[str, Any], sentence: str) -> str:
    """The key of a ladder that a sentence is about, "" for the ladder itself."""
    steps = raw["steps"] if isinstance(raw.get("steps"), list) else []
    for place, step in enumerate(steps):
        if repr(step) in sentence:
            return f"steps.{place}"
    named = (key for key, value in raw.items() if key in sentence or repr(value) in sentence)
    return next(named, "steps" if "step" in sentence and "steps" in raw else "")


def _mapping(ladder: Ladder) -> dict[str, Any]:
    return to_mapping(ladder)


_Ladder = Annotated[
    Ladder, BeforeValidator(_ladder), PlainSerializer(_mapping, when_used="unless-none"), WithJsonSchema(_SCHEMA)
]


@dataclass(frozen=True, slots=True, kw_only=True, config=CONFIG)
class Escalation:
    """A ladder for each tier that pages; None: the clinic's."""

    red: _Ladder | None = None
    amber: _Ladder | None = None

    def ladder(self, tier: Tier) -> Ladder | None:
        """The protocol's own ladder for a tier."""
        return {Tier.RED: self.red, Tier.AMBER: self.amber}.get(tier)
