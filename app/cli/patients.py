"""`fortnight patient`: enrol, look at, pause, resume, end, relink, and the safety plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from app.cli import links
from app.cli.desk import ACTOR, Desk, linking, reading, writing
from app.cli.options import PatientArgument, unseen
from app.cli.printing import Shown, as_written, table
from services import enrolment, participation, people, records
from services.errors import Refused
from services.scheduling import OVERLAP

group = typer.Typer(
    help="Patients: enrol, list, show, pause, resume, slot, extend, end, relink, plan, export, erase.",
    no_args_is_help=True,
)
NAME = "Kept encrypted; everywhere else an alias stands for it."
NOTHING_YET = "No check-ins yet: `fortnight infusion record`."
NOTHING_LEFT = "No check-in is left of the infusions above."
LIST = {
    "id": "patient",
    "state": "state",
    "linked": "linked",
    "consent": "consent",
    "timezone": "zone",
    "course_ends_at": "course until (UTC)",
    "alert": "alert",
}
COURSES = {
    "infusion": "infusion",
    "infusion_at": "ends (UTC)",
    "protocol": "protocol",
    "version": "version",
    "ends_at": "course until (UTC)",
    "state": "state",
}
CHECKINS = {
    "slot": "slot",
    "day": "day",
    "due_at": "due (UTC)",
    "state": "state",
    "answered_at": "answered (UTC)",
    "answers": "answers",
}
ALERTS = {
    "id": "alert",
    "tier": "tier",
    "state": "state",
    "opened_at": "opened (UTC)",
    "owner": "owner",
    "outcome": "outcome",
}


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
    return Shown(document=lines, people=table(lines, LIST, empty="Nobody yet: `fortnight patient enrol`."))


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
    return Shown(document=record, people=_for_people(record))


def _for_people(record: dict[str, Any]) -> Group:
    head = Text.assemble((record["id"], "bold"), f" is {record['state']}, {record['timezone']}, {record['language']}")
    head.append(_consent(record["consent"]))
    standing = [row for row in record["checkins"] if row["cancelled_because"] != OVERLAP]
    checkins = [{**row, "answers": _in_a_line(row["answers"])} for row in standing]
    gave_way = len(record["checkins"]) - len(standing)
    parts = [head, *(Text(f"{key}: {record[key]}") for key in ("name", "contact", "plan") if record.get(key))]
    return Group(
        *parts,
        table(record["courses"], COURSES, empty="No infusions."),
        *_uncovered(record["courses"]),
        table(checkins, CHECKINS, empty=NOTHING_LEFT if record["courses"] else NOTHING_YET),
        *([f"Where infusions overlap, {gave_way} more give way; --json lists them too."] if gave_way else []),
        table(record["alerts"], ALERTS, empty="No alerts."),
    )


def _uncovered(courses: list[dict[str, Any]]) -> list[Text]:
    """Why courses may start without a tested clinician."""
    known = {each["infusion_at"]: each["uncovered_reason"] for each in courses if each["uncovered_reason"]}
    return [Text(f"{at} without a tested clinician: {as_written(reason)}") for at, reason in known.items()]


def _consent(consent: dict[str, Any] | None) -> str:
    if consent is None:
        return ", has agreed to nothing"
    newer = "" if consent["current"] else ", not yet to the newer one"
    return f", has agreed to consent {consent['version']}{newer}"


def _in_a_line(answers: dict[str, Any]) -> str:
    shown = {
        name: value.get("total", value["items"]) if isinstance(value, dict) else value
        for name, value in answers.items()
    }
    return ", ".join(f"{name} {value}" for name, value in shown.items()) or "–"


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
        sentence = f"{file} cannot be read ({type(error).__name__})."
        raise Refused(sentence, "give a UTF-8 text file that this user may read") from None


def _now(alias: str, state: str) -> Shown:
    return Shown(document={"id": alias, "state": state}, people=f"{alias} is {state}.")
