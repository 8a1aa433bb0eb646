"""A small linear model that has read the corpus: it may raise a text above what the rules saw in it, never lower it."""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from math import sqrt
from typing import Any, NamedTuple

from rules.finding import Finding
from rules.screening.tokens import Token
from rules.screening.words import Break
from rules.tier import Tier

MODEL = "reads-like-risk"
"""The id of the model's finding."""
QUESTIONS = ("reply", "risk", "danger")
UNIT = 100  # a weight of 100 is 1 in log odds: whole numbers add up alike in any order
_LANE = 24  # bits a question in a packed number: room for the sums of any text
_STEM = 5
_RUN = 5  # sentences; a text of more is read in runs of so many
BRIEF = 40  # features, some twelve words: the fewer of these a run has, the more each of its words is worth
FEW = 16  # features: a run of fewer, some four words, says little, and is taken for one of so many


class Scores(NamedTuple):
    """Log odds that a text is a patient's reply at all, tells of risk, and tells of danger now.

    `brevity` is 0 for a text that is not brief, and at most 1.
    """

    reply: float
    risk: float
    danger: float
    brevity: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A tier, and the scores from which on a text is raised to it; a brief text needs up to `brief` less."""

    tier: Tier
    reply: float
    risk: float
    danger: float
    brief: float = 0.0

    def is_met(self, scores: Scores) -> bool:
        """Whether a text with these scores is raised: it must read like a reply, and like risk or danger."""
        less = self.brief * scores.brevity
        return scores.reply >= self.reply and (scores.risk >= self.risk - less or scores.danger >= self.danger - less)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Three questions asked at once: a bias each, and by feature a weight each, in hundredths, `packed`."""

    bias: Sequence[int]
    weights: Mapping[str, int]
    steps: tuple[Step, ...]

    def tier(self, tokens: Sequence[Token], findings: Collection[Finding]) -> Tier:
        """What the model would raise a text to, after what the rules found in it.

        Its most telling run of sentences counts, so that a benign sentence lowers nothing.
        """
        steps = sorted(self.steps, key=lambda step: step.tier)
        raised = Tier.NONE
        for scores in self.scores(tokens, findings):
            for place in range(len(steps) - 1, -1, -1):
                if steps[place].is_met(scores):
                    raised = steps[place].tier
                    steps = [step for step in steps[place + 1 :] if step.tier > raised]
                    break
        return raised

    def scores(self, tokens: Sequence[Token], findings: Collection[Finding]) -> Iterator[Scores]:
        """The scores of every run of up to five sentences, but for one that tells nothing new."""
        for growing in _runs(tokens, concepts(findings)):
            count = packed_sum = 0
            for features in growing:
                if not features:
                    continue
                count += len(features)
                packed_sum += sum(map(self.weights.get, features, repeat(0)))
                told = max(count, FEW)
                size = scale(told)
                sums = zip(self.bias, unpacked(packed_sum), strict=True)
                reply, risk, danger = ((bias + weight / size) / UNIT for bias, weight in sums)
                yield Scores(reply, risk, danger, max(0.0, 1 - told / BRIEF))


def read_model(data: Mapping[str, Any]) -> Model:
    """The model in `data`: its features in one line, and a packed number each, as base64 of 64 bits, the lowest first.

    So it is quick to read, and to add up.
    """
    steps = tuple(
        Step(
            tier=Tier.of(step["tier"]),
            reply=step["reply"],
            risk=step["risk"],
            danger=step["danger"],
            brief=step.get("brief", 0.0),
        )
        for step in data["step"]
    )
    numbers = array("q", b64decode(data["weights"]))
    if sys.byteorder == "big":
        numbers.byteswap()
    return Model(bias=data["bias"], weights=dict(zip(data["features"].split(","), numbers, strict=True)), steps=steps)


def packed(weights: Iterable[int]) -> int:
    """A weight for each question as one number, so that those of a text add up at one go."""
    return sum(weight << _LANE * place for place, weight in enumerate(weights))


def unpacked(number: int) -> Iterator[int]:
    """The weights, or sums of weights, that a number was packed of."""
    half = 1 << _LANE - 1
    for _ in QUESTIONS:
        weight = (number + half) % (2 * half) - half
        yield weight
        number = (number - weight) >> _LANE


def scale(count: int) -> float:
    """What a text's weights are divided by, so that long texts do not score high by length alone."""
    return sqrt(max(count, 1)) / 4


def concepts(findings: Iterable[Finding]) -> frozenset[str]:
    """What the rules found, as features: each rule, and each tier."""
    return frozenset(name for each in findings for name in (f"={each.rule}", f"={each.tier.name}"))


def runs(tokens: Sequence[Token], seen: Collection[str]) -> Iterator[set[str]]:
    """The features of every run of up to five sentences, and the concepts `seen` in the text with each."""
    for growing in _runs(tokens, seen):
        run: set[str] = set()
        for features in growing:
            run |= features
            yield set(run)


def features(tokens: Sequence[Token], seen: Collection[str]) -> set[str]:
    """The features of a whole text."""
    return {feature for sentence in _sentences(tokens) for feature in _features(_words(sentence))} | set(seen)


def _runs(tokens: Sequence[Token], seen: Collection[str]) -> Iterator[Iterator[set[str]]]:
    """From each sentence on, what that one and each of the next four add to the run that began there; each run once."""
    words = [_words(sentence) for sentence in _sentences(tokens)]
    told = {sentence: set(_features(sentence)) for sentence in set(words)}
    for run in dict.fromkeys(tuple(words[start : start + _RUN]) for start in range(len(words))):
        yield _growing([told[sentence] for sentence in run], set(seen))


def _growing(sentences: Iterable[set[str]], known: set[str]) -> Iterator[set[str]]:
    more = set(known)
    for sentence in sentences:
        yield more | (sentence - known)
        known |= sentence
        more = set()


def _words(sentence: Sequence[Token]) -> tuple[str, ...]:
    return tuple("#" if token.meant.isdigit() else token.meant for token in sentence)


def _features(words: Sequence[str]) -> Iterator[str]:
    """A sentence's words, their beginnings, and pairs of words that stand close."""
    yield from words
    yield from (f"{word[:_STEM]}~" for word in words if len(word) > _STEM)
    padded = ["^", *words, "$"]
    yield from (f"{one} {other}" for one, other in pairwise(padded))
    yield from (f"{one} _ {other}" for one, other in zip(padded, padded[2:], strict=False))


def _sentences(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    for place, token in enumerate(tokens, 1):
        if token.after >= Break.SENTENCE or place == len(tokens):
            yield tokens[start:place]
            start = place
