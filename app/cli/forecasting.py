"""`fortnight protocol forecast`: what the thresholds of a file would have paged, from what patients answered."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from app import wiring
from app.cli.desk import Desk, reading
from app.cli.options import duration
from app.cli.printing import Shown, counted, table
from app.cli.protocols import FileArgument
from content import protocols
from rules.tier import Tier
from services import forecasting
from services.forecasting import Forecast, Page

PAGES = {"patient": "patient", "at": "at (UTC)", "tier": "tier", "reasons": "why", "with": "paged with"}
BOTH, FILE, AS_IT_IS = "both", "the file", "as it is"


@reading
async def forecast(
    desk: Desk,
    file: FileArgument,
    over: Annotated[str, typer.Option("--over", help="How far to look back, such as 30d.")] = "30d",
) -> Shown:
    """Say what the thresholds of a file would have paged, had they counted for what patients answered or left open.

    Example: fortnight protocol forecast mine.toml --over 30d
    """
    protocol = protocols.read(file, bases=wiring.known_protocols(desk.settings, desk.folder))
    found = await forecasting.forecast(desk.clinic, desk.tx, protocol, desk.now - duration(over), desk.now)
    rows = _rows(found)
    document = {
        "since": found.since.isoformat(),
        "judged": found.judged,
        "with_file": _counted(found.after),
        "as_it_is": _counted(found.before),
        "pages": rows,
    }
    sentence = (
        f"With {file.name} you would have paged {_in_words(found.after)} in the last {over}, "
        f"from {counted(found.judged, 'check-in')}; as it is, {_in_words(found.before)}."
    )
    return Shown(document=document, people=Group(Text(sentence), table(rows, PAGES, empty="")))


def _rows(found: Forecast) -> list[dict[str, Any]]:
    before, after = ({page.checkin: page for page in pages} for pages in (found.before, found.after))
    every = sorted({**before, **after}.values(), key=lambda page: page.at)
    return [
        {
            "patient": page.patient,
            "at": page.at.isoformat(),
            "tier": page.tier.word,
            "reasons": list(page.reasons),
            "with": AS_IT_IS if page.checkin not in after else BOTH if page.checkin in before else FILE,
        }
        for page in every
    ]


def _counted(pages: tuple[Page, ...]) -> dict[str, int]:
    red = sum(page.tier is Tier.RED for page in pages)
    return {"pages": len(pages), "red": red, "amber": len(pages) - red}


def _in_words(pages: tuple[Page, ...]) -> str:
    figures = _counted(pages)
    return f"{counted(figures['pages'], 'time')} ({figures['red']} red, {figures['amber']} amber)"
