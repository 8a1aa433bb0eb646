"""`fortnight infusion`: record one or a whole series, postpone, cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from app.cli.desk import ACTOR, Desk, writing
from app.cli.options import INSTANT, InfusionArgument, PatientOption, instant
from app.cli.printing import Shown
from rules.forms import USUAL_DOSE, is_usual_dose
from services import infusions, people
from services.errors import Refused
from store.patients import Patient

group = typer.Typer(help="Infusions: record, series, postpone, cancel.", no_args_is_help=True)
AtOption = Annotated[str, typer.Option("--at", help=f"The end of the infusion, past or planned: {INSTANT}")]
DoseOption = Annotated[float, typer.Option("--dose-mg-per-kg", help="Milligrams per kilogram, usually 0.5 to 1.")]
ProtocolOption = Annotated[str | None, typer.Option("--protocol", help="Id of the protocol; the clinic's own if none.")]
SureOption = Annotated[bool, typer.Option("--dose-is-right", help="Yes, a dose outside 0.5 to 1 is meant.")]
UncoveredOption = Annotated[
    str | None, typer.Option("--uncovered", help="Why it starts without a tested clinician on its first day.")
]
ByOption = Annotated[str | None, typer.Option("--by", metavar="STAFF", help="Who decides it; kept in the audit.")]


@group.command("record")
@writing
async def record(
    desk: Desk,
    patient: PatientOption,
    at: AtOption,
    dose: DoseOption,
    protocol: ProtocolOption = None,
    uncovered: UncoveredOption = None,
    by: ByOption = None,
    dose_is_right: SureOption = False,
) -> Shown:
    """Record an infusion that has ended or is planned; its course and check-ins are there at once.

    Example: fortnight infusion record --patient P-1042 --at now --dose-mg-per-kg 0.5
    """
    _ask_back(dose, sure=dose_is_right)
    found = await people.patient(desk.tx, patient)
    recorded = await _record(desk, found, instant(at, desk.now), dose, protocol, uncovered, by)
    return Shown(document=_document(recorded), people=_sentence(found, recorded))


@group.command("series")
@writing
async def series(
    desk: Desk,
    patient: PatientOption,
    at: Annotated[list[str], typer.Option("--at", help=f"The end of each infusion, once for each: {INSTANT}")],
    dose: DoseOption,
    protocol: ProtocolOption = None,
    uncovered: UncoveredOption = None,
    by: ByOption = None,
    dose_is_right: SureOption = False,
) -> Shown:
    """Record a whole series at once: all of it or, if one infusion makes no sense, nothing.

    Example: fortnight infusion series --patient P-1042 --dose-mg-per-kg 0.5 --at now --at 2026-11-05T14:30+01:00
    """
    _ask_back(dose, sure=dose_is_right)
    found = await people.patient(desk.tx, patient)
    instants = sorted({instant(each, desk.now) for each in at})
    recorded = [await _record(desk, found, each, dose, protocol, uncovered, by) for each in instants]
    lines = "\n".join(_sentence(found, each) for each in recorded)
    return Shown(document=[_document(each) for each in recorded], people=lines)


@group.command("postpone")
@writing
async def postpone(
    desk: Desk,
    infusion: InfusionArgument,
    to: Annotated[str, typer.Option("--to", "--at", help=f"Its new end: {INSTANT}")],
) -> Shown:
    """Move an infusion that has not been yet; what was not asked yet moves with it.

    Example: fortnight infusion postpone INFUSION --to 2026-11-03T14:30+01:00
    """
    patient, course = await people.course(desk.tx, infusion)
    moved_to = instant(to, desk.now)
    await infusions.postpone(desk.tx, patient, course, to=moved_to, actor=ACTOR, now=desk.now)
    document = {"id": course.infusion_id, "course": course.id, "infusion_at": moved_to.isoformat()}
    return Shown(document=document, people=f"The infusion of {patient.alias} is now at {moved_to.isoformat()}.")


@group.command("cancel")
@writing
async def cancel(desk: Desk, infusion: InfusionArgument) -> Shown:
    """Cancel an infusion that has not been yet; what it would have asked is not asked.

    Example: fortnight infusion cancel INFUSION
    """
    patient, course = await people.course(desk.tx, infusion)
    await infusions.cancel(desk.tx, patient, course, actor=ACTOR, now=desk.now)
    document = {"id": course.infusion_id, "course": course.id, "state": "cancelled"}
    return Shown(document=document, people=f"The infusion of {patient.alias} is cancelled.")


def _ask_back(dose: float, *, sure: bool) -> None:
    if not sure and not is_usual_dose(dose):
        low, high = USUAL_DOSE
        mend = "check it; if it is meant, add --dose-is-right"
        raise Refused(f"{dose:g} mg/kg is outside the usual {low:g} to {high:g}.", mend)


async def _record(
    desk: Desk,
    patient: Patient,
    at: datetime,
    dose: float,
    protocol: str | None,
    uncovered: str | None,
    by: str | None,
) -> infusions.Recorded:
    if uncovered is not None and not uncovered.strip():
        raise Refused("--uncovered is empty.", 'say why, such as --uncovered "rota starts tomorrow"')
    decider = await people.entitled(desk.tx, by, "record-infusion") if by else None
    return await infusions.record(
        desk.clinic,
        desk.tx,
        patient,
        ended_at=at,
        dose_mg_per_kg=dose,
        protocol_id=protocol,
        uncovered=uncovered,
        actor=f"staff:{decider.id}" if decider else ACTOR,
        now=desk.now,
    )


def _document(recorded: infusions.Recorded) -> dict[str, object]:
    return {"id": recorded.course.infusion_id, "course": recorded.course.id, "slots": recorded.slots}


def _sentence(patient: Patient, recorded: infusions.Recorded) -> str:
    ends = recorded.course.ends_at.date()
    return f"{patient.alias}: {recorded.slots} check-ins until {ends} (infusion {recorded.course.infusion_id})."
