"""`fortnight staff`: who works here, in which role, the links by which they join, and their accounts here."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import links, operators
from app.cli.desk import ACTOR, Desk, linking, reading, writing
from app.cli.gaps import after_edit
from app.cli.options import StaffArgument, unseen
from app.cli.printing import Shown, table
from services import accounts, enrolment, people, records

group = typer.Typer(help="Staff: add, list, disable, relink, account.", no_args_is_help=True)
COLUMNS = {
    "id": "staff",
    "name": "name",
    "role": "role",
    "linked": "linked",
    "tested_at": "tested (UTC)",
    "disabled_at": "disabled (UTC)",
}


@group.command("add")
@linking
async def add(
    desk: Desk,
    name: Annotated[str, typer.Option("--name", callback=unseen, help="As colleagues know them.")],
    role: Annotated[str, typer.Option("--role", help="admin, coordinator, clinician or auditor.")],
    language: Annotated[str, typer.Option("--language", help="en or es.")] = "en",
) -> Shown:
    """Add a staff member and give the link by which they join.

    Example: fortnight staff add --name "Clinician One" --role clinician
    """
    member, code = await enrolment.add_staff(
        desk.clinic, desk.tx, name=name, role=role, language=language, actor=ACTOR, now=desk.now
    )
    return links.shown(desk, member.alias, code)


@group.command("list")
@reading
async def list_all(desk: Desk) -> Shown:
    """List the staff, with whether pages reach them.

    Example: fortnight staff list
    """
    lines = await records.staff_lines(desk.tx)
    return Shown(document=lines, people=table(lines, COLUMNS, empty="Nobody yet: `fortnight staff add`."))


@group.command("disable")
@writing
async def disable(desk: Desk, staff: StaffArgument) -> Shown:
    """Take everything from a staff member at once; their shifts become gaps.

    Example: fortnight staff disable S-2
    """
    member = await people.member(desk.tx, staff)
    await enrolment.disable_staff(desk.tx, member, actor=ACTOR, now=desk.now)
    return await after_edit(desk, {"id": member.alias, "disabled": True}, f"{member.alias} is disabled.")


@group.command("relink")
@linking
async def relink(desk: Desk, staff: StaffArgument) -> Shown:
    """Give a staff member a new link, for a new phone or account; older links stop working.

    Example: fortnight staff relink S-2
    """
    member = await people.member(desk.tx, staff)
    code = await enrolment.relink_staff(desk.clinic, desk.tx, member, actor=ACTOR, now=desk.now)
    return links.shown(desk, member.alias, code)


@group.command("account")
@writing
async def account(
    desk: Desk,
    name: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The name of an account of this machine.")],
    staff: Annotated[str | None, typer.Option("--staff", help="Whose it is; an operator's again without.")] = None,
) -> Shown:
    """Give an account of this machine to a member: their commands are checked against their role from then on.

    Example: fortnight staff account anna --staff S-2
    """
    member = await people.member(desk.tx, staff) if staff else None
    await accounts.give(
        desk.tx, name[: operators.LONGEST], member, own=operators.account(), actor=desk.actor, now=desk.now
    )
    told = f"{name} is the account of {member.alias}, as {member.role}." if member else f"{name} is an operator's."
    document = {"account": name, "staff": member.alias if member else None, "role": member.role if member else None}
    return Shown(document=document, people=told)
