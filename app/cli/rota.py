"""`fortnight rota`: who is on call when, who stands in, and where nobody is."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Group

from app.cli.desk import ACTOR, Desk, reading, writing
from app.cli.options import INSTANT, StaffOption, instant
from app.cli.printing import Shown, table
from services import people, rota

group = typer.Typer(help="The rota: add, override, remove, show, gaps.", no_args_is_help=True)
AHEAD = timedelta(days=30)
SHIFTS = {
    "id": "shift",
    "staff": "staff",
    "name": "name",
    "level": "level",
    "from": "from (UTC)",
    "to": "to",
    "override": "override",
}
GAPS = {"level": "level", "from": "from (UTC)", "to": "to"}
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


@group.command("override")
@writing
async def override(
    desk: Desk, staff: StaffOption, begins: FromOption, ends: ToOption, level: LevelOption = "primary"
) -> Shown:
    """Let somebody stand in: for its time an override wins over the shifts of its level.

    Example: fortnight rota override --staff S-2 --from now --to 2026-11-02T20:00+01:00
    """
    return await _add(desk, staff, begins, ends, level, override=True)


@group.command("remove")
@writing
async def remove(desk: Desk, shift: Annotated[str, typer.Argument(help="Id, as `rota show` gives it.")]) -> Shown:
    """Take a shift or an override off the rota.

    Example: fortnight rota remove SHIFT
    """
    await rota.remove(desk.tx, shift, actor=ACTOR, now=desk.now)
    return Shown(document={"id": shift, "removed": True}, people="It is off the rota.")


@group.command("show")
@reading
async def show(desk: Desk, begins: FromOption = "now", ends: LaterOption = None) -> Shown:
    """Show who is on call now and the shifts to come.

    Example: fortnight rota show --to 2026-11-30T00:00+01:00
    """
    from_at = instant(begins, desk.now)
    to_at = instant(ends, desk.now) if ends else from_at + AHEAD
    found = await rota.show(desk.clinic, desk.tx, from_at, to_at, desk.now)
    shifts = table(found["shifts"], SHIFTS, empty="No shifts: `fortnight rota add`.")
    return Shown(document=found, people=Group(_on_call(found["now"]), shifts))


@group.command("gaps")
@reading
async def gaps(desk: Desk, begins: FromOption = "now", ends: LaterOption = None) -> Shown:
    """Show when nobody is primary, so that a page would go to everyone at once.

    Example: fortnight rota gaps
    """
    from_at = instant(begins, desk.now)
    to_at = instant(ends, desk.now) if ends else from_at + AHEAD
    found = await rota.gaps(desk.tx, from_at, to_at)
    return Shown(document=found, people=table(found, GAPS, empty="No gaps."))


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
    return Shown(
        document=document, people=f"{member.alias} is {level} from {from_at.isoformat()} to {to_at.isoformat()}."
    )


def _on_call(now: dict[str, Any]) -> str:
    def names(people: list[dict[str, Any]]) -> str:
        return ", ".join(each["name"] for each in people) or "nobody"

    return f"On call now: {names(now['primary'])}; backup: {names(now['backup'])}."
