"""`fortnight infusion series`: a whole series of infusions, planned in one go."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Group

from app.cli.desk import Desk, writing
from app.cli.infusions import (
    ODD,
    ByOption,
    DateSureOption,
    DoseOption,
    ProtocolOption,
    SureOption,
    UncoveredOption,
    actor_of,
    as_document,
    dose_of,
    reason_of,
)
from app.cli.options import INSTANT, YEARS, PatientOption, duration, instant, whole
from app.cli.printing import Shown, counted, table
from rules import series as rules
from rules.local_time import local_day, to_local
from services import people, series
from services.errors import Refused
from services.infusions import Recorded
from services.series import Series
from store.patients import Patient

WALL = "Local date and time in the clinic's zone, such as 2026-12-01T09:00."


@writing
async def plan_series(
    desk: Desk,
    patient: PatientOption,
    dose: DoseOption,
    first: Annotated[str | None, typer.Option("--first", help=f"The end of the first infusion. {WALL}")] = None,
    every: Annotated[
        str | None, typer.Option("--every", help="How far apart, such as 3d; twice a week if none.")
    ] = None,
    count: Annotated[str | None, typer.Option("--count", help=f"How many, {rules.USUAL_COUNT} if not given.")] = None,
    at: Annotated[
        list[str] | None, typer.Option("--at", help=f"Or each end by itself, once for each: {INSTANT}")
    ] = None,
    protocol: ProtocolOption = None,
    uncovered: UncoveredOption = None,
    by: ByOption = None,
    dose_is_right: SureOption = False,
    date_is_right: DateSureOption = False,
) -> Shown:
    """Plan a whole series at once: twice a week for three weeks, or as said. All of it or, if one cannot be, nothing.

    Example: fortnight infusion series --patient P-1042 --dose-mg-per-kg 0.5 --first 2026-12-01T09:00
    """
    right = dose_of(dose, sure=dose_is_right)
    found = await people.patient(desk.tx, patient)
    start = _start(desk, first, every, count, at or [])
    planned = await series.record(
        desk.clinic,
        desk.tx,
        found,
        _following(desk, start, every, count) if start else [instant(each, desk.now) for each in at or []],
        dose_mg_per_kg=right,
        protocol_id=protocol,
        uncovered=reason_of(uncovered, "--uncovered"),
        actor=await actor_of(desk, by),
        now=desk.now,
        though_over=date_is_right,
    )
    return _shown(desk, found, planned, start)


def _shown(desk: Desk, patient: Patient, planned: Series, first: datetime | None) -> Shown:
    rows = [_row(desk, patient, each, planned.doubts, first) for each in planned.recorded]
    columns = {"local": f"ends ({desk.clinic.timezone})", "infusion": "infusion", "odd": "please look"}
    recorded = counted(len(rows), "infusion is", "infusions are")
    sentence = f"{patient.alias}: {recorded} recorded, asked about until {rows[-1]['until']}."
    documents = [{key: row[key] for key in ("id", "course", "slots", "infusion_at", "warnings")} for row in rows]
    return Shown(document=documents, people=Group(sentence, table(rows, columns, empty="")))


def _start(desk: Desk, first: str | None, every: str | None, count: str | None, at: list[str]) -> datetime | None:
    """When the first one ends: a wall time of the clinic, an instant where an offset was given; none for --at."""
    if (at and (first or every or count is not None)) or not (at or first):
        raise Refused("It is not clear when the infusions are.", "give --first, or --at once for each, not both")
    if first is None:
        return None
    if first.strip().lower() == "now":
        return desk.now
    try:
        wall = datetime.fromisoformat(first.strip())
        if wall.year not in YEARS:
            raise ValueError("a typing mistake")
    except ValueError:
        raise Refused(f"{first!r} is no date and time.", f"write {WALL[0].lower()}{WALL[1:]}") from None
    with suppress(ValueError):
        date.fromisoformat(first.strip())  # a date alone, which would be midnight
        raise Refused(f"{first!r} has no time of day.", f"write {WALL[0].lower()}{WALL[1:]}")
    return instant(first, desk.now) if wall.tzinfo else wall


def _following(desk: Desk, first: datetime, every: str | None, count: str | None) -> tuple[datetime, ...]:
    apart = duration(every) if every else None
    many = rules.USUAL_COUNT if count is None else whole(count, "infusions")
    try:
        return rules.instants(first, desk.clinic.hours, count=many, every=apart)
    except ValueError as error:
        sentence, _, mend = str(error).partition(": ")
        raise Refused(f"{sentence[0].upper()}{sentence[1:]}.", mend) from None


def _row(
    desk: Desk, patient: Patient, recorded: Recorded, doubts: Sequence[rules.Doubt], first: datetime | None
) -> dict[str, Any]:
    at, zone = recorded.course.infusion_at, desk.clinic.timezone
    local, why = to_local(at, zone), [each.why for each in doubts if each.at == at]
    odd = [ODD[each] for each in why]
    if first and (meant := rules.wall_of(first, zone).time()) != local.time():
        why.append(rules.CLOCK)
        odd.append(f"no {meant:%H:%M} (clock change)")
    return {
        **as_document(recorded),
        "infusion_at": at.isoformat(),
        "until": local_day(recorded.course.ends_at, patient.timezone).isoformat(),
        "local": f"{local:%a %Y-%m-%d %H:%M}",
        "infusion": people.short(recorded.course.infusion_id),
        "warnings": why,
        "odd": odd,
    }
