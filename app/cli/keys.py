"""`fortnight keys rotate`: new keys for everything that is sealed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import rotating
from app.cli.desk import ACTOR, configured
from app.cli.printing import Shown
from app.clock import SystemClock
from app.settings import Settings

group = typer.Typer(help="Keys: rotate.", no_args_is_help=True)


@group.command("rotate")
@configured
async def rotate(
    at: tuple[Settings, Path],
    master: Annotated[bool, typer.Option("--master", help="A new master key too: after a leak.")] = False,
) -> Shown:
    """Seal everything anew under new keys, with the engine stopped; if it is cut short, run it again.

    Example: fortnight keys rotate --master
    """
    settings, folder = at
    now = SystemClock().now()
    with Console(stderr=True).status("Sealing anew") as status:
        done = await rotating.rotate(
            settings,
            folder,
            now,
            master=master,
            actor=ACTOR,
            tell=lambda values: status.update(f"Sealing anew: {values}"),
        )
    document = {
        "values": done.values,
        "new_key": str(done.new_key) if done.new_key else None,
        "old_key": str(done.old_key) if done.old_key else None,
    }
    people = f"{done.values} values are sealed under new keys; the old keys are gone from the database."
    if done.new_key:
        people += (
            f" The new master key is in {done.new_key}: copy it elsewhere today, then run `fortnight backup`. "
            f"The old one is kept in {done.old_key} for the backups from before: delete it with the last of them."
        )
    return Shown(document=document, people=people)
