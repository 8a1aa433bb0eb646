"""`fortnight audit`: read the append-only record, and prove that nobody changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from app import database
from app.cli.desk import Desk, reading
from app.cli.printing import Shown, table
from services import anchoring, auditing, backups
from services.errors import Refused

group = typer.Typer(help="The audit: show, verify.", no_args_is_help=True)
COLUMNS = {"seq": "no.", "at": "at (UTC)", "who": "who", "action": "what", "subject": "about"}


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
async def verify(
    desk: Desk,
    against: Annotated[
        list[Path] | None, typer.Option("--against", help="A copy of the anchors, or a backup; may be repeated.")
    ] = None,
    link: Annotated[
        str | None, typer.Option("--link", help="What a ping carried as anchor: whether the anchors still hold it.")
    ] = None,
) -> Shown:
    """Check every hash chain of the audit, also against its anchors outside the database; exit 1 if one does not hold.

    Example: fortnight audit verify --against /mnt/safe/fortnight.anchors
    """
    file = database.anchors_path(desk.settings.database, desk.folder)
    beside = anchoring.read(file)
    if link is not None and link not in beside.links:
        raise Refused(f"{file} does not hold that link.", "look for a copy of the anchors that does")
    anchors = [beside.hashes, *(_anchors_in(desk, path) for path in against or ())]
    streams = await auditing.all_streams(desk.tx, anchors)
    broken = []
    for stream in track(streams, description="Checking", console=Console(stderr=True), transient=True):
        place = await auditing.breaks(desk.tx, stream, anchors)
        if place is not None:
            broken.append({"stream": stream, "seq": place})
    anchored = sum(len(each) for each in anchors)
    whole = f"All {len(streams)} chains hold, {anchored} ends of them against anchors."
    columns = {"stream": "stream", "seq": "first row that does not hold"}
    document = {"streams": len(streams), "anchored": anchored, "broken": broken}
    return Shown(document=document, people=table(broken, columns, empty=whole), code=1 if broken else 0)


def _anchors_in(desk: Desk, path: Path) -> anchoring.Anchored:
    if path.suffix == backups.SUFFIX:
        return anchoring.of_heads(backups.heads_in(path, desk.clinic.database.master))
    if not path.exists():
        raise Refused(f"There is no {path}.", "name a copy of the anchors, or a backup")
    return anchoring.read(path).hashes
