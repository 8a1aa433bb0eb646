"""`fortnight run`, `demo`, `check`, `migrate` and `adopt`: what runs the engine and gets it ready."""

from __future__ import annotations

import asyncio
import logging
import sys
import webbrowser
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app import config, database
from app.cli.desk import ACTOR, JsonOption, bare, complaint_of, configured
from app.cli.printing import Complaint, Shown, complain, show, table
from app.clock import SystemClock
from app.settings import ROLES, Settings
from services.errors import Refused

PROBLEMS = {"problem": "problem", "mend": "mend"}
LOGS = ("auto", "plain", "json")


@bare
async def run(
    path: Path | None,
    role: Annotated[str, typer.Option("--role", help=f"One of: {', '.join(ROLES)}.")] = "all",
    log: Annotated[
        str, typer.Option("--log", help=f"Log lines for whom: {', '.join(LOGS)} (json if no terminal).")
    ] = "auto",
) -> Shown:
    """Run the engine, or the part of it that a role does, until SIGTERM or Ctrl-C.

    Example: fortnight run --role worker
    """
    from app import refusal, running  # late, here and below: what is slow to import is not for every command

    if role not in ROLES or log not in LOGS:
        raise Refused(f"There is no {role if role not in ROLES else log!r}.", "see `fortnight run --help`")
    as_json = log == "json" or (log == "auto" and not sys.stderr.isatty())
    running.log_to_standard_error(None, as_json=as_json)
    try:
        settings, folder = config.load(path, config.environment())
        running.log_to_standard_error(settings, as_json=as_json)
        await running.run(settings, folder, role=role)
    except Exception as error:
        complaint = complaint_of(error)
        await refusal.tell(path, complaint.error, complaint.mend)
        raise
    return Shown(document={"ended": role})


@bare
async def check(
    path: Path | None,
    health: Annotated[bool, typer.Option("--health", help="Only whether the engine runs; cheap.")] = False,
) -> Shown:
    """Say everything that is wrong or not ready, each with its mend; exit 1 if there is anything.

    Example: fortnight check
    """
    from app import checks

    now = SystemClock().now()
    found = await (checks.is_running(path, now) if health else checks.everything(path, now))
    rows = [asdict(each) for each in found]
    people = table(rows, PROBLEMS, empty="The engine runs." if health else "Everything is ready.")
    return Shown(document={"ok": not rows, "problems": rows}, people=people, code=1 if rows else 0)


@configured
async def migrate(at: tuple[Settings, Path]) -> Shown:
    """Bring the database's tables up to date; for a new clinic, make the database and its key.

    Example: fortnight migrate
    """
    settings, folder = at
    done = await database.migrate(settings, folder)
    document = {
        "before": done.before,
        "after": done.after,
        "key_file": str(done.new_key_file) if done.new_key_file else None,
    }
    return Shown(document=document, people=_told(done))


@configured
async def adopt(at: tuple[Settings, Path]) -> Shown:
    """Make this installation and its bot those of the database, after a move or with a new bot; the audit keeps that.

    Example: fortnight adopt
    """
    settings, folder = at
    before, now = await database.adopt(settings, folder, SystemClock().now(), actor=ACTOR)
    people = "The database belongs to this installation now; see that no other works on it or on a copy of it."
    if before not in (None, now):
        people += (
            f" Bot {now} takes the place of bot {before}: give everybody a new link (`staff relink`, `patient relink`)."
        )
    return Shown(document={"bot": now, "bot_before": before}, people=people)


def _told(done: database.Migrated) -> str:
    if done.new_key_file:
        return (
            f"The database is made. Its key is in {done.new_key_file}: keep a copy of it elsewhere, "
            "for without it nobody can ever read this database."
        )
    if done.before == done.after:
        return f"Nothing to do: the tables are at step {done.after}."
    return f"The tables went from step {done.before or 'none'} to {done.after}."


def demo(
    port: Annotated[
        int, typer.Option("--port", help="Where the page listens on this machine; 0 takes a free one.")
    ] = 8450,
    speed: Annotated[float, typer.Option("--speed", min=0.0, help="How fast its clock runs at first.")] = 1.0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run everything on this machine: phones in the browser, an example clinic, no token. Ctrl-C ends it.

    Example: fortnight demo
    """
    from app import demo as demos
    from app import running

    def announce(url: str) -> None:
        people = f"The example clinic is open at [bold]{url}[/]. Ctrl-C closes it, and nothing of it is kept."
        show(Shown(document={"url": url}, people=people), as_json=as_json)
        if not no_open:
            webbrowser.open(url)

    running.log_to_standard_error(None, as_json=as_json, level=logging.ERROR)
    try:
        asyncio.run(demos.run(port=port, speed=speed, announce=announce))
    except OSError as error:
        mend = "give another --port, or 0 for a free one"
        complain(
            Complaint(error=f"The page cannot listen at port {port} ({error.strerror}).", mend=mend), as_json=as_json
        )
        raise typer.Exit(1) from None
