"""How long it takes to load the screening, to read one message, and to read the worst that can be typed.

    python -m bench.screening [--quick]

All times are CPU time, which other work on the machine touches least. The other side is a list of keywords.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import sys
from collections.abc import Callable
from time import process_time

from bench.screening_model import CORPUS
from bench.table import Line, middle, ms, percentile, show
from content.screening import load, read
from rules.screening import screen

LOADING, MESSAGE, WORST = 0.3, 0.02, 0.05
LONGEST = 4096
LOAD_ONCE = "from time import process_time as t; from content.screening import load; b = t(); load(); print(t() - b)"
KEYWORDS = re.compile(
    r"suicid|kill my|end my life|want to die|self.?harm|overdose|hopeless|no reason to live", re.IGNORECASE
)


def worst_texts() -> dict[str, str]:
    """Texts of 4,096 characters that make the most work, each for another part."""
    hits = [text for rule in read()["rule"] for text in rule["hits"]]
    words = sorted({word for text in hits for word in text.split()})
    texts = {
        "one word": "kill " * 900,
        "one letter": "a" * LONGEST,
        "letters apart": "s u i c i d e " * 290,
        "every risk word": " ".join((words * 9)[::7]),
        "examples": ". ".join(hits),
        "examples in one sentence": " ".join(hits),
        "negations": "i do not want to not die or never kill me " * 100,
        "pronouns": "i " * 2048,
        "wildcards": "k*ll* " * 700,
        "unknown words": " ".join(f"sufcidx{number:03d}z" for number in range(400)),
        "lines": "a\n" * 2048,
        "short sentences": "i die. " * 600,
    }
    return {name: text[:LONGEST] for name, text in texts.items()}


def messages() -> list[str]:
    """What the corpus' authors wrote."""
    return [
        row["text"]
        for path in sorted(CORPUS.glob("author_*.csv"))
        for row in csv.DictReader(path.open(encoding="utf-8", newline=""))
    ]


def measure(loads: int, every: int, times: int) -> None:
    """Load so often, read each so many-th message, and each of the worst texts so often."""
    rules = load()
    read_one: Callable[[str], object] = lambda text: screen(text, rules)  # noqa: E731
    loading = middle([_loading() for _ in range(loads)])
    texts = messages()[::every]
    ours, plain = [_took(read_one, text) for text in texts], [_took(KEYWORDS.search, text) for text in texts]
    longest = {name: min(_took(read_one, text) for _ in range(times)) for name, text in worst_texts().items()}
    name = max(longest, key=longest.__getitem__)
    show(
        [
            _line("loading rules and weights", loading, None, LOADING),
            _line("one message: median", middle(ours), middle(plain), None),
            _line("one message: p99", percentile(ours, 0.99), percentile(plain, 0.99), MESSAGE),
            _line(f"the worst of 4,096 characters: {name}", longest[name], None, WORST),
            _line("the worst of 4,096 characters: median kind", middle(list(longest.values())), None, None),
        ]
    )


def _loading() -> float:
    """Loading in a process of its own, as at a start."""
    said = subprocess.run([sys.executable, "-c", LOAD_ONCE], capture_output=True, text=True, check=True)
    return float(said.stdout)


def _took(work: Callable[[str], object], text: str) -> float:
    began = process_time()
    work(text)
    return process_time() - began


def _line(what: str, ours: float, plain: float | None, bar: float | None) -> Line:
    return Line(
        what=what,
        ours=ms(ours),
        plain="" if plain is None else ms(plain),
        bar="" if bar is None else f"under {1000 * bar:.0f} ms",
        met=None if bar is None else ours < bar,
    )


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run, whose figures mean little")
    if parser.parse_args().quick:
        measure(1, 50, 1)
    else:
        measure(9, 1, 5)


if __name__ == "__main__":
    main()
