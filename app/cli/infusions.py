"""`fortnight infusion`: record one, postpone, cancel."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.desk import ACTOR, Desk, writing
from app.cli.options import INSTANT, InfusionArgument, PatientOption, instant
from app.cli.printing import Shown, counted
from rules import series as rules
from rules.forms import USUAL_DOSE, dose_in, is_usual_dose
from rules.local_time import local_day
from services import changing, infusions, people
from services.changing import UNCOVERED, Change
from services.errors import Refused
from store.patients import Patient

group = typer.Typer(help="Infusions: record, series, postpone, cancel.", no_args_is_help=True)
ODD = {
    rules.CLOSED: "clinic closed",
    rules.CLOSE: "beside another",
    UNCOVERED: "no tested clinician on the rota that day",
}
EXAMPLES = {"--uncovered": "rota starts tomorrow", "--reason": "it was another patient's"}
AtOption = Annotated[str, typer.Option("--at", help=f"The end of the infusion, past or planned: {INSTANT}")]
DoseOption = Annotated[
    str, typer.Option("--dose-mg-per-kg", metavar="DOSE", help="Milligrams per kilogram, usually 0.5 to 1.")
]
ProtocolOption = Annotated[str | None, typer.Option("--protocol", help="Id of the protocol; the clinic's own if none.")]
SureOption = Annotated[bool, typer.Option("--dose-is-right", help="Yes, a dose outside 0.5 to 1 is meant.")]
DateSureOption = Annotated[
    bool, typer.Option("--date-is-right", help="Yes, it is so long ago that its course is over.")
]
UncoveredOption = Annotated[
    str | None, typer.Option("--uncovered", help="Why it starts without a tested clinician on its first day.")
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", help="Why; needed for one that has been, recorded by mistake.")
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
    date_is_right: DateSureOption = False,
) -> Shown:
    """Record an infusion that has ended or is planned; its course and check-ins are there at once.

    Example: fortnight infusion record --patient P-1042 --at now --dose-mg-per-kg 0.5
    """
    right = dose_of(dose, sure=dose_is_right)
    found = await people.patient(desk.tx, patient)
    recorded = await infusions.record(
        desk.clinic,
        desk.tx,
        found,
        ended_at=instant(at, desk.now),
        dose_mg_per_kg=right,
        protocol_id=protocol,
        uncovered=reason_of(uncovered, "--uncovered"),
        actor=await actor_of(desk, by),
        now=desk.now,
        though_over=date_is_right,
    )
    return Shown(document=as_document(recorded), people=_sentence(found, recorded))


@group.command("postpone")
@writing
async def postpone(
    desk: Desk,
    infusion: InfusionArgument,
    to: Annotated[str, typer.Option("--to", "--at", help=f"Its new end: {INSTANT}")],
    uncovered: UncoveredOption = None,
    by: ByOption = None,
) -> Shown:
    """Move an infusion that has not been yet; what was not asked yet moves with it.

    Example: fortnight infusion postpone INFUSION --to 2026-11-03T14:30+01:00
    """
    patient, course = await people.course(desk.tx, infusion)
    moved_to = instant(to, desk.now)
    change = await changing.postpone(
        desk.clinic,
        desk.tx,
        patient,
        course,
        to=moved_to,
        uncovered=reason_of(uncovered, "--uncovered"),
        actor=await actor_of(desk, by),
        now=desk.now,
    )
    document = {"id": course.infusion_id, "course": course.id, "infusion_at": moved_to.isoformat(), **_changes(change)}
    sentence = f"The infusion of {patient.alias} now ends on {desk.local(moved_to)}."
    return Shown(document=document, people=f"{sentence} {_told(change)}")


@group.command("cancel")
@writing
async def cancel(desk: Desk, infusion: InfusionArgument, reason: ReasonOption = None, by: ByOption = None) -> Shown:
    """Cancel an infusion, planned or recorded by mistake; what it would still have asked is not asked.

    Example: fortnight infusion cancel INFUSION --reason "it was another patient's"
    """
    patient, course = await people.course(desk.tx, infusion)
    change = await changing.cancel(
        desk.tx,
        patient,
        course,
        actor=await actor_of(desk, by),
        now=desk.now,
        reason=reason_of(reason, "--reason"),
    )
    document = {"id": course.infusion_id, "course": course.id, "state": "cancelled", **_changes(change)}
    return Shown(document=document, people=f"The infusion of {patient.alias} is cancelled. {_told(change)}")


def _changes(change: Change) -> dict[str, object]:
    figures = {"moved": change.moved, "dropped": change.dropped, "added": change.added}
    return {"checkins": figures, "warnings": list(change.odd)}


def _told(change: Change) -> str:
    sentence = f"Check-ins moved: {change.moved}, not asked any more: {change.dropped}, asked instead: {change.added}."
    return " ".join([sentence, *(f"Please look: {ODD[each]}." for each in change.odd)])


def dose_of(text: str, *, sure: bool) -> float:
    """The dose that was typed; one outside the usual is asked back. Raises Refused."""
    dose = dose_in(text)
    if dose is None:
        raise Refused(f"{text!r} is no dose.", "write --dose-mg-per-kg in milligrams per kilogram, such as 0.5")
    if not sure and not is_usual_dose(dose):
        low, high = USUAL_DOSE
        mend = "check it; if it is meant, add --dose-is-right"
        raise Refused(f"{dose:g} mg/kg is outside the usual {low:g} to {high:g}.", mend)
    return dose


async def actor_of(desk: Desk, by: str | None) -> str:
    """Who the audit says decided it. Raises Refused."""
    return f"staff:{(await people.entitled(desk.tx, by, 'record-infusion')).id}" if by else ACTOR


def reason_of(text: str | None, option: str) -> str | None:
    """The reason that was given, none for none. Raises Refused for an empty one."""
    if text is not None and not text.strip():
        raise Refused(f"{option} is empty.", f'say why, such as {option} "{EXAMPLES[option]}"')
    return text


def as_document(recorded: infusions.Recorded) -> dict[str, object]:
    """What a program learns of an infusion."""
    return {"id": recorded.course.infusion_id, "course": recorded.course.id, "slots": recorded.slots}


def _sentence(patient: Patient, recorded: infusions.Recorded) -> str:
    until = local_day(recorded.course.ends_at, patient.timezone)
    infusion = people.short(recorded.course.infusion_id)
    return f"{patient.alias}: {counted(recorded.slots, 'check-in')} until {until} (infusion {infusion})."
