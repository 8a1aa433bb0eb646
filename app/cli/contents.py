"""`fortnight content`: what patients read, for whoever signs it off."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group

from app import config, wiring
from app.cli.desk import bare
from app.cli.printing import Shown, table, written
from content import instruments
from content.files import told
from content.wordings import Wordings, hard_to_read

group = typer.Typer(help="What patients read: review.", no_args_is_help=True)
MESSAGES = {"key": "key", "en": "English", "es": "Español"}
LINES = {"region": "region", "emergency": "emergency", "en": "lines", "source": "source", "checked_on": "checked on"}


@group.command("review")
@bare
async def review(
    path: Path | None,
    html: Annotated[Path | None, typer.Option("--html", help="Write it there, to print and to sign.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="The same as a PDF; Letter where the region is US.")] = None,
) -> Shown:
    """Show every message, crisis line and question that patients read, the clinic's own wordings among them.

    Example: fortnight content review --pdf review.pdf
    """
    from content.pages import page
    from content.review import review as reviewed

    name, region, own = "Fortnight", None, Wordings()
    if config.is_there(path, config.environment()):
        settings, folder = config.load(path, config.environment())
        own = wiring.say_its_own(settings, folder)
        wiring.use_instruments(settings, folder)
        name, region = settings.clinic.name, settings.clinic.region
    document = reviewed(instruments.load(), region)
    files = [str(file) for file in (html, pdf) if file is not None]
    parts = [table(document["crisis_lines"], LINES, empty=""), "", table(document["messages"], MESSAGES, empty="")]
    if files:
        parts = [f"Everything that patients read is in {' and in '.join(files)}."]
    said = [told(each) for each in (*own.problems, *hard_to_read(own))]
    parts += [f"{sentence} Mend: {mend}." for sentence, mend in said]
    if html is not None:
        written(html, page("review", clinic=name, **document))
    if pdf is not None:
        from content.review_pdf import review_pdf  # slow to import, and nothing else needs it

        written(pdf, review_pdf(document, clinic=name, paper="letter" if region == "US" else "a4"))
    return Shown(document=document, people=Group(*parts))
