"""`fortnight protocol diff`, `publish`, `move`: a change of protocol is seen before it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app import wiring
from app.cli import comparison
from app.cli.desk import ACTOR, Desk, reading, writing
from app.cli.printing import Shown
from app.cli.protocols import SHIPPED, FileArgument, cautions_of
from content import protocols
from rules.protocol import Caution, Protocol, losing
from services import comparing, moving, people, versions
from services.protocols import readable
from store.versions import ProtocolVersion

STANDS = "{courses} on {version}."
MOVED = "Moved {courses} from {version} to"
ProtocolArgument = Annotated[str, typer.Argument(metavar="PROTOCOL", help="The id of a protocol.")]


@reading
async def diff(desk: Desk, protocol: ProtocolArgument, file: FileArgument) -> Shown:
    """Show what a file would change in every running course of a protocol: check-ins and rules; nothing is changed.

    Example: fortnight protocol diff ketamine-14d mine.toml
    """
    found = await comparing.diff(desk.tx, protocol, _read(desk, file), desk.now)
    shown = comparison.people(found, head=STANDS) if found.courses else "No running course would change."
    return Shown(document=comparison.document(found), people=shown)


@writing
async def publish(desk: Desk, file: FileArgument) -> Shown:
    """Store a protocol as a version that never changes; new courses stand on it, running ones stay on theirs.

    Example: fortnight protocol publish mine.toml
    """
    protocol = _read(desk, file)
    before = (await versions.stored(desk.tx)).get(protocol.id, versions.Stored()).in_force
    kept = await versions.publish(desk.tx, protocol, actor=ACTOR, now=desk.now)
    running = (await versions.stored(desk.tx))[protocol.id].running
    replaces = before.version if before and before.id != kept.id else None
    instead = f" in place of version {replaces}" if replaces else ""
    told = f"{kept.protocol} version {kept.version} is in force for new courses{instead}"
    cautions = cautions_of(file, protocol, _lost(protocol, before))
    unwise = "".join(f"\nUnwise, line {each['line']}: {each['problem']}; {each['mend']}" for each in cautions)
    document = {"id": kept.protocol, "version": kept.version, "replaces": replaces, "running": running}
    document["warnings"] = cautions
    return Shown(document=document, people=f"{told}; {running} running stay on theirs.{unwise}")


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
    found = await moving.move(desk.clinic, protocol, to=to, only=only, reason=reason, actor=desk.actor, now=desk.now)
    if found is None:
        asked = "The admins are asked. Give the same command again within a day, once one has agreed in the chat."
        return Shown(document={"state": "asked"}, people=asked)
    none = f"No course was moved: whatever runs on {protocol} stands on {found.to} already, if anything does."
    shown = comparison.people(found, head=f"{MOVED} {found.to}.") if found.courses else none
    return Shown(document=comparison.document(found), people=shown)


def _lost(protocol: Protocol, before: ProtocolVersion | None) -> tuple[Caution, ...]:
    """The slots that fall away against the version in force until now, or else against the shipped protocol."""
    known = readable(before.body) if before else protocols.shipped().get(protocol.id)
    called = f"version {before.version}" if before else SHIPPED
    return losing(protocol, known, called) if known else ()


def _read(desk: Desk, file: Path) -> Protocol:
    return protocols.read(file, bases=wiring.known_protocols(desk.settings, desk.folder))
