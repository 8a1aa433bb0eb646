"""Drills: pages with no patient behind them, on request, on schedule and at each shift's start; silence is heeded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rules.rota import Shift
from services import nudges, oncall, records, standing_in
from services.clinic import Clinic
from services.errors import Refused
from services.outgoing import to_staff
from services.turn import Turn
from store import audit, drills, outbox, staff
from store.database import Transaction
from store.drills import Drill
from store.staff import Member

FRESH = timedelta(hours=1)  # whoever has shown so lately that they can be reached is not asked again
LATE = timedelta(days=1)  # so long after its start a shift is still asked for: after an outage
AHEAD = timedelta(days=31)


async def send(tx: Transaction, member: Member, why: str, now: datetime, *, answer_by: datetime | None = None) -> None:
    """A page with no patient behind it; with `answer_by` its silence is told to the coordinators."""
    await drills.add(tx, staff_id=member.id, why=why, now=now, answer_by=answer_by)
    await outbox.queue(tx, [to_staff(member, "page", "drill", why=why)], now)


async def send_to(
    clinic: Clinic, tx: Transaction, members: Sequence[Member] | None, *, actor: str, now: datetime
) -> list[Member]:
    """Drill members, or all whom a page may go to, and heed their silence; returns who it was. Raises Refused."""
    chosen = await oncall.pageable(tx) if members is None else list(members)
    for member in chosen:
        if not member.reachable:
            raise Refused(f"{member.alias} cannot be reached.", "see `fortnight staff list`, `fortnight staff relink`")
        await send(tx, member, "request", now, answer_by=now + clinic.answer_within)
        await _note(tx, actor, "drill-sent", member, now, {})
    return chosen


async def lines(tx: Transaction, since: datetime) -> list[dict[str, Any]]:
    """The drills since an instant, with how many seconds each took to be answered; none as long as it was not."""
    members: dict[str, Member] = {member.id: member for member in await staff.every(tx)}
    return [
        {
            "staff": members[drill.staff_id].alias,
            "why": drill.why,
            "level": drill.level,
            "asked_at": records.stamp(drill.asked_at),
            "answered_at": records.stamp(drill.answered_at),
            "seconds": _seconds(drill, drill.answered_at) if drill.answered_at else None,
            "missed": drill.missed_at is not None,
        }
        for drill in await drills.since(tx, since)
    ]


def _seconds(drill: Drill, answered_at: datetime) -> int:
    """How long it took; nothing where an answer from just before the shift was taken."""
    return max(0, int((answered_at - drill.asked_at).total_seconds()))


async def send_asked(turn: Turn) -> None:
    """`/drill`: to whoever asks for it."""
    if turn.member is not None:
        await send(turn.tx, turn.member, "request", turn.now)


async def answer_pressed(turn: Turn) -> None:
    """The button was pressed: pages reach this member, who has answered all that was asked."""
    member, now = turn.member, turn.now
    if member is None:
        return
    await turn.tx.lock("drills")  # a silence that is being heeded this very moment must be seen, and taken back
    waiting = await drills.unanswered(turn.tx, member.id)
    await drills.answered(turn.tx, member.id, now)
    await staff.change(turn.tx, member.id, tested_at=now)
    seconds = _seconds(waiting[-1], now) if waiting else None
    await _note(turn.tx, f"staff:{member.id}", "drill-passed", member, now, {"seconds": seconds})
    done = to_staff(member, "reply", "drill-done", at=now.isoformat(), seconds=seconds)
    await outbox.queue(turn.tx, [done], now)
    for drill in waiting:
        if drill.missed_at is not None and await standing_in.end(turn.tx, member, drill, now):
            await _tell(turn.tx, "drill-late", member, drill, now)


async def ask_due(clinic: Clinic, now: datetime) -> None:
    """Ask whoever has come on call, and on clinic days whoever was not asked for long, whether they can be reached."""
    async with clinic.database.reading() as tx:
        if not await _begun(tx, now, oncall.MOMENT) and not await _long_unasked(clinic, tx, now):
            return
    async with clinic.database.transaction() as tx:
        await tx.lock("drills")
        for member, shift in await _begun(tx, now, AHEAD):
            await _ask_for_shift(clinic, tx, member, shift, now)
        for member in await _long_unasked(clinic, tx, now):
            await send(tx, member, "schedule", now, answer_by=now + clinic.answer_within)


async def _begun(tx: Transaction, now: datetime, ahead: timedelta) -> list[tuple[Member, Shift]]:
    """The shifts that have begun lately and for which nobody was asked yet, as far as one looks ahead.

    Those of who stands in are asked for when that begins.
    """
    since = now - LATE
    known = await drills.asked_of_shifts(tx, since)
    begun = [
        each
        for each in await oncall.actual_shifts(tx, since, now + ahead)
        if since < each.from_at <= now < each.to_at and (each.staff, each.level, each.from_at) not in known
    ]
    if not begun:  # as nearly always
        return []
    planned = await oncall.planned_shifts(tx, since, now + ahead)
    stand_ins = {(each.shift.staff, each.shift.level, each.shift.from_at) for each in planned if each.drill_id}
    members: dict[str, Member] = {member.id: member for member in await staff.every(tx)}
    return [(members[each.staff], each) for each in begun if (each.staff, each.level, each.from_at) not in stand_ins]


async def _ask_for_shift(clinic: Clinic, tx: Transaction, member: Member, shift: Shift, now: datetime) -> None:
    fresh = member.tested_at is not None and member.reachable and now - member.tested_at < FRESH
    unanswered = await drills.unanswered(tx, member.id)
    waits = any(now - drill.asked_at < FRESH and drill.missed_at is None for drill in unanswered)
    answer_by = now + clinic.answer_within
    asked = await drills.add(
        tx,
        staff_id=member.id,
        why="shift",
        now=now,
        level=shift.level,
        from_at=shift.from_at,
        to_at=shift.to_at,
        answer_by=answer_by,
        answered_at=member.tested_at if fresh else None,
    )
    if asked is not None and not fresh and not waits and member.reachable:  # a button that waits answers this too
        figures: dict[str, Any] = {"level": shift.level, "to": shift.to_at.isoformat(), "by": answer_by.isoformat()}
        await outbox.queue(tx, [to_staff(member, "page", "drill", why="shift", **figures)], now)


async def _long_unasked(clinic: Clinic, tx: Transaction, now: datetime) -> list[Member]:
    """Who is drilled again, in clinic hours; whoever is about to be asked for a shift is not asked twice."""
    if clinic.drill_every is None or not clinic.hours.is_open(now):
        return []
    last = await drills.last_asked(tx)
    return [
        each for each in await oncall.pageable(tx) if each.id not in last or last[each.id] + clinic.drill_every <= now
    ]


async def overdue(clinic: Clinic, now: datetime) -> Sequence[str]:
    """The drills that were not answered in time, for `heed_silence`."""
    async with clinic.database.reading() as tx:
        return [drill.id for drill in await drills.overdue(tx, now)]


async def heed_silence(clinic: Clinic, drill_id: str, now: datetime) -> None:
    """Somebody has not answered in time, and is tested no more: coordinators are told, a backup stands in."""
    async with clinic.database.transaction() as tx:
        await tx.lock("drills")
        drill = await drills.get(tx, drill_id)
        if drill is None or not await drills.missed(tx, drill_id, now):
            return
        member = await staff.get(tx, drill.staff_id)
        assert member is not None  # noqa: S101 - staff are never deleted
        if member.disabled_at is not None:
            return
        await staff.change(tx, member.id, tested_at=None)
        await _note(tx, "engine", "drill-missed", member, now, {"why": drill.why})
        stands_in = await standing_in.begin(clinic, tx, member, drill, now)
        await _tell(tx, "drill-missed", member, drill, now, stands_in=stands_in.name if stands_in else None)


async def _tell(tx: Transaction, kind: str, member: Member, drill: Drill, now: datetime, **more: Any) -> None:
    """Tell those who keep the rota."""
    figures = {"name": member.name, "why": drill.why, "level": drill.level, **more}
    await nudges.tell(tx, "edit-rota", kind, figures, now)


async def next_due_at(clinic: Clinic, tx: Transaction, after: datetime) -> datetime | None:
    """When next somebody comes on call, a silence is to be heeded, or somebody is drilled."""
    actual = await oncall.actual_shifts(tx, after, after + AHEAD)
    instants = [each.from_at for each in actual if each.from_at > after]
    silence = await drills.next_at(tx, after)
    instants += [silence] if silence is not None else []
    if clinic.drill_every is not None:
        last = await drills.last_asked(tx)
        due = [last[each.id] + clinic.drill_every if each.id in last else after for each in await oncall.pageable(tx)]
        openings = [clinic.hours.next_opening(max(after, at)) for at in due]
        instants += [opening for opening in openings if opening > after]
    return min(instants, default=None)


async def _note(
    tx: Transaction, actor: str, action: str, member: Member, now: datetime, detail: dict[str, Any]
) -> None:
    stream = audit.CLINIC_STREAM
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=member.alias, now=now, detail=detail)
