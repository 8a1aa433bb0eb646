"""`fortnight patient`: enrol, look at, pause, resume, end, relink, and the safety plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli import links
from app.cli.desk import ACTOR, Desk, linking, reading, writing
from app.cli.options import PatientArgument, unseen
from app.cli.patient_page import listed, page
from app.cli.printing import Shown, why_not
from services import enrolment, participation, people, records
from services.errors import Refused

group = typer.Typer(
    help="Patients: enrol, list, show, pause, resume, slot, extend, end, relink, plan, export, erase.",
    no_args_is_help=True,
)
NAME = "Kept encrypted; everywhere else an alias stands for it."


@group.command("enrol")
@linking
async def enrol(
    desk: Desk,
    name: Annotated[str, typer.Option("--name", callback=unseen, help=NAME)],
    timezone: Annotated[str, typer.Option("--timezone", help="IANA name, such as Europe/Madrid.")],
    language: Annotated[str, typer.Option("--language", help="en or es.")] = "en",
    phone: Annotated[str, typer.Option("--phone", callback=unseen, help="Where a clinician can call them.")] = "",
    email: Annotated[str, typer.Option("--email", callback=unseen, help="E-mail address.")] = "",
    address: Annotated[str, typer.Option("--address", callback=unseen, help="Where help could be sent.")] = "",
    collateral: Annotated[
        str, typer.Option("--collateral", callback=unseen, help="Someone close: who, and a number.")
    ] = "",
) -> Shown:
    """Enrol a patient and give the link by which they join; a particular given as - is asked for.

    Example: fortnight patient enrol --name "Patient One" --timezone Europe/Madrid --language es
    """
    contact = {"phone": phone, "email": email, "address": address, "collateral": collateral}
    patient, code = await enrolment.enrol_patient(
        desk.clinic,
        desk.tx,
        name=name,
        timezone=timezone,
        language=language,
        contact={key: value for key, value in contact.items() if value},
        actor=ACTOR,
        now=desk.now,
    )
    return links.shown(desk, patient.alias, code)


@group.command("list")
@reading
async def list_all(desk: Desk) -> Shown:
    """List the patients, by alias.

    Example: fortnight patient list
    """
    lines = await records.patient_lines(desk.clinic, desk.tx)
    return Shown(document=lines, people=listed(lines))


@group.command("show")
@writing
async def show(
    desk: Desk,
    patient: PatientArgument,
    reveal: Annotated[bool, typer.Option("--reveal", help="Name, contact and plan too; the audit keeps that.")] = False,
) -> Shown:
    """Show a patient's courses, check-ins, answers and alerts.

    Example: fortnight patient show P-1042
    """
    found = await people.patient(desk.tx, patient)
    record = await records.patient_record(desk.clinic, desk.tx, found)
    if reveal:
        opened = await participation.reveal(desk.tx, found, actor=ACTOR, now=desk.now)
        record |= {"name": opened.name, "contact": dict(opened.contact), "plan": opened.plan}
    return Shown(document=record, people=page(record))


@group.command("pause")
@writing
async def pause(desk: Desk, patient: PatientArgument) -> Shown:
    """Ask the patient nothing until they are resumed; what they write is heeded all the same.

    Example: fortnight patient pause P-1042
    """
    found = await people.patient(desk.tx, patient)
    await participation.pause(desk.tx, found, actor=ACTOR, now=desk.now)
    return _now(found.alias, "paused")


@group.command("resume")
@writing
async def resume(desk: Desk, patient: PatientArgument) -> Shown:
    """Go on after a pause; what fell due meanwhile is laid aside.

    Example: fortnight patient resume P-1042
    """
    found = await people.patient(desk.tx, patient)
    await participation.resume(desk.tx, found, actor=ACTOR, now=desk.now)
    return _now(found.alias, "consented")


@group.command("end")
@writing
async def end(desk: Desk, patient: PatientArgument) -> Shown:
    """End the programme for a patient; open alerts stay open, a red message is heeded all the same.

    Example: fortnight patient end P-1042
    """
    found = await people.patient(desk.tx, patient)
    await participation.end(desk.tx, found, actor=ACTOR, now=desk.now)
    return _now(found.alias, "ended")


@group.command("relink")
@linking
async def relink(desk: Desk, patient: PatientArgument) -> Shown:
    """Give a patient a new link, for a new phone or another series; older links stop working.

    Example: fortnight patient relink P-1042
    """
    found = await people.patient(desk.tx, patient)
    code = await enrolment.relink_patient(desk.clinic, desk.tx, found, actor=ACTOR, now=desk.now)
    return links.shown(desk, found.alias, code)


@group.command("plan")
@writing
async def plan(
    desk: Desk,
    patient: PatientArgument,
    file: Annotated[Path, typer.Argument(help="A UTF-8 text file, or - for standard input.", allow_dash=True)],
) -> Shown:
    """Keep the patient's own safety plan, which is shown to them with every crisis reply.

    Example: fortnight patient plan P-1042 plan.txt
    """
    found = await people.patient(desk.tx, patient)
    await participation.write_plan(desk.tx, found, _read(file), actor=ACTOR, now=desk.now)
    return Shown(document={"id": found.alias, "plan": True}, people=f"The safety plan of {found.alias} is kept.")


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mend = "give a UTF-8 text file that this user may read"
        raise Refused(f"{file} cannot be read: {why_not(error)}.", mend) from None


def _now(alias: str, state: str) -> Shown:
    return Shown(document={"id": alias, "state": state}, people=f"{alias} is {state}.")
