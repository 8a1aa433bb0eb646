"""`fortnight rota`: who is on call when, who takes turns, who stands in or is away, and where nobody is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from app.cli import calendars
from app.cli.desk import ACTOR, Desk, reading, writing
from app.cli.gaps import AHEAD, after_edit, table_of
from app.cli.options import INSTANT, StaffOption, instant
from app.cli.printing import Shown, table
from rules.local_time import zone_of
from rules.rotation import Rotation, parse_every
from services import people, rota
from services.errors import Refused

group = typer.Typer(
    help="The rota: add, rotate, override, away, remove, show, gaps, import, export.", no_args_is_help=True
)
WALL = "Local date and time without an offset, such as 2026-12-07T08:00."
SHIFTS = {"id": "id", "who": "who", "level": "level", "from": "from (UTC)", "to": "to", "how": "how"}
AWAY = {"id": "absence", "staff": "away", "from": "from (UTC)", "to": "to"}
TURNS = {"staff": "staff", "from": "from (UTC)", "to": "to"}
FromOption = Annotated[str, typer.Option("--from", help=INSTANT)]
ToOption = Annotated[str, typer.Option("--to", help=INSTANT)]
LaterOption = Annotated[str | None, typer.Option("--to", help=f"{INSTANT} 30 days ahead if not given.")]
LevelOption = Annotated[str, typer.Option("--level", help="primary or backup.")]


@group.command("add")
@writing
async def add(
    desk: Desk, staff: StaffOption, begins: FromOption, ends: ToOption, level: LevelOption = "primary"
) -> Shown:
    """Put a clinician on call.

    Example: fortnight rota add --staff S-1 --from 2026-11-02T08:00+01:00 --to 2026-11-09T08:00+01:00
    """
    return await _add(desk, staff, begins, ends, level, override=False)


@group.command("rotate")
@writing
async def rotate(
    desk: Desk,
    staff: Annotated[list[str], typer.Option("--staff", metavar="STAFF", help="Once for each, in their order.")],
    begins: Annotated[str, typer.Option("--from", help=f"The first handover. {WALL}")],
    every: Annotated[str, typer.Option("--every", help='How long a turn is: "week", "day", "2 weeks".')] = "week",
    timezone: Annotated[str | None, typer.Option("--timezone", help="Of the handover; the clinic's if none.")] = None,
    until: Annotated[str | None, typer.Option("--until", help=f"When it ends, if it does. {INSTANT}")] = None,
    level: LevelOption = "primary",
) -> Shown:
    """Let clinicians take turns for good, handing over at the same local time, also when the clocks change.

    Example: fortnight rota rotate --staff S-1 --staff S-2 --every week --from 2026-12-07T08:00
    """
    members = [await people.member(desk.tx, name) for name in staff]
    rotation = _rotation(
        [member.id for member in members],
        begins=begins,
        every=every,
        zone=timezone or desk.clinic.timezone,
        level=level,
        ends_at=instant(until, desk.now) if until else None,
    )
    rotation_id, turns = await rota.rotate(desk.tx, members, rotation, actor=ACTOR, now=desk.now)
    document = {"id": rotation_id, "level": level, "turns": turns}
    return await after_edit(desk, document, table(turns, TURNS, empty="No turns."))


@group.command("override")
@writing
async def override(
    desk: Desk, staff: StaffOption, begins: FromOption, ends: ToOption, level: LevelOption = "primary"
) -> Shown:
    """Let somebody stand in: for its time an override wins over the shifts of its level.

    Example: fortnight rota override --staff S-2 --from now --to 2026-11-02T20:00+01:00
    """
    return await _add(desk, staff, begins, ends, level, override=True)


@group.command("away")
@writing
async def away(desk: Desk, staff: StaffOption, begins: FromOption, ends: ToOption) -> Shown:
    """Note a holiday or another absence: whatever the rota says, they are not on call then.

    Example: fortnight rota away --staff S-1 --from 2026-12-24T00:00+01:00 --to 2027-01-02T00:00+01:00
    """
    member = await people.member(desk.tx, staff)
    from_at, to_at = instant(begins, desk.now), instant(ends, desk.now)
    absence = await rota.send_away(desk.tx, member, from_at=from_at, to_at=to_at, actor=ACTOR, now=desk.now)
    document = {"id": absence, "staff": member.alias, "from": from_at.isoformat(), "to": to_at.isoformat()}
    sentence = f"{member.alias} is away from {desk.local(from_at)} to {desk.local(to_at)}."
    return await after_edit(desk, document, sentence)


@group.command("remove")
@writing
async def remove(
    desk: Desk, row: Annotated[str, typer.Argument(metavar="ID", help="As `rota show` gives it.")]
) -> Shown:
    """Take a shift, an override or an absence off the rota, or end a rotation now.

    Example: fortnight rota remove ID
    """
    kind = await rota.remove(desk.tx, row, actor=ACTOR, now=desk.now)
    document = {"id": row, "kind": kind, "removed": True}
    return await after_edit(desk, document, f"The {kind} is off the rota.")


@group.command("show")
@reading
async def show(desk: Desk, begins: FromOption = "now", ends: LaterOption = None) -> Shown:
    """Show who is on call now, and the shifts, absences and gaps to come.

    Example: fortnight rota show --to 2026-11-30T00:00+01:00
    """
    from_at = instant(begins, desk.now)
    to_at = instant(ends, desk.now) if ends else from_at + AHEAD
    found = await rota.show(desk.tx, from_at, to_at, desk.now)
    shown: list[RenderableType] = [
        _on_call(found["now"]),
        table([_shift(each) for each in found["shifts"]], SHIFTS, empty="No shifts: `fortnight rota add`."),
    ]
    if found["away"]:
        shown.append(table(found["away"], AWAY, empty=""))
    return Shown(document=found, people=Group(*shown, table_of(found["gaps"])))


@group.command("gaps")
@reading
async def gaps(desk: Desk, begins: FromOption = "now", ends: LaterOption = None) -> Shown:
    """Show when nobody is primary, or backup where the rota has backups: pages then skip that step of the ladder.

    Example: fortnight rota gaps
    """
    from_at = instant(begins, desk.now)
    to_at = instant(ends, desk.now) if ends else from_at + AHEAD
    found = await rota.gaps(desk.tx, from_at, to_at)
    return Shown(document=found, people=table_of(found))


group.command("import")(calendars.take)
group.command("export")(calendars.give)


async def _add(desk: Desk, staff: str, begins: str, ends: str, level: str, *, override: bool) -> Shown:
    member = await people.member(desk.tx, staff)
    from_at, to_at = instant(begins, desk.now), instant(ends, desk.now)
    shift_id = await rota.add(
        desk.tx, member, level=level, from_at=from_at, to_at=to_at, override=override, actor=ACTOR, now=desk.now
    )
    document = {
        "id": shift_id,
        "staff": member.alias,
        "level": level,
        "from": from_at.isoformat(),
        "to": to_at.isoformat(),
        "override": override,
    }
    return await after_edit(
        desk, document, f"{member.alias} is {level} from {desk.local(from_at)} to {desk.local(to_at)}."
    )


def _rotation(
    order: list[str], *, begins: str, every: str, zone: str, level: str, ends_at: datetime | None
) -> Rotation:
    try:
        first = datetime.fromisoformat(begins.strip())
    except ValueError:
        raise Refused(f"{begins!r} is no date with a time.", f"write --from so: {WALL}") from None
    if first.tzinfo is not None:
        raise Refused(f"{begins!r} has an offset, which changes with the clocks.", f"write --from so: {WALL}")
    try:
        zone_of(zone)
        days = parse_every(every)
    except ValueError as error:
        sentence, _, mend = str(error).partition(": ")
        raise Refused(f"{sentence}.", mend) from None
    return Rotation(
        order=tuple(order),
        level=level,
        starts_on=first.date(),
        at=first.time().replace(second=0, microsecond=0),
        zone=zone,
        days=days,
        ends_at=ends_at,
    )


def _shift(line: dict[str, Any]) -> dict[str, Any]:
    """A shift in few columns."""
    instead = f"instead of {line['instead_of']}" if line["instead_of"] else "override" if line["override"] else None
    how = instead or ("rotation" if line["rotation"] else line["calendar"])
    return {**line, "who": f"{line['staff']} {line['name']}", "how": how}


def _on_call(now: dict[str, Any]) -> str:
    def names(people: list[dict[str, Any]]) -> str:
        return ", ".join(each["name"] for each in people) or "nobody"

    return f"On call now: {names(now['primary'])}; backup: {names(now['backup'])}."
