"""`fortnight patient export`, `patient erase` and `fortnight retention`: what a person may ask of their own data."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.desk import ACTOR, Desk, writing
from app.cli.options import PatientArgument
from app.cli.patients import group
from app.cli.printing import Shown, table
from content.pages import page
from services import erasure, export, people
from services import retention as retentions
from services.errors import Refused

KINDS = {"kind": "kind", "count": "past its time"}


@group.command("export")
@writing
async def export_all(
    desk: Desk,
    patient: PatientArgument,
    file: Annotated[Path | None, typer.Argument(help="A new file: .html to be read, .json for programs.")] = None,
) -> Shown:
    """Give everything that is kept about a patient, as a page to be read or as JSON; the audit keeps that.

    Example: fortnight patient export P-1042 P-1042.html
    """
    found = await people.patient(desk.tx, patient)
    document = await export.of_patient(desk.clinic, desk.tx, found, actor=ACTOR, now=desk.now)
    whole = json.dumps(document, ensure_ascii=False, indent=2)
    if file is None:
        return Shown(document=document, people=whole)
    if file.suffix not in (".html", ".json"):
        raise Refused(f"{file} is neither .html nor .json.", "name a file that ends in one of them")
    _write_new(file, page("export", document=document) if file.suffix == ".html" else whole)
    said = f"Everything about {found.alias} is in {file}, in the clear: hand it over and delete it."
    return Shown(document={"id": found.alias, "file": str(file)}, people=said)


@group.command("erase")
@writing
async def erase(
    desk: Desk,
    patient: PatientArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask at a terminal whether it is meant.")] = False,
) -> Shown:
    """Make a patient's name, contact, words and messages unreadable for good.

    With rights.two_persons an admin has to agree in the chat first.

    Example: fortnight patient erase P-1042
    """
    found = await people.patient(desk.tx, patient)
    if not yes and sys.stdin.isatty() and not typer.confirm(f"Erase {found.alias}? It cannot be taken back.", err=True):
        raise Refused(f"{found.alias} is not erased.", "`fortnight patient export` first, if you are in doubt")
    done = await erasure.ask(desk.clinic, desk.tx, found, actor=desk.actor, now=desk.now)
    people_read = (
        f"{found.alias} is erased. Backups hold what they held until they are deleted (backup.keep)."
        if done
        else f"The admins are asked. {found.alias} is erased as soon as one agrees in the chat, within a day."
    )
    return Shown(document={"id": found.alias, "state": "erased" if done else "asked"}, people=people_read)


@writing
async def retention(
    desk: Desk, forget: Annotated[bool, typer.Option("--forget", help="Let go of it now, not tonight.")] = False
) -> Shown:
    """Show how much is past the time that it may be kept; the engine lets go of it once a day.

    Example: fortnight retention
    """
    if forget:
        counts = await retentions.forget(desk.clinic, desk.tx, desk.now, actor=ACTOR)
    else:
        counts = await retentions.over(desk.clinic, desk.tx, desk.now)
    rows = [{"kind": kind, "count": count} for kind, count in counts.items()]
    return Shown(document={"forgotten": forget, "kinds": counts}, people=table(rows, KINDS, empty=""))


def _write_new(file: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise Refused(f"{file} cannot be written ({error.strerror}).", "name a new file where you may write") from None
