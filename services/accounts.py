"""Accounts of the machine that were given to staff: at the command line such a member does what their role may do.

Any other account is an operator's, who has the machine and the key and with them everything.
"""

from __future__ import annotations

from datetime import datetime

from rules.permissions import action_of, may
from services.errors import Refused
from store import audit, meta, staff
from store.database import Transaction
from store.staff import Member

PREFIX = "account:"


async def give(tx: Transaction, account: str, member: Member | None, *, own: str, actor: str, now: datetime) -> None:
    """Give an account to a member, or take it away; `own` is that of whoever does it. Raises Refused."""
    if account == own and member is not None and (member.role != "admin" or member.disabled_at is not None):
        raise Refused(f"{account} is your own account, and {member.alias} is no admin.", "name another account")
    await meta.put(tx, PREFIX + account, member.id if member is not None else "")
    action, subject = ("account-given", member.alias) if member is not None else ("account-taken", "staff")
    detail = {"account": account}
    await audit.record(
        tx, stream=audit.CLINIC_STREAM, actor=actor, action=action, subject=subject, now=now, detail=detail
    )


async def member_of(tx: Transaction, account: str) -> Member | None:
    """The member whom an account was given to, also one who is disabled; none for an operator's."""
    member_id = await meta.get(tx, PREFIX + account)
    return await staff.get(tx, member_id) if member_id else None


def may_do(member: Member, command: str) -> bool:
    """Whether a member may do a command of the command line."""
    return member.disabled_at is None and may(member.role, action_of(command))


async def refuse(tx: Transaction, member: Member, command: str, *, actor: str, now: datetime) -> Refused:
    """Note that a member asked for what they may not do; returns what to tell them."""
    await audit.record(
        tx,
        stream=audit.CLINIC_STREAM,
        actor=actor,
        action="command-refused",
        subject=member.alias,
        now=now,
        detail={"command": command},
    )
    how = "disabled" if member.disabled_at is not None else f"here as {member.role}"
    return Refused(f"You are {member.alias}, {how}, and may not do that.", "ask an admin")
