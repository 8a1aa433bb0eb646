"""`fortnight drill`: pages with no patient behind them, and how long each took to be answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from app.cli.desk import ACTOR, Desk, reading, writing
from app.cli.options import INSTANT, instant
from app.cli.printing import Shown, table
from services import drills, people

group = typer.Typer(help="Drills: send, list.", no_args_is_help=True)
BEFORE = timedelta(days=30)
SENT = {"staff": "staff", "name": "name"}
COLUMNS = {
    "staff": "staff",
    "why": "why",
    "level": "level",
    "asked_at": "asked (UTC)",
    "seconds": "answered after, s",
    "missed": "late or never",
}


@group.command("send")
@writing
async def send(
    desk: Desk,
    staff: Annotated[
        list[str] | None, typer.Option("--staff", metavar="STAFF", help="Once for each; all clinicians if none.")
    ] = None,
) -> Shown:
    """Drill clinicians now; coordinators are told of whoever does not answer in time.

    Example: fortnight drill send --staff S-1
    """
    chosen = [await people.responder(desk.tx, name) for name in staff] if staff else None
    sent = await drills.send_to(desk.clinic, desk.tx, chosen, actor=ACTOR, now=desk.now)
    lines = [{"staff": member.alias, "name": member.name} for member in sent]
    return Shown(document=lines, people=table(lines, SENT, empty="Nobody can be reached: `fortnight staff list`."))


@group.command("list")
@reading
async def show(
    desk: Desk,
    since: Annotated[str | None, typer.Option("--since", help=f"{INSTANT} 30 days ago if not given.")] = None,
) -> Shown:
    """List the drills with how long each took to be answered, those at the start of a shift among them.

    Example: fortnight drill list --since 2026-11-02T00:00+01:00
    """
    lines = await drills.lines(desk.tx, instant(since, desk.now) if since else desk.now - BEFORE)
    return Shown(document=lines, people=table(lines, COLUMNS, empty="No drills."))
