"""What staff are told once, so that nothing waits unseen: gaps ahead in the rota, prompts that wait for a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rules.permissions import may
from rules.rota import Gap
from services import oncall, readiness
from services.clinic import Clinic
from services.outgoing import to_staff
from store import outbox, patients, prompts, staff
from store.database import Transaction

AHEAD = timedelta(days=30)
SOON = timedelta(days=3)  # proposal; how long before a course begins it is told that nobody covers its first day


async def tell_of_gaps(clinic: Clinic, now: datetime) -> None:
    """Tell those who keep the rota of each gap in the next 30 days, and of courses left uncovered, once."""
    async with clinic.database.transaction() as tx:
        await say_gaps(tx, now)


async def say_gaps(tx: Transaction, now: datetime) -> Sequence[Gap]:
    """The same within a transaction: after every edit of the rota. Returns the gaps, told of now or before."""
    found = await oncall.gaps(tx, now, now + AHEAD)
    for gap in found:
        figures = {"level": gap.level, "from": gap.from_at.isoformat(), "to": gap.to_at.isoformat()}
        await tell(tx, "edit-rota", "rota-gap", figures, now, once=f"gap:{gap.level}:{name_of(gap, now)}")
    await say_uncovered(tx, now)
    return found


async def say_uncovered(tx: Transaction, now: datetime) -> None:
    """Tell those who keep the rota of each day on which courses begin that nobody tested covers any more, once."""
    starts: dict[date, set[str]] = {}
    for course in await readiness.left_uncovered(tx, now, SOON):
        starts.setdefault(course.infusion_on, set()).add(course.patient_id)
    people = await patients.of(tx, {each for those in starts.values() for each in those}) if starts else {}
    for on, those in starts.items():
        aliases = [people[each].alias for each in sorted(those, key=lambda each: people[each].number)]
        figures = {"on": on.isoformat(), "patients": ", ".join(aliases)}
        await tell(tx, "edit-rota", "courses-uncovered", figures, now, once=f"uncovered:{on.isoformat()}")


def name_of(gap: Gap, now: datetime) -> str:
    """Names a gap of a level the same whenever one looks: by its end, for gaps are apart; by its start if it goes on.

    A level that is empty now and as far as one looks is told of each week.
    """
    if gap.to_at < now + AHEAD:
        return f"until:{gap.to_at.isoformat()}"
    return f"from:{gap.from_at.isoformat()}" if gap.from_at > now else f"{now:%G-W%V}"


async def note_lost(tx: Transaction, member_id: str, now: datetime) -> None:
    """A member cannot be written to; those who keep the rota are told if pages went to them until now."""
    member = await staff.get(tx, member_id)
    if member is None or member.blocked_at is not None:
        return
    await staff.change(tx, member_id, blocked_at=now)
    if oncall.can_be_paged(member):
        await tell(tx, "edit-rota", "staff-blocked", {"name": member.name}, now)


async def tell_of_unlinked(clinic: Clinic, now: datetime) -> None:
    """Tell coordinators of each patient whose prompts wait because they have not linked or not consented, once."""
    async with clinic.database.transaction() as tx:
        for patient in await prompts.unlinked(tx, now):
            once = f"unlinked:{patient.id}"
            await tell(tx, "enrol-patient", "patient-unlinked", {"patient": patient.alias}, now, once=once)


async def tell(
    tx: Transaction, action: str, kind: str, figures: Mapping[str, Any], now: datetime, *, once: str | None = None
) -> None:
    """Tell everybody who may do an action and can be reached; under one name at most once."""
    members: Sequence[staff.Member] = await staff.every(tx)
    drafts = [
        to_staff(member, "reply", kind, once=f"{once}:{member.id}" if once else None, **figures)
        for member in members
        if member.reachable and may(member.role, action)
    ]
    await outbox.queue(tx, drafts, now)
