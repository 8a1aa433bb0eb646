"""The rota as staff edit and read it: shifts, rotations, absences, and the times at which nobody is on call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rules.permissions import may
from rules.rota import LEVELS, Absence, Gap
from rules.rotation import Rotation, next_turns
from services import duty, nudges, oncall, records
from services.errors import Refused
from store import absences, audit, rotations, staff
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
    refuse_unable(member)
    refuse_level(level)
    _refuse_span("shift", from_at, to_at, now)
    shift_id = await shifts.add(
        tx, staff_id=member.id, level=level, from_at=from_at, to_at=to_at, override=override, now=now
    )
    detail = {"shift": shift_id, "level": level, "from": from_at.isoformat(), "to": to_at.isoformat()}
    await edited(tx, actor, "override-added" if override else "shift-added", member.alias, now, detail)
    return shift_id


async def rotate(
    tx: Transaction, members: Sequence[Member], rotation: Rotation, *, actor: str, now: datetime
) -> tuple[str, list[dict[str, Any]]]:
    """Let members take turns; returns the rotation's id and the first turn of each to come. Raises Refused."""
    for member in members:
        refuse_unable(member)
    refuse_level(rotation.level)
    if rotation.ends_at is not None and rotation.ends_at <= now:
        raise Refused("The rotation is over already.", "give an --until that is still to come")
    rotation_id = await rotations.add(tx, rotation, now)
    aliases: dict[str, str] = {member.id: member.alias for member in members}
    turns = [
        {"staff": aliases[turn.staff], "from": records.stamp(turn.from_at), "to": records.stamp(turn.to_at)}
        for turn in next_turns(rotation, now)
    ]
    detail = {"rotation": rotation_id, "level": rotation.level, "staff": " ".join(aliases.values())}
    await edited(tx, actor, "rotation-added", rotation_id, now, detail)
    return rotation_id, turns


async def send_away(
    tx: Transaction, member: Member, *, from_at: datetime, to_at: datetime, actor: str, now: datetime
) -> str:
    """Note that a member is on holiday or away: they are not on call then; returns the id. Raises Refused."""
    _refuse_span("absence", from_at, to_at, now)
    absence_id = await absences.add(tx, Absence(staff=member.id, from_at=from_at, to_at=to_at), now)
    detail = {"absence": absence_id, "from": from_at.isoformat(), "to": to_at.isoformat()}
    await edited(tx, actor, "absence-added", member.alias, now, detail)
    return absence_id


async def remove(tx: Transaction, row_id: str, *, actor: str, now: datetime) -> str:
    """Take a shift, an override or an absence off the rota, or end a rotation now; returns which. Raises Refused."""
    for kind, take_off in (("shift", shifts.cancel), ("rotation", rotations.end), ("absence", absences.cancel)):
        if await take_off(tx, row_id, now):
            await edited(tx, actor, f"{kind}-removed", row_id[:32], now, {})
            return kind
    raise Refused(f"There is no shift, rotation or absence {row_id!r}.", "see `fortnight rota show`")


async def edited(
    tx: Transaction, actor: str, action: str, subject: str, now: datetime, detail: dict[str, str]
) -> Sequence[Gap]:
    """What every edit of the rota ends with: the audit, the coordinators told of gaps, the ladders woken."""
    stream = audit.CLINIC_STREAM
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=subject, now=now, detail=detail)
    tx.wake("alert")
    return await nudges.say_gaps(tx, now)


async def show(tx: Transaction, from_at: datetime, to_at: datetime, now: datetime) -> dict[str, Any]:
    """Who is on call now, and the shifts, absences and gaps that touch a span of time."""
    members: dict[str, Member] = {member.id: member for member in await staff.every(tx)}
    planned = await oncall.planned_shifts(tx, from_at, to_at)
    return {
        "now": await duty.on_call(tx, now),
        "shifts": [_shift_line(each, members) for each in sorted(planned, key=lambda each: each.shift.from_at)],
        "away": [
            {
                "id": absence_id,
                "staff": members[absence.staff].alias,
                "from": records.stamp(absence.from_at),
                "to": records.stamp(absence.to_at),
            }
            for absence_id, absence in (await absences.between(tx, from_at, to_at)).items()
        ],
        "gaps": await gaps(tx, from_at, to_at),
    }


def _shift_line(planned: oncall.Planned, members: dict[str, Member]) -> dict[str, Any]:
    shift, instead_of = planned.shift, planned.shift.instead_of
    return {
        "id": planned.id,
        "staff": members[shift.staff].alias,
        "name": members[shift.staff].name,
        "level": shift.level,
        "from": records.stamp(shift.from_at),
        "to": records.stamp(shift.to_at),
        "override": shift.override,
        "instead_of": members[instead_of].alias if instead_of else None,
        "rotation": planned.rotates,
        "calendar": planned.calendar,
    }


async def gaps(tx: Transaction, from_at: datetime, to_at: datetime) -> list[dict[str, Any]]:
    """The spans of time in which a level is empty that should not be."""
    return [
        {"level": gap.level, "from": records.stamp(gap.from_at), "to": records.stamp(gap.to_at)}
        for gap in await oncall.gaps(tx, from_at, to_at)
    ]


def refuse_unable(member: Member) -> None:
    """Raise Refused for somebody who cannot be on call."""
    if member.disabled_at is not None:
        raise Refused(f"{member.alias} is disabled.", "choose somebody else, see `fortnight staff list`")
    if not may(member.role, "acknowledge-alert"):
        raise Refused(f"{member.alias} is {member.role}, who cannot take an alert.", "put a clinician on the rota")


def refuse_level(level: str) -> None:
    """Raise Refused for what is no level."""
    if level not in LEVELS:
        raise Refused(f"There is no level {level!r}.", f"use one of: {', '.join(LEVELS)}")


def _refuse_span(what: str, from_at: datetime, to_at: datetime, now: datetime) -> None:
    if to_at <= from_at:
        raise Refused(f"The {what} ends before it begins.", "give a --to that is later than --from")
    if to_at <= now:
        raise Refused(f"The {what} is over already.", "give a --to that is still to come")
