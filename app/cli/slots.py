"""`fortnight patient slot` and `patient extend`: one patient's plan, changed by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.desk import ACTOR, Desk, writing
from app.cli.options import INSTANT, PatientArgument, date_of, instant, whole
from app.cli.printing import Shown
from services import people, slots

group = typer.Typer(help="What one patient is still to be asked: skip, move.", no_args_is_help=True)
SlotArgument = Annotated[str, typer.Argument(metavar="SLOT", help="A slot's name, such as week-1, or a check-in's id.")]
OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="The patient's date, where a slot is asked on several.")
]


@group.command("skip")
@writing
async def skip(desk: Desk, patient: PatientArgument, slot: SlotArgument, on: OnOption = None) -> Shown:
    """Do not ask a check-in that is still ahead; nothing is asked in its stead.

    Example: fortnight patient slot skip P-1042 mood --on 2026-11-05
    """
    found = await people.patient(desk.tx, patient)
    row = await slots.find(desk.tx, found, slot, date_of(on))
    await slots.skip(desk.tx, found, row, actor=ACTOR, now=desk.now)
    document = {"id": row.id, "slot": row.slot, "local": row.local_at.isoformat(), "state": "cancelled"}
    return Shown(document=document, people=f"{found.alias} is not asked {row.slot} on {slots.day_of(found, row)}.")


@group.command("move")
@writing
async def move(
    desk: Desk,
    patient: PatientArgument,
    slot: SlotArgument,
    to: Annotated[str, typer.Option("--to", "--at", help=f"When it is asked instead: {INSTANT}")],
    on: OnOption = None,
) -> Shown:
    """Ask a check-in that is still ahead at another time, where it then stays whatever else moves.

    Example: fortnight patient slot move P-1042 week-1 --to 2026-11-09T18:00+01:00
    """
    found = await people.patient(desk.tx, patient)
    row = await slots.find(desk.tx, found, slot, date_of(on))
    due_at = instant(to, desk.now)
    expires_at = await slots.move(desk.tx, found, row, to=due_at, actor=ACTOR, now=desk.now)
    document = {"id": row.id, "slot": row.slot, "due_at": due_at.isoformat(), "expires_at": expires_at.isoformat()}
    return Shown(
        document=document, people=f"{found.alias} is asked {row.slot} at {desk.local(due_at, found.timezone)}."
    )


@writing
async def extend(
    desk: Desk,
    patient: PatientArgument,
    days: Annotated[str, typer.Option("--days", help="How many days longer the daily mood is asked.")],
) -> Shown:
    """Let the daily mood of the patient's newest course go on for some days more.

    Example: fortnight patient extend P-1042 --days 7
    """
    found = await people.patient(desk.tx, patient)
    extended = await slots.extend(desk.tx, found, days=whole(days, "days"), actor=ACTOR, now=desk.now)
    course = extended.course
    document = {
        "id": found.alias,
        "course": course.id,
        "extra_days": course.extra_days,
        "last_on": extended.last_on.isoformat(),
        "ends_at": course.ends_at.isoformat(),
    }
    return Shown(
        document=document, people=f"{found.alias} is asked the daily mood until {extended.last_on:%a %Y-%m-%d}."
    )
