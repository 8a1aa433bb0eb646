"""The mood chart as a picture, drawn by matplotlib in a process of its own, so that the engine neither waits nor grows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

WIDTH, HEIGHT, DPI = 7.2, 3.6, 130
LINE, DOT, INFUSION = "#2f6f8f", "#1d4457", "#b4552d"


def draw(params: Mapping[str, Any], axis: str) -> bytes:
    """A PNG of `points` [[local date, mood 0-10], …] with a dotted line at each of `infusions` [local date, …]."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    days = [date.fromisoformat(day) for day, _ in params["points"]]
    axes.plot(days, [mood for _, mood in params["points"]], color=LINE, marker="o", markerfacecolor=DOT, linewidth=2)
    for day in params["infusions"]:
        axes.axvline(date.fromisoformat(day), color=INFUSION, linestyle=":", linewidth=1.6)
    axes.set_ylim(-0.4, 10.4)
    axes.set_yticks(range(0, 11, 2))
    axes.set_ylabel(axis)
    locator = AutoDateLocator(minticks=3, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.grid(axis="y", alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
