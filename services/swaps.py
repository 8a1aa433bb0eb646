"""Swaps: a clinician offers a shift or part of one in the chat, another takes it; until then it stays theirs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rules.rota import LEVELS, Shift
from services import oncall, rota
from services.outgoing import to_staff
from services.turn import Said, Turn
from store import audit, outbox, staff, swaps
from store import rota as shifts
from store.database import Transaction
from store.staff import Member
from store.swaps import Swap

AHEAD = timedelta(days=92)
CHOICES = 8


async def own_shifts(tx: Transaction, member: Member, now: datetime) -> list[Shift]:
    """The shifts that a member could offer: what goes on or is to come."""
    return [each for each in await oncall.actual_shifts(tx, now, now + AHEAD) if each.staff == member.id]


async def choose(turn: Turn) -> Said | None:
    """*Offer a shift*: which of one's own?"""
    member = turn.member
    assert member is not None  # noqa: S101 - the router gives these buttons to staff only
    own = await own_shifts(turn.tx, member, turn.now)
    if not own:
        return Said(code="swap_none")
    choices = [{**_span(each), "name": name_of(each)} for each in own[:CHOICES]]
    await outbox.queue(turn.tx, [to_staff(member, "reply", "swap-choose", shifts=choices)], turn.now)
    return None


def name_of(shift: Shift) -> str:
    """What a button calls a shift: its level and its end, which stays as it is while the shift goes on."""
    return f"{LEVELS.index(shift.level)}.{int(shift.to_at.timestamp())}"


async def own_shift(turn: Turn, name: str) -> Shift | None:
    """The member's shift of that name, if it is still theirs."""
    member = turn.member
    assert member is not None  # noqa: S101 - as above
    return next((each for each in await own_shifts(turn.tx, member, turn.now) if name_of(each) == name), None)


async def choose_how(turn: Turn, name: str) -> Said | None:
    """One of them was chosen: all of it, or a part?"""
    member, shift = turn.member, await own_shift(turn, name)
    if member is None or shift is None:
        return Said(code="swap_gone")
    await outbox.queue(turn.tx, [to_staff(member, "reply", "swap-how", name=name, **_span(shift))], turn.now)
    return None


async def offer(turn: Turn, name: str) -> Said:
    """All of it: every colleague who can be reached is asked."""
    await turn.tx.lock("swaps")
    shift = await own_shift(turn, name)
    return Said(code="swap_gone") if shift is None else await _put_up(turn, shift)


async def offer_part(turn: Turn, *, level: str, from_at: datetime, to_at: datetime) -> Said:
    """The same for a part of a shift; what is over of it is left out."""
    member = turn.member
    assert member is not None  # noqa: S101 - as above
    await turn.tx.lock("swaps")
    part = Shift(staff=member.id, level=level, from_at=max(from_at, turn.now), to_at=to_at)
    if part.from_at >= to_at or not await _has(turn.tx, part):
        return Said(code="swap_gone")
    return await _put_up(turn, part)


async def _put_up(turn: Turn, shift: Shift) -> Said:
    member, now = turn.member, turn.now
    assert member is not None  # noqa: S101 - as above
    for each in await swaps.standing(turn.tx, now):
        if _touches(each, shift) and await _still_has(turn.tx, each, max(each.from_at, now)):
            return Said(code="swap_offered")
    swap_id = await swaps.add(
        turn.tx, staff_id=member.id, level=shift.level, from_at=shift.from_at, to_at=shift.to_at, now=now
    )
    await _note(turn, "swap-offered", member, swap_id)
    shown: dict[str, Any] = {**_span(shift), "row": swap_id, "owner": member.name}
    colleagues = [each for each in await staff.every(turn.tx) if each.id != member.id and oncall.can_be_paged(each)]
    drafts = [to_staff(each, "reply", "swap-offer", **shown) for each in colleagues]
    await outbox.queue(turn.tx, [*drafts, to_staff(member, "reply", "swap-offered", **shown)], now)
    return Said(code="swap_offered")


async def take(turn: Turn, swap_id: str) -> Said:
    """*I take it*: the first who presses has the shift from now on, or from its start; both are told."""
    member, now = turn.member, turn.now
    assert member is not None  # noqa: S101 - as above
    await turn.tx.lock("swaps")
    swap = await swaps.get(turn.tx, swap_id)
    if swap is None or not oncall.can_be_paged(member) or swap.staff_id == member.id:
        return Said(code="refused")
    if swap.taken_by is not None:
        return Said(code="swap_yours" if swap.taken_by == member.id else "swap_taken")
    giver = await staff.get(turn.tx, swap.staff_id)
    from_at = max(swap.from_at, now)
    if giver is None or not await _still_has(turn.tx, swap, from_at):
        return Said(code="swap_gone")
    already = await _levels_of(turn.tx, member, from_at, swap.to_at)
    if swap.level != LEVELS[0] and LEVELS[0] in already:  # it would be nobody's: no primary counts as backup too
        return Said(code="swap_primary")
    if not await _closed(turn, swap, member):
        return Said(code="swap_gone")
    await shifts.add(
        turn.tx,
        staff_id=member.id,
        level=swap.level,
        from_at=from_at,
        to_at=swap.to_at,
        override=True,
        instead_of=giver.id,
        now=now,
    )
    await rota.edited(turn.tx, f"staff:{member.id}", "swap-taken", giver.alias, now, {"swap": swap.id})
    shown: dict[str, Any] = {"level": swap.level, "from": from_at.isoformat(), "to": swap.to_at.isoformat()}
    leaves_backup = swap.level == LEVELS[0] and LEVELS[1] in already
    told = [to_staff(member, "reply", "swap-yours", owner=giver.name, leaves_backup=leaves_backup, **shown)]
    told.append(to_staff(giver, "reply", "swap-taken", taker=member.name, **shown))
    await outbox.queue(turn.tx, told, now)
    return Said(code="swap_yours")


async def withdraw(turn: Turn, swap_id: str) -> Said:
    """*Withdraw the offer*."""
    member = turn.member
    assert member is not None  # noqa: S101 - as above
    await turn.tx.lock("swaps")
    swap = await swaps.get(turn.tx, swap_id)
    if swap is None or swap.staff_id != member.id:
        return Said(code="refused")
    if not await swaps.withdraw(turn.tx, swap_id, turn.now):
        return Said(code="swap_gone")
    await _note(turn, "swap-withdrawn", member, swap_id)
    return Said(code="swap_withdrawn")


async def open_offers(tx: Transaction, member: Member, now: datetime) -> list[dict[str, Any]]:
    """The offers that a member could take."""
    if not oncall.can_be_paged(member):
        return []
    names: dict[str, str] = {each.id: each.name for each in await staff.every(tx)}
    offers = [each for each in await swaps.standing(tx, now) if each.staff_id != member.id]
    return [
        {
            "row": each.id,
            "owner": names[each.staff_id],
            "level": each.level,
            "from": max(each.from_at, now).isoformat(),
            "to": each.to_at.isoformat(),
        }
        for each in offers
        if await _still_has(tx, each, max(each.from_at, now))
    ]


async def _closed(turn: Turn, swap: Swap, member: Member) -> bool:
    return swap.to_at > turn.now and await swaps.take(turn.tx, swap.id, member.id, turn.now)


async def _still_has(tx: Transaction, swap: Swap, from_at: datetime) -> bool:
    """Whether whoever offered it is still on call for the whole of it: the rota may have changed since."""
    return await _has(tx, Shift(staff=swap.staff_id, level=swap.level, from_at=from_at, to_at=swap.to_at))


async def _has(tx: Transaction, part: Shift) -> bool:
    return part in await oncall.actual_shifts(tx, part.from_at, part.to_at)


async def _levels_of(tx: Transaction, member: Member, from_at: datetime, to_at: datetime) -> set[str]:
    return {each.level for each in await oncall.actual_shifts(tx, from_at, to_at) if each.staff == member.id}


def _touches(swap: Swap, shift: Shift) -> bool:
    same = (swap.staff_id, swap.level) == (shift.staff, shift.level)
    return same and swap.from_at < shift.to_at and shift.from_at < swap.to_at


def _span(shift: Shift) -> dict[str, Any]:
    return {"level": shift.level, "from": shift.from_at.isoformat(), "to": shift.to_at.isoformat()}


async def _note(turn: Turn, action: str, member: Member, swap_id: str) -> None:
    stream, actor, detail = audit.CLINIC_STREAM, f"staff:{member.id}", {"swap": swap_id}
    await audit.record(
        turn.tx, stream=stream, actor=actor, action=action, subject=member.alias, now=turn.now, detail=detail
    )
