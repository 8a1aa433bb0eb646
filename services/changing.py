"""Postponing and cancelling an infusion: what would become of the patient's check-ins, before and after it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from rules.local_time import local_day
from services import infusions, readiness, series
from services.clinic import Clinic
from store import checkins
from store.courses import Course
from store.database import Transaction
from store.patients import Patient

UNCOVERED = "uncovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How many check-ins still to be asked move, fall away or are added; `odd` is what looks odd about the new time.

    `odd`: closed and close (rules/series), uncovered.
    """

    moved: int
    dropped: int
    added: int
    odd: tuple[str, ...] = ()


class _OnlyLooked(Exception):
    """What was done is undone: it was only looked at."""


async def postpone(
    clinic: Clinic,
    tx: Transaction,
    patient: Patient,
    course: Course,
    *,
    to: datetime,
    uncovered: str | None,
    actor: str,
    now: datetime,
    only_look: bool = False,
) -> Change:
    """Move an infusion that has not been yet, or only say what that would change. Raises Refused.

    To a day that no tested clinician covers it moves only with a reason: `uncovered`, or within the clinic's day the
    one that its course has. A reason was given for one day, and ends with it.
    """
    odd = [each.why for each in await series.odd(clinic, tx, patient, [to], instead_of=course)]
    if not await readiness.is_covered(tx, to, now):
        odd.append(UNCOVERED)

    same_day = local_day(to, clinic.timezone) == local_day(course.infusion_at, clinic.timezone)
    reason = uncovered or (course.uncovered_reason if same_day else None)

    async def do() -> None:
        await infusions.postpone(tx, patient, course, to=to, uncovered=reason, actor=actor, now=now)
        if not only_look and reason is None:
            await readiness.refuse_uncovered(clinic, tx, to, now)

    return await _compared(tx, patient, do, tuple(odd), only_look=only_look)


async def cancel(
    tx: Transaction,
    patient: Patient,
    course: Course,
    *,
    actor: str,
    now: datetime,
    reason: str | None = None,
    only_look: bool = False,
) -> Change:
    """Cancel an infusion, or only say what that would change; one that has been with a `reason`. Raises Refused."""

    async def do() -> None:
        await infusions.cancel(tx, patient, course, actor=actor, now=now, reason=reason)

    return await _compared(tx, patient, do, (), only_look=only_look)


async def _compared(
    tx: Transaction, patient: Patient, do: Callable[[], Awaitable[None]], odd: tuple[str, ...], *, only_look: bool
) -> Change:
    """Do it, see what has changed, and undo it if it was only to be looked at: what is shown is what will be done."""
    before = await _ahead(tx, patient)
    after = before
    try:
        async with tx.part():
            await do()
            after = await _ahead(tx, patient)
            if only_look:
                raise _OnlyLooked
    except _OnlyLooked:
        pass
    return Change(
        moved=sum(before[each] != after[each] for each in before.keys() & after.keys()),
        dropped=len(before.keys() - after.keys()),
        added=len(after.keys() - before.keys()),
        odd=odd,
    )


async def _ahead(tx: Transaction, patient: Patient) -> dict[str, datetime]:
    """When each check-in that has not gone out is due, by its id."""
    return {row.id: row.due_at for row in await checkins.unsent_of(tx, patient.id)}
