"""Who may give a command: the account at the machine, if it is a member's, against the table of permissions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app import database
from app.cli import operators
from app.clock import SystemClock
from app.settings import Settings
from services import accounts
from store.errors import StoreError


async def checked(settings: Settings, folder: Path, command: str) -> str:
    """Who gives the command, as the audit names them. Raises Refused for a member who may not."""
    account = operators.account()
    actor = f"cli:{account}"
    try:
        opened = await database.open_ready(settings.database, folder)
    except StoreError:  # nobody can be looked up in it, and the command may be what mends it
        return actor
    try:
        async with opened.reading() as tx:
            member = await accounts.member_of(tx, account)
        if member is None:
            return actor
        if not accounts.may_do(member, command):
            async with opened.transaction() as tx:
                refused = await accounts.refuse(tx, member, command, actor=actor, now=SystemClock().now())
            raise refused
        return f"staff:{member.id}"
    finally:
        await opened.close()


def name_of(context: Any) -> str:
    """The words of a command behind `fortnight`, such as "staff add"."""
    words, at = list[str](), context
    while at.parent is not None:
        words.insert(0, at.info_name or "")
        at = at.parent
    return " ".join(words)
