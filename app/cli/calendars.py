"""`fortnight rota import` and `export`: shifts from another calendar, and one's own for a phone's calendar."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.cli import gaps
from app.cli.desk import ACTOR, Desk, How, configured, in_database, reading
from app.cli.options import INSTANT, StaffOption, instant
from app.cli.printing import Shown, counted, why_not
from app.settings import Settings
from services import calendars, people, records
from services.errors import Refused

PATIENCE = 20.0  # seconds
LARGEST = 5_000_000  # bytes
MEND = "give a file that this user may read, or an address that answers with a calendar"


@configured
async def take(
    place: tuple[Settings, Path],
    source: Annotated[str, typer.Argument(metavar="FILE|URL", help="An iCalendar file, or its http(s) address.")],
    staff: Annotated[str | None, typer.Option("--staff", help="Whose all events are; else each names one.")] = None,
    level: Annotated[str, typer.Option("--level", help="primary or backup, where an event does not say backup.")] = (
        "primary"
    ),
    calendar: Annotated[
        str, typer.Option("--calendar", help="Under which name; each name is a calendar.")
    ] = "imported",
    skip: Annotated[bool, typer.Option("--skip", help="Leave out events that name nobody of the staff.")] = False,
) -> Shown:
    """Take a calendar's events of the next 180 days over as shifts, in place of what it brought before.

    Example: fortnight rota import https://calendar.example.org/on-call.ics
    """
    text = await _fetched(source) if source.startswith(("http://", "https://")) else _read(Path(source))
    use = partial(_take, text=text, staff=staff, level=level, calendar=calendar, skip=skip)
    return await in_database(*place, use, how=How.WRITES)


async def _take(desk: Desk, *, text: str, staff: str | None, level: str, calendar: str, skip: bool) -> Shown:
    member = await people.member(desk.tx, staff) if staff else None
    events = calendars.read(text, desk.clinic.timezone, desk.now, desk.now + calendars.AHEAD)
    done = await calendars.take_over(
        desk.tx, events, calendar=calendar, level=level, member=member, skip=skip, actor=ACTOR, now=desk.now
    )
    document = {
        "calendar": calendar,
        "added": done.added,
        "removed": done.removed,
        "kept": done.kept,
        "skipped": list(done.skipped),
    }
    new = counted(done.added, "shift is", "shifts are")
    said = f"{new} new, {counted(done.removed, 'is', 'are')} gone, {counted(done.kept, 'is', 'are')} as before."
    if done.skipped:
        said += f" Left out, for they name nobody: {', '.join(sorted(set(done.skipped)))}."
    return await gaps.after_edit(desk, document, said)


@reading
async def give(
    desk: Desk,
    staff: StaffOption,
    ends: Annotated[str | None, typer.Option("--to", help=f"{INSTANT} 180 days ahead if not given.")] = None,
) -> Shown:
    """Print a clinician's own shifts as an iCalendar file: swaps, overrides and holidays are in it.

    Example: fortnight rota export --staff S-1 > on-call.ics
    """
    member = await people.member(desk.tx, staff)
    to_at = instant(ends, desk.now) if ends else desk.now + calendars.AHEAD
    own = await calendars.own_shifts(desk.tx, member, desk.now, to_at)
    text = calendars.write(desk.clinic, member, own, desk.now)
    shifts = [
        {"level": each.level, "from": records.stamp(each.from_at), "to": records.stamp(each.to_at)} for each in own
    ]
    return Shown(document={"staff": member.alias, "shifts": shifts, "calendar": text}, raw=text)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {why_not(error)}.", MEND) from None


async def _fetched(url: str) -> str:
    """What stands at an address. Neither it nor what it said goes into the complaint: it may hold a secret."""
    import aiohttp  # slow to import, and seldom needed

    try:
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            answer.raise_for_status()
            body = await answer.content.read(LARGEST + 1)
            while len(body) <= LARGEST and (more := await answer.content.read(LARGEST)):
                body += more
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Refused(f"The address gave no calendar ({type(error).__name__}).", MEND) from None
    if len(body) > LARGEST:
        raise Refused("The calendar is larger than 5 MB.", "export only the calendar of the shifts")
    return body.decode("utf-8-sig", errors="replace")
