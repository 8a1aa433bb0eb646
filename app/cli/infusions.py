"""`fortnight infusion`: record one or a whole series, postpone, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Group

from app.cli.desk import ACTOR, Desk, writing
from app.cli.options import INSTANT, InfusionArgument, PatientOption, duration, instant
from app.cli.printing import Shown, table
from rules import series as rules
from rules.forms import USUAL_DOSE, is_usual_dose
from rules.local_time import to_instant, to_local
from services import changing, infusions, people, series
from services.changing import UNCOVERED, Change
from services.errors import Refused
from store.patients import Patient

group = typer.Typer(help="Infusions: record, series, postpone, cancel.", no_args_is_help=True)
WALL = "Local date and time in the clinic's zone, such as 2026-12-01T09:00."
ODD = {
    rules.CLOSED: "clinic closed",
    rules.CLOSE: "beside another",
    UNCOVERED: "no tested clinician on the rota that day",
}
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
    recorded = await infusions.record(
        desk.clinic,
        desk.tx,
        found,
        ended_at=instant(at, desk.now),
        dose_mg_per_kg=dose,
        protocol_id=protocol,
        uncovered=_reason(uncovered),
        actor=await _actor(desk, by),
        now=desk.now,
    )
    return Shown(document=_document(recorded), people=_sentence(found, recorded))


@group.command("series")
@writing
async def plan_series(
    desk: Desk,
    patient: PatientOption,
    dose: DoseOption,
    first: Annotated[str | None, typer.Option("--first", help=f"The end of the first infusion. {WALL}")] = None,
    every: Annotated[
        str | None, typer.Option("--every", help="How far apart, such as 3d; twice a week if none.")
    ] = None,
    count: Annotated[int | None, typer.Option("--count", help=f"How many, {rules.USUAL_COUNT} if not given.")] = None,
    at: Annotated[
        list[str] | None, typer.Option("--at", help=f"Or each end by itself, once for each: {INSTANT}")
    ] = None,
    protocol: ProtocolOption = None,
    uncovered: UncoveredOption = None,
    by: ByOption = None,
    dose_is_right: SureOption = False,
) -> Shown:
    """Plan a whole series at once: twice a week for three weeks, or as said. All of it or, if one cannot be, nothing.

    Example: fortnight infusion series --patient P-1042 --dose-mg-per-kg 0.5 --first 2026-12-01T09:00
    """
    _ask_back(dose, sure=dose_is_right)
    found = await people.patient(desk.tx, patient)
    planned = await series.record(
        desk.clinic,
        desk.tx,
        found,
        _instants(desk, first, every, count, at or []),
        dose_mg_per_kg=dose,
        protocol_id=protocol,
        uncovered=_reason(uncovered),
        actor=await _actor(desk, by),
        now=desk.now,
    )
    rows = [_row(desk, each, planned.doubts) for each in planned.recorded]
    columns = {"local": f"ends ({desk.clinic.timezone})", "id": "infusion", "odd": "please look"}
    sentence = f"{found.alias}: {len(rows)} infusions are recorded, asked about until {rows[-1]['until']}."
    documents = [{key: row[key] for key in ("id", "course", "slots", "infusion_at", "warnings")} for row in rows]
    return Shown(document=documents, people=Group(sentence, table(rows, columns, empty="")))


def _instants(desk: Desk, first: str | None, every: str | None, count: int | None, at: list[str]) -> list[datetime]:
    if (at and (first or every or count is not None)) or not (at or first):
        raise Refused("It is not clear when the infusions are.", "give --first, or --at once for each, not both")
    if first is None:
        return [instant(each, desk.now) for each in at]
    try:
        start = _start(desk, first)
        apart = duration(every) if every else None
        return [
            *rules.instants(start, desk.clinic.hours, count=rules.USUAL_COUNT if count is None else count, every=apart)
        ]
    except ValueError as error:
        sentence, _, mend = str(error).partition(": ")
        raise Refused(f"{sentence[0].upper()}{sentence[1:]}.", mend) from None


def _start(desk: Desk, first: str) -> datetime:
    """A wall time of the clinic; an instant with an offset will do, too."""
    if first.strip().lower() == "now":
        return desk.now
    try:
        wall = datetime.fromisoformat(first.strip())
    except ValueError:
        raise Refused(f"{first!r} is no date and time.", f"write {WALL[0].lower()}{WALL[1:]}") from None
    with suppress(ValueError):
        date.fromisoformat(first.strip())  # a date alone, which would be midnight
        raise Refused(f"{first!r} has no time of day.", f"write {WALL[0].lower()}{WALL[1:]}")
    return instant(first, desk.now) if wall.tzinfo else to_instant(wall.date(), wall.time(), desk.clinic.timezone)


def _row(desk: Desk, recorded: infusions.Recorded, doubts: Sequence[rules.Doubt]) -> dict[str, Any]:
    at = recorded.course.infusion_at
    why = [each.why for each in doubts if each.at == at]
    local = to_local(at, desk.clinic.timezone)
    return {
        **_document(recorded),
        "infusion_at": at.isoformat(),
        "until": recorded.course.ends_at.date().isoformat(),
        "local": f"{local:%a %Y-%m-%d %H:%M}",
        "warnings": why,
        "odd": [ODD[each] for each in why],
    }


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
        uncovered=_reason(uncovered),
        actor=await _actor(desk, by),
        now=desk.now,
    )
    document = {"id": course.infusion_id, "course": course.id, "infusion_at": moved_to.isoformat(), **_changes(change)}
    sentence = f"The infusion of {patient.alias} now ends on {desk.local(moved_to)}."
    return Shown(document=document, people=f"{sentence} {_told(change)}")


@group.command("cancel")
@writing
async def cancel(desk: Desk, infusion: InfusionArgument) -> Shown:
    """Cancel an infusion that has not been yet; what it would have asked is not asked.

    Example: fortnight infusion cancel INFUSION
    """
    patient, course = await people.course(desk.tx, infusion)
    change = await changing.cancel(desk.tx, patient, course, actor=ACTOR, now=desk.now)
    document = {"id": course.infusion_id, "course": course.id, "state": "cancelled", **_changes(change)}
    return Shown(document=document, people=f"The infusion of {patient.alias} is cancelled. {_told(change)}")


def _changes(change: Change) -> dict[str, object]:
    figures = {"moved": change.moved, "dropped": change.dropped, "added": change.added}
    return {"checkins": figures, "warnings": list(change.odd)}


def _told(change: Change) -> str:
    sentence = f"Check-ins moved: {change.moved}, not asked any more: {change.dropped}, asked instead: {change.added}."
    return " ".join([sentence, *(f"Please look: {ODD[each]}." for each in change.odd)])


def _ask_back(dose: float, *, sure: bool) -> None:
    if not sure and not is_usual_dose(dose):
        low, high = USUAL_DOSE
        mend = "check it; if it is meant, add --dose-is-right"
        raise Refused(f"{dose:g} mg/kg is outside the usual {low:g} to {high:g}.", mend)


async def _actor(desk: Desk, by: str | None) -> str:
    return f"staff:{(await people.entitled(desk.tx, by, 'record-infusion')).id}" if by else ACTOR


def _reason(uncovered: str | None) -> str | None:
    if uncovered is not None and not uncovered.strip():
        raise Refused("--uncovered is empty.", 'say why, such as --uncovered "rota starts tomorrow"')
    return uncovered


def _document(recorded: infusions.Recorded) -> dict[str, object]:
    return {"id": recorded.course.infusion_id, "course": recorded.course.id, "slots": recorded.slots}


def _sentence(patient: Patient, recorded: infusions.Recorded) -> str:
    ends = recorded.course.ends_at.date()
    return f"{patient.alias}: {recorded.slots} check-ins until {ends} (infusion {recorded.course.infusion_id})."
