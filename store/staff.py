"""Staff members: who they are, whether Telegram reaches them, whether they were tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from store.counters import next_number
from store.database import Transaction
from store.errors import WrongKey
from store.ids import StaffId, new_id
from store.keyring import CLINIC
from store.schema import staff

_EVERY = select(staff).order_by(staff.c.number)
_OF_ID = select(staff).where(staff.c.id == bindparam("id"))
_OF_NUMBER = select(staff).where(staff.c.number == bindparam("number"))
_OF_USER = select(staff).where(staff.c.user_id == bindparam("user_id"), staff.c.disabled_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A staff member."""

    id: StaffId
    number: int
    name: str
    role: str
    language: str
    user_id: int | None
    chat_id: int | None
    page_bot_at: datetime | None
    tested_at: datetime | None
    blocked_at: datetime | None
    disabled_at: datetime | None

    @property
    def alias(self) -> str:
        """How the command line names the member: S-3."""
        return f"S-{self.number}"

    @property
    def reachable(self) -> bool:
        """Whether a page can go to them: linked, not disabled, not known to have blocked the bot."""
        return self.chat_id is not None and self.disabled_at is None and self.blocked_at is None


async def add(tx: Transaction, *, name: str, role: str, language: str, now: datetime) -> Member:
    """Add a staff member."""
    member_id = StaffId(new_id())
    values = {
        "id": member_id,
        "number": await next_number(tx, "staff"),
        "name": await tx.seal(CLINIC, _place(member_id), name),
        "role": role,
        "language": language,
        "created_at": now,
    }
    await tx.execute(insert(staff), values)
    found = await get(tx, member_id)
    assert found is not None  # noqa: S101 - inserted above
    return found


async def get(tx: Transaction, member_id: str) -> Member | None:
    """The member of an id."""
    return await _one(tx, _OF_ID, id=member_id)


async def by_number(tx: Transaction, number: int) -> Member | None:
    """The member of a number, as in S-3."""
    return await _one(tx, _OF_NUMBER, number=number)


async def by_user(tx: Transaction, user_id: int) -> Member | None:
    """The member who is linked to a Telegram user and not disabled."""
    return await _one(tx, _OF_USER, user_id=user_id)


async def every(tx: Transaction) -> list[Member]:
    """All members, oldest first."""
    return [await _member(tx, row) for row in await tx.rows(_EVERY)]


async def change(tx: Transaction, member_id: str, **values: Any) -> None:
    """Set plain columns of a member."""
    await tx.execute(update(staff).where(staff.c.id == member_id).values(**values))


async def _one(tx: Transaction, query: Select[Any], **values: Any) -> Member | None:
    row = await tx.row(query, values)
    return None if row is None else await _member(tx, row)


async def _member(tx: Transaction, row: Any) -> Member:
    return Member(
        id=row.id,
        number=row.number,
        name=await _name(tx, row),
        role=row.role,
        language=row.language,
        user_id=row.user_id,
        chat_id=row.chat_id,
        page_bot_at=row.page_bot_at,
        tested_at=row.tested_at,
        blocked_at=row.blocked_at,
        disabled_at=row.disabled_at,
    )


async def _name(tx: Transaction, row: Any) -> str:
    try:
        return await tx.open(_place(row.id), row.name) or ""
    except WrongKey:  # one altered name must not keep everybody else from being paged
        return ""


def _place(member_id: str) -> str:
    return f"staff.name:{member_id}"
