"""The mood chart as a picture, drawn by matplotlib in a process of its own: the engine neither waits nor grows."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

PATIENCE = 30.0  # seconds
WIDTH, HEIGHT, DPI = 7.2, 3.6, 130
LINE, DOT, INFUSION = "#2f6f8f", "#1d4457", "#b4552d"


async def draw_aside(figures: Mapping[str, Any]) -> bytes:
    """The PNG of `figures`, drawn by a process that ends with it; raises ChildProcessError when it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.chart", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        picture, _ = await asyncio.wait_for(process.communicate(json.dumps(dict(figures)).encode()), PATIENCE)
    except BaseException:
        process.kill()
        raise
    if process.returncode or not picture:
        raise ChildProcessError("the chart could not be drawn")
    return picture


def draw(figures: Mapping[str, Any]) -> bytes:
    """A PNG of `points` [[local date, mood 0-10], …] with a dotted line at each of `infusions` [local date, …]."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    days = [date2num(date.fromisoformat(day)) for day, _ in figures["points"]]
    axes.plot(days, [mood for _, mood in figures["points"]], color=LINE, marker="o", markerfacecolor=DOT, linewidth=2)
    for day in figures["infusions"]:
        axes.axvline(date2num(date.fromisoformat(day)), color=INFUSION, linestyle=":", linewidth=1.6)
    axes.set_ylim(-0.4, 10.4)
    axes.set_yticks(range(0, 11, 2))
    axes.set_ylabel(figures["axis"])
    locator = AutoDateLocator(minticks=3, maxticks=8)
    axes.xaxis_date()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.grid(axis="y", alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
