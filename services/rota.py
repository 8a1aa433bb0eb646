"""The rota as staff edit and read it: shifts, overrides, and the times at which nobody is on call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rules.permissions import may
from rules.rota import LEVELS
from services import oncall, records
from services.clinic import Clinic
from services.errors import Refused
from services.worklists import on_call
from store import audit, staff
from store import rota as shifts
from store.database import Transaction
from store.staff import Member


async def add(
    tx: Transaction,
    member: Member,
    *,
    level: str,
    from_at: datetime,
    to_at: datetime,
    override: bool,
    actor: str,
    now: datetime,
) -> str:
    """Put a member on call, in place of whoever is if `override`; returns the shift's id. Raises Refused."""
    _refuse_nonsense(member, level, from_at, to_at, now)
    shift_id = await shifts.add(
        tx, staff_id=member.id, level=level, from_at=from_at, to_at=to_at, override=override, now=now
    )
    detail = {"shift": shift_id, "level": level, "from": from_at.isoformat(), "to": to_at.isoformat()}
    action = "override-added" if override else "shift-added"
    await _note(tx, actor, action, member.alias, now, detail)
    tx.wake("alert")
    return shift_id


async def remove(tx: Transaction, shift_id: str, *, actor: str, now: datetime) -> None:
    """Take a shift or an override off the rota. Raises Refused."""
    if not await shifts.cancel(tx, shift_id, now):
        raise Refused(f"There is no shift {shift_id!r}.", "see `fortnight rota show`")
    await _note(tx, actor, "shift-removed", shift_id[:32], now, {})
    tx.wake("alert")


async def show(clinic: Clinic, tx: Transaction, from_at: datetime, to_at: datetime, now: datetime) -> dict[str, Any]:
    """Who is on call now, and the shifts that touch a span of time."""
    members: dict[str, Member] = {member.id: member for member in await staff.every(tx)}
    return {
        "now": await on_call(clinic, tx, now),
        "shifts": [
            {
                "id": shift.id,
                "staff": members[shift.staff_id].alias,
                "name": members[shift.staff_id].name,
                "level": shift.level,
                "from": records.stamp(shift.from_at),
                "to": records.stamp(shift.to_at),
                "override": shift.override,
            }
            for shift in await shifts.between(tx, from_at, to_at)
        ],
    }


async def gaps(tx: Transaction, from_at: datetime, to_at: datetime) -> list[dict[str, Any]]:
    """The spans of time in which no primary is on call."""
    return [
        {"level": gap.level, "from": records.stamp(gap.from_at), "to": records.stamp(gap.to_at)}
        for gap in await oncall.gaps(tx, from_at, to_at)
    ]


def _refuse_nonsense(member: Member, level: str, from_at: datetime, to_at: datetime, now: datetime) -> None:
    if member.disabled_at is not None:
        raise Refused(f"{member.alias} is disabled.", "choose somebody else, see `fortnight staff list`")
    if not may(member.role, "acknowledge-alert"):
        raise Refused(f"{member.alias} is {member.role}, who cannot take an alert.", "put a clinician on the rota")
    if level not in LEVELS:
        raise Refused(f"There is no level {level!r}.", f"use one of: {', '.join(LEVELS)}")
    if to_at <= from_at:
        raise Refused("The shift ends before it begins.", "give a --to that is later than --from")
    if to_at <= now:
        raise Refused("The shift is over already.", "give a --to that is still to come")


async def _note(tx: Transaction, actor: str, action: str, subject: str, now: datetime, detail: dict[str, str]) -> None:
    stream = audit.CLINIC_STREAM
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=subject, now=now, detail=detail)
