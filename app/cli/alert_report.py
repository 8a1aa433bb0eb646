"""`fortnight alert report`: how fast alerts were answered, by week and tier, as a table with small charts or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.desk import Desk, reading
from app.cli.options import INSTANT, instant
from app.cli.printing import Shown, table
from rules.alert_report import WAITS
from services import alert_report
from services.errors import Refused

SPAN = timedelta(weeks=12)
BLOCKS = "▁▂▃▄▅▆▇█"
COLUMNS = {
    "week": "week",
    "tier": "tier",
    "alerts": "alerts",
    "page": "to page",
    "acknowledge": "to acknowledge",
    "contact": "to contact",
    "unanswered": "unanswered",
    "climbs": "climbs",
    "false": "false",
}
CHARTS = {"acknowledge_median": "median to acknowledge", "contact_median": "median to contact", "alerts": "alerts"}


@reading
async def report(
    desk: Desk,
    from_at: Annotated[
        str | None, typer.Option("--from", help=f"Alerts opened since. {INSTANT} Else 12 weeks.")
    ] = None,
    to_at: Annotated[str, typer.Option("--to", help=f"Alerts opened before. {INSTANT}")] = "now",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, all times in seconds.")] = False,
) -> Shown:
    """Report by week and tier how long pages, acknowledgements and contacts took: median, and nine in ten.

    Example: fortnight alert report --from 2026-09-01T00:00+02:00 --csv
    """
    end = instant(to_at, desk.now)
    start = instant(from_at, desk.now) if from_at else end - SPAN
    if start >= end:
        raise Refused("The span of the report is empty.", "give a --from that is before --to")
    rows = await alert_report.lines(desk.clinic, desk.tx, start, end)
    return Shown(document=rows, people=Text(_csv(rows).rstrip()) if as_csv else _shown(rows))


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    outcomes = sorted({outcome for row in rows for outcome in row["outcomes"]})
    names = ["week", "tier", "alerts", *(f"{wait}_{which}" for wait in WAITS for which in ("median", "p90"))]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*names, "unanswered", "climbs", "false", *outcomes])
    for row in rows:
        figures = [row[name] for name in (*names, "unanswered", "climbs", "false")]
        writer.writerow([*figures, *(row["outcomes"].get(outcome, 0) for outcome in outcomes)])
    return written.getvalue()


def _shown(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    shown = [{**row, **{wait: _spread(row, wait) for wait in WAITS}} for row in rows]
    found = table(shown, COLUMNS, empty="No alerts in that time.")
    return Group(found, *_charts(rows)) if rows else found


def _spread(row: Mapping[str, Any], wait: str) -> str | None:
    median, p90 = row[f"{wait}_median"], row[f"{wait}_p90"]
    return None if median is None else f"{_length(median)} / {_length(p90)}"


def _charts(rows: Sequence[Mapping[str, Any]]) -> list[Text]:
    """A row of blocks for each tier and figure, a block a week, oldest first; none where a week has no figure."""
    charts = []
    for tier in dict.fromkeys(row["tier"] for row in rows):
        for key, title in CHARTS.items():
            values = [row[key] for row in rows if row["tier"] == tier]
            charts.append(Text(f"{tier:6}{title:24}{_blocks(values)}"))
    return [Text(""), *charts]


def _blocks(values: Sequence[float | None]) -> str:
    highest = max((value for value in values if value is not None), default=0) or 1
    return "".join(" " if value is None else BLOCKS[round(value / highest * (len(BLOCKS) - 1))] for value in values)


def _length(seconds: float) -> str:
    """Such as 40 s, 3 min, 2.5 h."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
