"""Who is on call and can be reached, looked up live, as the ladder and the permissions need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import ladder, permissions, rota
from services.clinic import Clinic
from store import outbox, staff
from store import rota as shifts
from store.alerts import Alert
from store.database import Transaction
from store.staff import Member

HORIZON = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """The staff on call at an instant, and when that next changes."""

    primary: tuple[str, ...]
    backup: tuple[str, ...]
    next_change: datetime | None


async def duty(tx: Transaction, now: datetime) -> Duty:
    """Who is on call now."""
    return await _duty_among(tx, await _able(tx), now)


async def _duty_among(tx: Transaction, able: frozenset[str], now: datetime) -> Duty:
    standing = await standing_shifts(tx, now, now + HORIZON)
    return Duty(
        primary=rota.on_duty(standing, "primary", now, able=able),
        backup=rota.on_duty(standing, "backup", now, able=able),
        next_change=rota.next_change(standing, now),
    )


async def reach(tx: Transaction, now: datetime) -> ladder.Reach:
    """Whom the ladder can climb to, now; a configured step may name staff by id or by alias."""
    members = [member for member in await staff.every(tx) if member.disabled_at is None]
    able = _who_may_acknowledge(members)
    on_call = await _duty_among(tx, frozenset(able), now)
    return ladder.Reach(
        primary=on_call.primary,
        backup=on_call.backup,
        everyone=able,
        reachable=frozenset(member.id for member in members if member.reachable),
        named={name: member.id for member in members for name in (member.id, member.alias)},
    )


async def standing_shifts(tx: Transaction, from_at: datetime, to_at: datetime) -> list[rota.Shift]:
    """The shifts that touch a span of time."""
    return [
        rota.Shift(
            staff=each.staff_id, level=each.level, from_at=each.from_at, to_at=each.to_at, override=each.override
        )
        for each in await shifts.between(tx, from_at, to_at)
    ]


async def gaps(tx: Transaction, from_at: datetime, to_at: datetime) -> tuple[rota.Gap, ...]:
    """Where nobody who could acknowledge is primary."""
    return rota.gaps(await standing_shifts(tx, from_at, to_at), from_at, to_at, able=await _able(tx))


async def may_press(
    clinic: Clinic, tx: Transaction, member: Member, action: str, alert: Alert, now: datetime
) -> permissions.Allowed | permissions.Refused:
    """Whether a member may press a button of an alert."""
    on_call = await duty(tx, now)
    concern = permissions.Concern(
        owns=alert.owner_id == member.id,
        paged=member.id in await outbox.paged(tx, alert.id),
        on_rota=member.id in (*on_call.primary, *on_call.backup),
    )
    return permissions.may_press(member.role, action, concern)


async def _able(tx: Transaction) -> frozenset[str]:
    return frozenset(_who_may_acknowledge(await staff.every(tx)))


def _who_may_acknowledge(members: Sequence[Member]) -> tuple[str, ...]:
    able = (each for each in members if each.disabled_at is None and permissions.may(each.role, "acknowledge-alert"))
    return tuple(member.id for member in able)
