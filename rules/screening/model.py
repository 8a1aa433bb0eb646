"""A small linear model that has read the corpus: it may raise a text above what the rules saw in it, never lower it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

from rules.screening.tokens import Token
from rules.screening.words import Break
from rules.tier import Tier

_STEM = 5
_RUN = 5  # sentences; a text of more is read in runs of so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question asked of a text, as plain weights by feature."""

    bias: float
    weights: Mapping[str, float]

    def score(self, found: Sequence[str]) -> float:
        """The log odds of a yes; `found` are the features of the text, each once, in a fixed order."""
        return self.bias + sum(self.weights.get(each, 0.0) for each in found) / scale(len(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A tier, and the scores from which on a text is raised to it: a reply of a patient, and risk or danger in it."""

    tier: Tier
    reply: float
    risk: float
    danger: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Three questions: does it read like a patient's reply, does it tell of risk, does it tell of danger now."""

    reply: Question
    risk: Question
    danger: Question
    steps: tuple[Step, ...]

    def tier(self, tokens: Sequence[Token]) -> Tier:
        """What the model would raise a text to: its most telling run of sentences counts, so that nothing lowers it."""
        return max((self._tier_of(found) for found in runs(tokens)), default=Tier.NONE)

    def _tier_of(self, found: Sequence[str]) -> Tier:
        reply, risk, danger = self.reply.score(found), self.risk.score(found), self.danger.score(found)
        met = (step.tier for step in self.steps if reply >= step.reply and (risk >= step.risk or danger >= step.danger))
        return max(met, default=Tier.NONE)


def read_model(data: Mapping[str, Any]) -> Model:
    """The model in `data`."""
    asked = {
        name: Question(bias=data[name]["bias"], weights=data[name]["weights"]) for name in ("reply", "risk", "danger")
    }
    steps = tuple(
        Step(tier=Tier.of(step["tier"]), reply=step["reply"], risk=step["risk"], danger=step["danger"])
        for step in data["step"]
    )
    return Model(**asked, steps=steps)


def scale(count: int) -> float:
    """What a text's weights are divided by, so that long texts do not score high by length alone."""
    return sqrt(max(count, 1)) / 4


def runs(tokens: Sequence[Token]) -> Iterator[Sequence[str]]:
    """The features, each once and in order, of every run of up to five sentences."""
    sentences = [set(_features(sentence)) for sentence in _sentences(tokens)]
    for start in range(len(sentences)):
        run: set[str] = set()
        for sentence in sentences[start : start + _RUN]:
            run |= sentence
            yield sorted(run)


def features(tokens: Sequence[Token]) -> list[str]:
    """The features of a whole text, each once and in order."""
    return sorted({feature for sentence in _sentences(tokens) for feature in _features(sentence)})


def _features(sentence: Sequence[Token]) -> Iterator[str]:
    """A sentence's words, their beginnings, and pairs of words that stand close."""
    words = ["#" if word.isdigit() else word for word in (next(iter(token.forms)) for token in sentence)]
    yield from words
    yield from (f"{word[:_STEM]}~" for word in words if len(word) > _STEM)
    padded = ["^", *words, "$"]
    yield from (f"{one} {other}" for one, other in pairwise(padded))
    yield from (f"{one} _ {other}" for one, other in zip(padded, padded[2:], strict=False))


def _sentences(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    for place, token in enumerate(tokens, 1):
        if token.after == Break.SENTENCE or place == len(tokens):
            yield tokens[start:place]
            start = place
