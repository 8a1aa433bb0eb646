"""What the screening sees in authors that its model never read, and what an ordinary fortnight would ask of a clinic.

python -m bench.screening_left_out    leaves a fifth of the authors out of the training at a time; a quarter of an hour
"""

from __future__ import annotations

import csv
import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, repeat

from bench.screening_model import CORPUS, Row, as_data, chatter, corpus, questions
from content.screening import load, read
from rules.screening import RuleSet, screen
from rules.screening.model import read_model
from rules.tier import Tier

FOLDS = 5
SEEN = {"asked": Tier.NOTE, "flagged": Tier.AMBER, "paged": Tier.RED}
COLUMNS = (("red", "asked"), ("red", "flagged"), ("red", "paged"), ("amber", "asked"))
BENIGN = (("none", "asked"), ("none", "flagged"), ("none", "paged"))
BRIEF = 9  # words; the private set A is of so few

PATIENTS, DAYS, WRITING = 200, 14, 0.6  # the last: how likely a patient writes free text on a day
MIX = {  # of a hundred ordinary messages, so many of each kind
    ("ordinary", "everyday", "positive", "plan"): 72,
    ("side-effect", "dissociation"): 10,
    ("scheduling", "medical"): 8,
    ("idiom", "sarcasm", "quote"): 4,
    ("grief", "faith", "third-person", "relative"): 4,
    ("denial", "past"): 2,
}


@dataclass(frozen=True, slots=True)
class Read:
    """A text of an author left out, how many words it has, its label, and what was seen in it."""

    author: str
    words: int
    language: str
    label: str
    category: str
    seen: Tier


def left_out(rows: Sequence[Row], ordinary: Sequence[Row]) -> list[Read]:
    """Every text of every author, read by rules and a model that never saw that author."""
    with ProcessPoolExecutor() as pool:
        return list(chain.from_iterable(pool.map(_fold, range(FOLDS), repeat(rows), repeat(ordinary))))


def _fold(fold: int, rows: Sequence[Row], ordinary: Sequence[Row]) -> list[Read]:
    away = sorted(CORPUS.glob("author_*.csv"))[fold::FOLDS]
    authors = {path.stem.removeprefix("author_") for path in away}
    weights = as_data(questions([row for row in rows if row.author not in authors], ordinary))
    rules = replace(load(), model=read_model(weights | {"step": read()["model"]["step"]}))
    return [_read(each, rules) for path in away for each in csv.DictReader(path.open(encoding="utf-8", newline=""))]


def _read(row: Mapping[str, str], rules: RuleSet) -> Read:
    words = len(row["text"].split())
    return Read(row["author"], words, row["lang"], row["tier"], row["category"], screen(row["text"], rules).tier)


def share(hits: Sequence[bool]) -> str:
    """A share with its Wilson 95 % interval."""
    if not hits:
        return "–"
    count, spread = len(hits), 1.96**2 / len(hits)
    middle = sum(hits) / count
    half = 1.96 * math.sqrt(middle * (1 - middle) / count + spread / (4 * count)) / (1 + spread)
    centre = (middle + spread / 2) / (1 + spread)
    return f"{middle:.3f} [{max(centre - half, 0):.3f}, {centre + half:.3f}]"


def show(found: Sequence[Read]) -> None:
    """Print the shares by author, for the Spanish texts, by length, over all, and by kind of text."""
    print("| author | " + " | ".join(f"{label} {seen}" for label, seen in (*COLUMNS, *BENIGN)) + " |")
    print("|---|" + "---|" * len((*COLUMNS, *BENIGN)))
    authors = sorted({each.author for each in found})
    groups = {author: [each for each in found if each.author == author] for author in authors}
    groups["Spanish"] = [each for each in found if each.language == "es"]
    groups[f"up to {BRIEF} words"] = [each for each in found if each.words <= BRIEF]
    groups[f"more than {BRIEF} words"] = [each for each in found if each.words > BRIEF]
    for name, texts in (*groups.items(), ("**all**", found)):
        shares = [_share(texts, label, SEEN[seen]) for label, seen in (*COLUMNS, *BENIGN)]
        print(f"| {name} | " + " | ".join(shares) + " |")
    kinds = sorted({(each.label, each.category) for each in found})
    print("\n| label | kind | texts | asked | flagged | paged |\n|---|---|---:|---:|---:|---:|")
    for label, category in kinds:
        tiers = [each.seen for each in found if (each.label, each.category) == (label, category)]
        shares = [f"{sum(tier >= least for tier in tiers) / len(tiers):.2f}" for least in SEEN.values()]
        print(f"| {label} | {category} | {len(tiers)} | " + " | ".join(shares) + " |")


def _share(texts: Sequence[Read], label: str, least: Tier) -> str:
    return share([each.seen >= least for each in texts if each.label == label])


def page_load(found: Sequence[Read]) -> dict[str, float]:
    """False pages, ambers and questions in 100 patient-days of a clinic whose patients write only ordinary things."""
    kinds: dict[tuple[str, ...], list[Tier]] = defaultdict(list)
    for each in found:
        if each.label == "none":
            kinds[next(kind for kind in MIX if each.category in kind)].append(each.seen)
    chance = random.Random(1)
    days = PATIENTS * DAYS
    written = sum(chance.random() < WRITING for _ in range(days))
    drawn = chance.choices(list(MIX), weights=list(MIX.values()), k=written)
    tiers = [chance.choice(kinds[kind]) for kind in drawn]
    names = {Tier.RED: "false pages", Tier.AMBER: "ambers", Tier.NOTE: "questions only"}
    return {name: 100 * sum(seen == tier for seen in tiers) / days for tier, name in names.items()}


def main() -> None:
    """Print the left-out figures and the page load."""
    found = left_out(corpus(), chatter())
    show(found)
    print(f"\n{PATIENTS} patients, {DAYS} days, free text on {WRITING:.0%} of the days; per 100 patient-days:")
    for name, count in page_load(found).items():
        print(f"  {name}: {count:.2f}")


if __name__ == "__main__":
    main()
