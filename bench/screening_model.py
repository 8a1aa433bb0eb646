"""Trains the screening's linear model on the corpus: the same weights, to the last digit, on every machine.

python -m bench.screening_model    writes content/screening/model.json
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from content.screening import load, read
from rules.screening import screen
from rules.screening.model import MODEL, QUESTIONS, UNIT, concepts, features, packed, runs, scale
from rules.screening.tokens import tokens

CORPUS = Path(__file__).resolve().parents[1] / "content" / "corpus"
TARGET = Path(__file__).resolve().parents[1] / "content" / "screening" / "model.json"
PASSES, RATE, DECAY = 12, 0.1, 0.01
SEEN = 4  # in so many texts a feature must stand: two fifths as many features, and nearly as good
SHRUNK = 0.03  # weights nearer to nought than this are left out
AMBER_AS_NOT_RED = 0.3
CHATTER = 0.1  # what a comment from elsewhere weighs beside a reply: it is all English, and would make Spanish a risk
BENIGN_AS_REPLY = 0.1  # the first question is to let risk through: benign replies weigh little in it
RUN = "/"  # parts the id of a text from the number of a run of it
RUNS = 1.0  # what all the runs of a benign text weigh together
TRAP = 4.0  # what a trap of a rule weighs, and a plain reply: few words, which are easily taken for more


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
    """What a training gives: a bias and a weight a feature, in hundredths."""

    bias: int
    by_feature: dict[str, int]


def corpus() -> list[Row]:
    """The authors' rows; the examples and traps of the rules as one more author, the plainest replies as another."""
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
            rows += _near_misses(f"{rule['id']}-{at}", "rules", text)
    with (CORPUS / "plain.csv").open(encoding="utf-8", newline="") as file:
        return rows + [row for each in csv.DictReader(file) for row in _near_misses(each["id"], "plain", each["text"])]


def _near_misses(row: str, author: str, text: str) -> Iterator[Row]:
    return (replace(each, weight=TRAP * each.weight) for each in _rows(row, author, "none", text))


def chatter() -> list[Row]:
    """Ordinary comments from elsewhere, to tell a patient's reply from talk about the world."""
    with (CORPUS / "ordinary.csv").open(encoding="utf-8", newline="") as file:
        return [row for each in csv.DictReader(file) for row in _rows(each["id"], "ordinary", "none", each["text"])]


def _rows(row: str, author: str, tier: str, text: str) -> Iterator[Row]:
    """A text as a row; and, as every run of sentences of a benign text is benign, each of these runs as well.

    What the rules find in their own examples says nothing of what they find elsewhere: there it is left out.
    """
    read_text = tokens(text, load().vocabulary)
    findings = () if author == "rules" else screen(text, load()).findings
    seen = concepts(each for each in findings if each.rule != MODEL and not each.rule.startswith("unreadable"))
    yield Row(row, author, tier, sorted(features(read_text, seen)))
    parts = [found for found in runs(read_text, seen) if tier == "none"]
    if len(parts) > 1:
        for at, found in enumerate(parts):
            yield Row(f"{row}{RUN}{at}", author, tier, sorted(found), RUNS / len(parts))


def train(rows: Iterable[tuple[Row, bool, float]]) -> Weights:
    """Logistic regression by AdaGrad over (row, answer, importance), in an order that the ids' hashes give.

    A feature counts if some texts have it: one that only several runs of one text have would be learnt by heart.
    """
    ordered = sorted(rows, key=lambda each: hashlib.sha256(each[0].id.encode()).hexdigest())
    counts = Counter(each for row, _, _ in ordered if RUN not in row.id for each in row.found)
    place = {each: at for at, each in enumerate(sorted(each for each, count in counts.items() if count >= SEEN))}
    data = [
        ([place[each] for each in row.found if each in place], scale(len(row.found)), yes, importance)
        for row, yes, importance in ordered
    ]
    weights, squares = [0.0] * len(place), [0.01] * len(place)
    bias, bias_squares = 0.0, 1e-8
    for _ in range(PASSES):
        for found, size, yes, importance in data:
            odds = bias + sum([weights[at] for at in found]) / size
            slope = (1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - yes) * importance
            bias_squares += slope * slope
            bias -= RATE * slope / math.sqrt(bias_squares)
            pulled, shrunk = slope / size, DECAY * importance
            for at in found:
                weight = weights[at]
                pull = pulled + shrunk * weight
                squares[at] += pull * pull
                weights[at] = weight - RATE * pull / math.sqrt(squares[at])
    kept = {each: round(weights[at] * UNIT) for each, at in place.items() if abs(weights[at]) >= SHRUNK}
    return Weights(round(bias * UNIT), kept)


def questions(rows: Sequence[Row], ordinary: Sequence[Row]) -> dict[str, Weights]:
    """The three questions: is it a reply of a patient, does it tell of risk, does it tell of danger now."""
    return {
        "reply": train((row, row.author != "ordinary", row.weight * _as_reply(row)) for row in (*rows, *ordinary)),
        "risk": train((row, row.tier != "none", row.weight * _as_risk(row)) for row in (*rows, *ordinary)),
        "danger": train((row, row.tier == "red", row.weight * _as_danger(row)) for row in (*rows, *ordinary)),
    }


def _as_reply(row: Row) -> float:
    return BENIGN_AS_REPLY if row.tier == "none" and row.author != "ordinary" else 1.0


def _as_risk(row: Row) -> float:
    return CHATTER if row.author == "ordinary" else 1.0


def _as_danger(row: Row) -> float:
    return AMBER_AS_NOT_RED if row.tier == "amber" else _as_risk(row)


def as_data(found: Mapping[str, Weights]) -> dict[str, Any]:
    """The weights as they are written, for `read_model`."""
    asked = [found[name] for name in QUESTIONS]
    features = sorted({feature for each in asked for feature in each.by_feature})
    numbers = [packed(each.by_feature.get(feature, 0) for each in asked) for feature in features]
    return {
        "bias": [each.bias for each in asked],
        "features": ",".join(features),
        "weights": b64encode(b"".join(number.to_bytes(8, "little", signed=True) for number in numbers)).decode(),
    }


def main() -> None:
    """Write the model."""
    model = json.dumps(as_data(questions(corpus(), chatter())), ensure_ascii=False, separators=(",", ":"))
    TARGET.write_text(model.replace(',"', ',\n"') + "\n", "utf-8")
    print(f"{TARGET.name}: {hashlib.sha256(TARGET.read_bytes()).hexdigest()[:32]}")


if __name__ == "__main__":
    main()
