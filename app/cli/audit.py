"""`fortnight audit`: read the append-only record, and prove that nobody changed it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from app.cli.desk import Desk, reading
from app.cli.printing import Shown, table
from services import auditing

group = typer.Typer(help="The audit: show, verify.", no_args_is_help=True)
COLUMNS = {"seq": "no.", "at": "at (UTC)", "actor": "who", "action": "what", "subject": "about"}


@group.command("show")
@reading
async def show(
    desk: Desk,
    about: Annotated[str | None, typer.Argument(help="A patient (P-1042); staff and settings if none.")] = None,
) -> Shown:
    """Show the audit of a patient, or of the clinic's staff and settings.

    Example: fortnight audit show P-1042
    """
    entries = await auditing.entries(desk.tx, about)
    return Shown(document=entries, people=table(entries, COLUMNS, empty="Nothing yet."))


@group.command("verify")
@reading
async def verify(desk: Desk) -> Shown:
    """Check every hash chain of the audit; exit 1 if one does not hold.

    Example: fortnight audit verify
    """
    streams = await auditing.streams(desk.tx)
    broken = []
    for stream in track(streams, description="Checking", console=Console(stderr=True), transient=True):
        place = await auditing.first_break(desk.tx, stream)
        if place is not None:
            broken.append({"stream": stream, "seq": place})
    whole = f"All {len(streams)} chains hold."
    columns = {"stream": "stream", "seq": "first row that does not hold"}
    document = {"streams": len(streams), "broken": broken}
    return Shown(document=document, people=table(broken, columns, empty=whole), code=1 if broken else 0)
