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
from app.cli.options import INSTANT, PatientOption, duration, instant
from app.cli.printing import Shown, table
from rules import series as rules
from rules.local_time import to_instant, to_local
from services import people, series
from services.errors import Refused
from services.infusions import Recorded

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
    count: Annotated[int | None, typer.Option("--count", help=f"How many, {rules.USUAL_COUNT} if not given.")] = None,
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
    found = await people.patient(desk.tx, patient)
    planned = await series.record(
        desk.clinic,
        desk.tx,
        found,
        _instants(desk, first, every, count, at or []),
        dose_mg_per_kg=dose_of(dose, sure=dose_is_right),
        protocol_id=protocol,
        uncovered=reason_of(uncovered, "--uncovered"),
        actor=await actor_of(desk, by),
        now=desk.now,
        though_over=date_is_right,
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


def _row(desk: Desk, recorded: Recorded, doubts: Sequence[rules.Doubt]) -> dict[str, Any]:
    at = recorded.course.infusion_at
    why = [each.why for each in doubts if each.at == at]
    local = to_local(at, desk.clinic.timezone)
    return {
        **as_document(recorded),
        "infusion_at": at.isoformat(),
        "until": recorded.course.ends_at.date().isoformat(),
        "local": f"{local:%a %Y-%m-%d %H:%M}",
        "warnings": why,
        "odd": [ODD[each] for each in why],
    }
