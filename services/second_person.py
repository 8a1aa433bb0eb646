"""The second person: with rights.two_persons an admin agrees in the chat before something is done, within a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rules.permissions import may
from services.errors import Refused
from services.outgoing import to_staff
from store import audit, outbox, staff
from store.audit import Entry
from store.database import Transaction
from store.staff import Member

STANDS_FOR = timedelta(hours=24)


async def ask(tx: Transaction, action: str, kind: str, now: datetime, **params: Any) -> None:
    """Ask everybody who could agree to an action, by a message of a kind. Raises Refused where nobody could."""
    able = [each for each in await staff.every(tx) if each.reachable and may(each.role, action)]
    if not able:
        mend = "add one with `fortnight staff add --role admin`, or set rights.two_persons = false"
        raise Refused("There is no admin in the chat who could agree as the second person.", mend)
    await outbox.queue(tx, [to_staff(each, "reply", kind, **params) for each in able], now)


async def standing(tx: Transaction, stream: str, action: str, subject: str, now: datetime) -> Entry | None:
    """The last row of the audit that asked for something or agreed to it, if that is not too long ago."""
    found = await audit.last(tx, stream, action, subject)
    return found if found is not None and found.at >= now - STANDS_FOR else None


def refusal(member: Member | None, action: str, asked: Entry | None) -> str | None:
    """Why a member's agreement does not count: a code, or none where it does."""
    if member is None or not may(member.role, action):
        return "refused"
    if asked is None:
        return "too_late"
    return "not_second" if asked.actor == f"staff:{member.id}" else None
