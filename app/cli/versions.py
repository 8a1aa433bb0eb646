"""`fortnight protocol diff`, `publish`, `move`: a change of protocol is seen before it is made."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from app import wiring
from app.cli.desk import ACTOR, Desk, reading, writing
from app.cli.printing import Shown, table
from app.cli.protocols import FileArgument, cautions_of
from content import protocols
from rules.protocol import Protocol
from services import moving, people, versions
from services.versions import Change

CHANGES = {
    "patient": "patient",
    "change": "what",
    "slot": "slot",
    "day": "day",
    "from": "from (UTC)",
    "to": "to (UTC)",
}
ProtocolArgument = Annotated[str, typer.Argument(metavar="PROTOCOL", help="The id of a protocol.")]


@reading
async def diff(desk: Desk, protocol: ProtocolArgument, file: FileArgument) -> Shown:
    """Show what a file would add, move, change and drop in every running course of a protocol; nothing is changed.

    Example: fortnight protocol diff ketamine-14d mine.toml
    """
    changes = await versions.diff(desk.tx, protocol, _read(desk, file), desk.now)
    return _shown(changes, "No running course would change.")


@writing
async def publish(desk: Desk, file: FileArgument) -> Shown:
    """Store a protocol as a version that never changes; new courses stand on it, running ones stay on theirs.

    Example: fortnight protocol publish mine.toml
    """
    protocol = _read(desk, file)
    kept = await versions.publish(desk.tx, protocol, actor=ACTOR, now=desk.now)
    running = (await versions.stored(desk.tx))[protocol.id].running
    cautions = cautions_of(file, protocol)
    sentence = f"{kept.protocol} version {kept.version} is in force for new courses; {running} running stay on theirs."
    unwise = "".join(f"\nUnwise, line {each['line']}: {each['problem']}; {each['mend']}" for each in cautions)
    document = {"id": kept.protocol, "version": kept.version, "running": running, "warnings": cautions}
    return Shown(document=document, people=sentence + unwise)


@reading  # it writes patient by patient, each in a transaction of its own
async def move(
    desk: Desk,
    protocol: ProtocolArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit; nobody's name.")],
    patient: Annotated[
        list[str] | None, typer.Option("--patient", metavar="PATIENT", help="Only this one; once for each.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="Another protocol; the same one if none.")] = None,
) -> Shown:
    """Move running courses to the version in force, as `diff` showed; what was asked is not asked again.

    With rights.two_persons an admin has to agree in the chat first.

    Example: fortnight protocol move ketamine-14d --reason "evening prompts, signed off in May"
    """
    only = [(await people.patient(desk.tx, each)).id for each in patient or ()]
    changes = await moving.move(desk.clinic, protocol, to=to, only=only, reason=reason, actor=desk.actor, now=desk.now)
    if changes is None:
        asked = "The admins are asked. Give the same command again within a day, once one has agreed in the chat."
        return Shown(document={"state": "asked"}, people=asked)
    return _shown(changes, "No running course had to change.")


def _read(desk: Desk, file: Path) -> Protocol:
    return protocols.read(file, bases=wiring.known_protocols(desk.settings, desk.folder))


def _shown(changes: list[Change], empty: str) -> Shown:
    rows = [_row(each) for each in changes]
    return Shown(document=rows, people=table(rows, CHANGES, empty=empty))


def _row(change: Change) -> dict[str, Any]:
    values = asdict(change)
    from_at, to_at = values.pop("from_at"), values.pop("to_at")
    return {**values, "from": from_at and from_at.isoformat(), "to": to_at and to_at.isoformat()}
