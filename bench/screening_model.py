"""Trains the screening's linear model on the corpus: the same weights, to the last digit, on every machine.

python -m bench.screening_model            writes content/screening/model.json
python -m bench.screening_model --left-out prints, for each author, what a model that never saw that author finds
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from content.screening import load, read
from rules.screening import screen
from rules.screening.model import features, read_model, runs, scale
from rules.screening.tokens import tokens

CORPUS = Path(__file__).resolve().parents[1] / "content" / "corpus"
TARGET = Path(__file__).resolve().parents[1] / "content" / "screening" / "model.json"
PASSES, RATE, DECAY = 12, 0.1, 0.01
SHRUNK = 0.02  # weights nearer to nought than this are left out
AMBER_AS_NOT_RED = 0.3
ASKED = ("asked", "flagged", "paged")
RUNS = 1.0  # what all the runs of a benign text weigh together


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled text and its features."""

    id: str
    author: str
    tier: str
    found: list[str]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What a training gives: a bias and a weight a feature."""

    bias: float
    by_feature: dict[str, float]


def corpus() -> list[Row]:
    """The authors' rows, and the examples and traps of the rules as one more author."""
    rows = [
        row
        for path in sorted(CORPUS.glob("author_*.csv"))
        for each in csv.DictReader(path.open(encoding="utf-8", newline=""))
        for row in _rows(each["id"], each["author"], each["tier"], each["text"])
    ]
    for rule in read()["rule"]:
        tier = "red" if rule["tier"] == "red" else "amber"
        for at, text in enumerate(rule["hits"]):
            rows += _rows(f"{rule['id']}+{at}", "rules", tier, text)
        for at, text in enumerate(rule["traps"]):
            rows += _rows(f"{rule['id']}-{at}", "rules", "none", text)
    return rows


def chatter() -> list[Row]:
    """Ordinary comments from elsewhere, to tell a patient's reply from talk about the world."""
    with (CORPUS / "ordinary.csv").open(encoding="utf-8", newline="") as file:
        return [row for each in csv.DictReader(file) for row in _rows(each["id"], "ordinary", "none", each["text"])]


def _rows(row: str, author: str, tier: str, text: str) -> Iterator[Row]:
    """A text as a row; and, as every run of sentences of a benign text is benign, each of these runs as well."""
    read_text = tokens(text, load().vocabulary)
    yield Row(row, author, tier, features(read_text))
    parts = [found for found in runs(read_text) if tier == "none"]
    if len(parts) > 1:
        for at, found in enumerate(parts):
            yield Row(f"{row}/{at}", author, tier, list(found), RUNS / len(parts))


def train(rows: Iterable[tuple[Row, bool, float]]) -> Weights:
    """Logistic regression by AdaGrad over (row, answer, importance), in an order that the ids' hashes give."""
    ordered = sorted(rows, key=lambda each: hashlib.sha256(each[0].id.encode()).hexdigest())
    counts = Counter(each for row, _, _ in ordered for each in row.found)
    data = [
        ([each for each in row.found if counts[each] > 1], scale(len(row.found)), yes, importance)
        for row, yes, importance in ordered
    ]
    weights: dict[str, float] = {}
    squares: dict[str, float] = {}
    bias, bias_squares = 0.0, 1e-8
    for _ in range(PASSES):
        for found, size, yes, importance in data:
            odds = bias + sum(weights.get(each, 0.0) for each in found) / size
            slope = (1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - yes) * importance
            bias_squares += slope * slope
            bias -= RATE * slope / math.sqrt(bias_squares)
            for each in found:
                weight = weights.get(each, 0.0)
                pull = slope / size + DECAY * weight * importance
                squares[each] = squares.get(each, 0.01) + pull * pull
                weights[each] = weight - RATE * pull / math.sqrt(squares[each])
    kept = {each: round(weight, 2) for each, weight in sorted(weights.items()) if abs(weight) >= SHRUNK}
    return Weights(round(bias, 2), kept)


def questions(rows: Sequence[Row], ordinary: Sequence[Row]) -> dict[str, Weights]:
    """The three questions: is it a reply of a patient, does it tell of risk, does it tell of danger now."""
    return {
        "reply": train((row, row.author != "ordinary", row.weight) for row in (*rows, *ordinary)),
        "risk": train((row, row.tier != "none", row.weight) for row in rows),
        "danger": train((row, row.tier == "red", row.weight * _as_danger(row)) for row in rows),
    }


def _as_danger(row: Row) -> float:
    return AMBER_AS_NOT_RED if row.tier == "amber" else 1.0


def left_out(rows: Sequence[Row], ordinary: Sequence[Row]) -> None:
    """Print what rules and model together see in each author's texts, the model never having seen that author."""
    for path in sorted(CORPUS.glob("author_*.csv")):
        author = path.stem.removeprefix("author_")
        found = questions([row for row in rows if row.author != author], ordinary)
        rules = replace(load(), model=read_model(as_data(found) | {"step": read()["model"]["step"]}))
        with path.open(encoding="utf-8", newline="") as file:
            seen = [(each["tier"], screen(each["text"], rules).tier) for each in csv.DictReader(file)]
        for tier, least in (("red", 1), ("red", 2), ("red", 3), ("amber", 1), ("none", 1), ("none", 2), ("none", 3)):
            print(author, tier, ASKED[least - 1], share([got >= least for wanted, got in seen if wanted == tier]))


def share(hits: Sequence[bool]) -> str:
    """A share with its Wilson 95 % interval."""
    count, spread = len(hits), 1.96**2 / len(hits)
    middle = sum(hits) / count
    half = 1.96 * math.sqrt(middle * (1 - middle) / count + spread / (4 * count)) / (1 + spread)
    centre = (middle + spread / 2) / (1 + spread)
    return f"{middle:.3f} [{centre - half:.3f}, {centre + half:.3f}] of {count}"


def as_data(found: Mapping[str, Weights]) -> dict[str, Any]:
    """The weights as they are written."""
    return {name: {"bias": each.bias, "weights": each.by_feature} for name, each in found.items()}


def main() -> None:
    """Write the model, or print the author-left-out figures."""
    rows, ordinary = corpus(), chatter()
    if "--left-out" in sys.argv:
        left_out(rows, ordinary)
        return
    TARGET.write_text(
        json.dumps(as_data(questions(rows, ordinary)), ensure_ascii=False, sort_keys=True, indent=0) + "\n", "utf-8"
    )
    print(f"{TARGET.name}: {hashlib.sha256(TARGET.read_bytes()).hexdigest()[:32]}")


if __name__ == "__main__":
    main()
