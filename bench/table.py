"""Prints what was measured: both sides, how they compare, and the bar that it must clear."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure: ours, the other side's, their ratio, what is asked for, and whether that is met."""

    what: str
    ours: str
    plain: str = ""
    ratio: str = ""
    bar: str = ""
    met: bool | None = None


def show(lines: Sequence[Line]) -> None:
    """Print a table, as Markdown."""
    print("| | Fortnight | plain | ratio | bar | |\n|---|---:|---:|---:|---|---|")
    for line in lines:
        verdict = {True: "met", False: "MISSED", None: ""}[line.met]
        print(f"| {line.what} | {line.ours} | {line.plain} | {line.ratio} | {line.bar} | {verdict} |", flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of them stays within."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def ms(seconds: float) -> str:
    """Milliseconds, for people."""
    return f"{1000 * seconds:.1f} ms"


def middle(values: Sequence[float]) -> float:
    """The median of several runs."""
    return statistics.median(values)
