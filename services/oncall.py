"""Who is on call and can be reached, looked up live, as the ladder and the permissions need it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import ladder, permissions, rota
from rules.rotation import shifts_of
from services.clinic import Clinic
from store import absences, heartbeats, paging, staff
from store import rota as shifts
from store import rotations as stored_rotations
from store.alerts import Alert
from store.database import Transaction
from store.staff import Member

log = logging.getLogger(__name__)

MOMENT = timedelta(seconds=1)  # as much of the rota as it takes to know who is on call
LATELY = timedelta(days=30)  # proposal; how long the end of the last backup's shift is a gap, and no decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """The staff on call at an instant."""

    primary: tuple[str, ...]
    backup: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A shift as the rota has it, with the id of its row or of its rotation."""

    id: str
    shift: rota.Shift
    rotates: bool = False
    drill_id: str | None = None
    calendar: str | None = None


async def duty(tx: Transaction, now: datetime) -> Duty:
    """Who is on call now."""
    return await _duty_among(tx, await _able(tx), now)


async def _duty_among(tx: Transaction, able: Collection[str], now: datetime) -> Duty:
    actual = await _actual(tx, able, now, now + MOMENT)
    return Duty(primary=rota.on_duty(actual, "primary", now), backup=rota.on_duty(actual, "backup", now))


async def reach(tx: Transaction, now: datetime, *, about: int | None = None) -> ladder.Reach:
    """Whom the ladder can climb to, now; a configured step may name staff by id or by alias.

    Whoever an alert is `about`, by their Telegram id, is paged of it only where nobody else could be.
    """
    members = [member for member in await staff.every(tx) if member.disabled_at is None]
    others = [member for member in members if about is None or member.user_id != about]
    members = others if any(map(can_be_paged, others)) else members
    able = _who_may_acknowledge(members)
    on_call = await _duty_among(tx, able, now)
    return ladder.Reach(
        primary=on_call.primary,
        backup=on_call.backup,
        everyone=able,
        reachable=frozenset(member.id for member in members if member.reachable),
        named={name: member.id for member in members for name in (member.id, member.alias)},
        telegram_up=await _telegram_is_up(tx, now),
    )


async def _telegram_is_up(tx: Transaction, now: datetime) -> bool:
    """Whether Telegram answers: it has been heard of lately, and nothing urgent waits that it did not take."""
    heard_at = (await heartbeats.last(tx)).get(heartbeats.POLL)
    return (heard_at is None or heartbeats.is_lively(heard_at, now)) and not await paging.any_held_up(tx)


async def actual_shifts(tx: Transaction, from_at: datetime, to_at: datetime) -> tuple[rota.Shift, ...]:
    """Who really is on call between two instants, of those who could acknowledge."""
    return await _actual(tx, await _able(tx), from_at, to_at)


async def planned_shifts(tx: Transaction, from_at: datetime, to_at: datetime) -> list[Planned]:
    """What the rota says between two instants: rotations first, then shifts in the order in which they were made."""
    turns: list[Planned] = []
    for id_, rotation in (await stored_rotations.standing(tx, from_at)).items():
        try:
            turns += [Planned(id=id_, shift=each, rotates=True) for each in shifts_of(rotation, from_at, to_at)]
        except Exception as error:  # its zone is gone from the machine: then it puts nobody on call, and all are paged
            log.error("a rotation", extra={"action": "rotation-broken", "rotation": id_}, exc_info=error)
    return [*turns, *(_planned(each) for each in await shifts.between(tx, from_at, to_at))]


async def gaps(tx: Transaction, from_at: datetime, to_at: datetime) -> tuple[rota.Gap, ...]:
    """Where nobody who could acknowledge is primary, or backup if the rota has or lately had a backup."""
    planned = [each.shift for each in await planned_shifts(tx, from_at - LATELY, to_at)]
    away = (await absences.between(tx, from_at, to_at)).values()
    actual = rota.actual_shifts(planned, from_at, to_at, able=await _able(tx), absences=tuple(away))
    return rota.gaps_of_levels(planned, actual, from_at, to_at)


def can_be_paged(member: Member) -> bool:
    """Whether a page about an alert may go to a member, and would arrive."""
    return member.reachable and permissions.may(member.role, "acknowledge-alert")


async def pageable(tx: Transaction) -> list[Member]:
    """Everybody to whom a page may go."""
    return [member for member in await staff.every(tx) if can_be_paged(member)]


async def in_charge(tx: Transaction, now: datetime) -> list[Member]:
    """The primary on call, else the backup, else every clinician: those who can be reached."""
    found = await reach(tx, now)
    for people in (found.primary, found.backup, found.everyone):
        able = found.reachable.intersection(people)
        if able:
            return [member for member in await staff.every(tx) if member.id in able]
    return []


async def may_press(
    clinic: Clinic, tx: Transaction, member: Member, action: str, alert: Alert, now: datetime
) -> permissions.Allowed | permissions.Refused:
    """Whether a member may press a button of an alert; of one about themselves being on call is no reason."""
    on_call = await duty(tx, now)
    about_them = alert.stranger_id is not None and alert.stranger_id == member.user_id
    concern = permissions.Concern(
        owns=alert.owner_id == member.id,
        paged=member.id in await paging.paged(tx, alert.id),
        on_rota=not about_them and member.id in (*on_call.primary, *on_call.backup),
    )
    return permissions.may_press(member.role, action, concern)


async def _actual(tx: Transaction, able: Collection[str], from_at: datetime, to_at: datetime) -> tuple[rota.Shift, ...]:
    planned = [each.shift for each in await planned_shifts(tx, from_at, to_at)]
    away = (await absences.between(tx, from_at, to_at)).values()
    return rota.actual_shifts(planned, from_at, to_at, able=able, absences=tuple(away))


def _planned(stored: shifts.StoredShift) -> Planned:
    shift = rota.Shift(
        staff=stored.staff_id,
        level=stored.level,
        from_at=stored.from_at,
        to_at=stored.to_at,
        override=stored.override,
        instead_of=stored.instead_of,
    )
    return Planned(id=stored.id, shift=shift, drill_id=stored.drill_id, calendar=stored.calendar)


async def _able(tx: Transaction) -> frozenset[str]:
    return frozenset(_who_may_acknowledge(await staff.every(tx)))


def _who_may_acknowledge(members: Sequence[Member]) -> tuple[str, ...]:
    able = (each for each in members if each.disabled_at is None and permissions.may(each.role, "acknowledge-alert"))
    return tuple(member.id for member in able)
