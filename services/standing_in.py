"""Standing in: who did not answer at the start of a shift and the backup change places until an answer comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services import oncall, rota
from services.clinic import Clinic
from services.outgoing import to_staff
from store import drills, outbox, staff
from store import rota as shifts
from store.database import Transaction
from store.drills import Drill
from store.staff import Member

HORIZON = timedelta(days=31)


async def begin(clinic: Clinic, tx: Transaction, silent: Member, drill: Drill, now: datetime) -> Member | None:
    """Make the backup the primary in place of one who is silent, and that one the backup; returns who stands in.

    None when the silent one is no primary now, another primary can be reached, or there is no backup who can be.
    """
    duty = await oncall.duty(tx, now)
    if drill.why != "shift" or drill.level != "primary" or silent.id not in duty.primary:
        return None
    members: dict[str, Member] = {member.id: member for member in await staff.every(tx)}
    lost = await drills.silent(tx, now) | {silent.id}
    there = {each for each in members if members[each].reachable and each not in lost}
    backup = next((each for each in duty.backup if each in there), None)
    if backup is None or there & set(duty.primary):
        return None
    to_at = await _end_of(tx, {(silent.id, "primary"), (backup, "backup")}, now)
    places = (("primary", backup, silent.id), ("backup", silent.id, backup))
    for level, who, instead_of in places:
        await shifts.add(
            tx,
            staff_id=who,
            level=level,
            from_at=now,
            to_at=to_at,
            override=True,
            instead_of=instead_of,
            drill_id=drill.id,
            now=now,
        )
    await rota.edited(tx, "engine", "stand-in-begun", silent.alias, now, {"drill": drill.id, "by": backup})
    await _ask(clinic, tx, members[backup], silent, to_at, now)
    return members[backup]


async def _end_of(tx: Transaction, places: set[tuple[str, str]], now: datetime) -> datetime:
    """When the first of the two goes off call: from then on the rota holds again, and its people are asked."""
    actual = await oncall.actual_shifts(tx, now, now + HORIZON)
    return min(each.to_at for each in actual if each.from_at == now and (each.staff, each.level) in places)


async def _ask(clinic: Clinic, tx: Transaction, backup: Member, silent: Member, to_at: datetime, now: datetime) -> None:
    """Tell who stands in, by a page that wants an answer too."""
    answer_by = now + clinic.answer_within
    await drills.add(
        tx,
        staff_id=backup.id,
        why="stand-in",
        now=now,
        level="primary",
        from_at=now,
        to_at=to_at,
        answer_by=answer_by,
    )
    figures: dict[str, Any] = {
        "level": "primary",
        "to": to_at.isoformat(),
        "by": answer_by.isoformat(),
        "name": silent.name,
    }
    await outbox.queue(tx, [to_staff(backup, "page", "drill", why="stand-in", **figures)], now)


async def end(tx: Transaction, member: Member, drill: Drill, now: datetime) -> bool:
    """One who was silent has answered: the rota holds again, and who stood in is told; False if nobody did."""
    stood_in = {
        each.shift.staff for each in await oncall.planned_shifts(tx, now, now + HORIZON) if each.drill_id == drill.id
    } - {member.id}
    if not await shifts.end_of_drill(tx, drill.id, now):
        return False
    await rota.edited(tx, f"staff:{member.id}", "stand-in-ended", member.alias, now, {"drill": drill.id})
    people = [each for each in await staff.every(tx) if each.id in stood_in and each.reachable]
    drafts = [
        to_staff(each, "reply", "drill-late", name=member.name, why=drill.why, level="primary") for each in people
    ]
    await outbox.queue(tx, drafts, now)
    return True
