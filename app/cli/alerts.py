"""`fortnight alert`: look, acknowledge for a clinician, hand over, close with an outcome, reopen, report."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group

from app.cli import alert_report
from app.cli.desk import ACTOR, Desk, reading, writing
from app.cli.options import AlertArgument, StaffOption, unseen
from app.cli.printing import Shown, table
from services import ownership, people, records
from services.errors import Refused

group = typer.Typer(help="Alerts: list, show, acknowledge, hand-over, close, reopen, report.", no_args_is_help=True)
group.command("report")(alert_report.report)
STATES = ("open", "acknowledged", "closed")
UNSAID = "Closed at the command line, without a sentence."
COLUMNS = {
    "id": "alert",
    "tier": "tier",
    "patient": "patient",
    "state": "state",
    "reasons": "reasons",
    "opened_at": "opened (UTC)",
    "owner": "owner",
    "outcome": "outcome",
    "pages": "pages",
}


@group.command("list")
@reading
async def list_all(
    desk: Desk,
    state: Annotated[str | None, typer.Option("--state", help="Only those open, acknowledged or closed.")] = None,
) -> Shown:
    """List the alerts, oldest first.

    Example: fortnight alert list --state open
    """
    if state is not None and state not in STATES:
        raise Refused(f"There is no state {state!r}.", f"use one of: {', '.join(STATES)}")
    lines = await records.alert_lines(desk.tx, *([state] if state else []))
    return Shown(document=lines, people=table(lines, COLUMNS, empty="No alerts."))


@group.command("show")
@reading
async def show(desk: Desk, alert: AlertArgument) -> Shown:
    """Show an alert: what was seen and all that happened since. The patient's words stay in the chat's reveal.

    Example: fortnight alert show A-7
    """
    record = await records.alert_record(desk.tx, await people.alert(desk.tx, alert))
    seen = table(record["findings"], {"at": "seen (UTC)", "tier": "tier", "rule": "rule"}, empty="Nothing was seen.")
    happened = table(record["events"], {"at": "at (UTC)", "kind": "what", "staff": "who"}, empty="Nothing yet.")
    return Shown(document=record, people=Group(table([record], COLUMNS, empty=""), seen, happened))


@group.command("acknowledge")
@writing
async def acknowledge(desk: Desk, alert: AlertArgument, staff: StaffOption) -> Shown:
    """Acknowledge an alert for a clinician, who owns it from now on.

    Example: fortnight alert acknowledge A-7 --staff S-1
    """
    found, member = await people.alert(desk.tx, alert), await people.responder(desk.tx, staff)
    if not await ownership.acknowledge(desk.clinic, desk.tx, found, member, desk.now, actor=ACTOR):
        raise Refused(f"{found.alias} is {found.state} already.", "`fortnight alert show` tells who has it")
    return await _as_it_is(desk, found.id)


@group.command("hand-over")
@writing
async def hand_over(
    desk: Desk,
    alert: AlertArgument,
    to: Annotated[str, typer.Option("--to", metavar="STAFF", help="Who takes it, such as S-2.")],
) -> Shown:
    """Make somebody else the owner of an alert.

    Example: fortnight alert hand-over A-7 --to S-2
    """
    found, member = await people.alert(desk.tx, alert), await people.responder(desk.tx, to)
    if found.state == "closed":
        raise Refused(f"{found.alias} is closed.", "`fortnight alert reopen` it first")
    await ownership.hand_over(desk.clinic, desk.tx, found, member, ACTOR, desk.now)
    return await _as_it_is(desk, found.id)


@group.command("close")
@writing
async def close(
    desk: Desk,
    alert: AlertArgument,
    outcome: Annotated[str, typer.Option("--outcome", help="reached-safe, reached-care, not-reached or no-concern.")],
    note: Annotated[
        str, typer.Option("--note", callback=unseen, help="A sentence for the record; kept encrypted.")
    ] = UNSAID,
) -> Shown:
    """Close an acknowledged alert with its outcome and, for the record, a sentence.

    Example: fortnight alert close A-7 --outcome reached-safe --note "Spoke by phone, partner is there."
    """
    found = await people.alert(desk.tx, alert)
    await ownership.close(desk.tx, found, None, outcome, note, desk.now, actor=ACTOR)
    return await _as_it_is(desk, found.id)


@group.command("reopen")
@writing
async def reopen(desk: Desk, alert: AlertArgument) -> Shown:
    """Open a closed alert again; it pages again, its owner's level first.

    Example: fortnight alert reopen A-7
    """
    found = await people.alert(desk.tx, alert)
    await ownership.reopen(desk.clinic, desk.tx, found, ACTOR, desk.now)
    return await _as_it_is(desk, found.id)


async def _as_it_is(desk: Desk, alert_id: str) -> Shown:
    line = await records.alert_line(desk.tx, alert_id)
    return Shown(document=line, people=table([line], COLUMNS, empty=""))
