"""Readiness: whether a page would reach somebody who was tested, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.rota import LEVELS
from services import oncall, protocols
from services.clinic import Clinic
from services.errors import Refused
from store import courses, digests, staff
from store.courses import Course
from store.database import Transaction
from store.staff import Member

FIRST_DAY = timedelta(days=1)
AHEAD = timedelta(days=30)
UNREAD = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not as it should be: a code, and the figures of the sentence that is made of it."""

    code: str
    figures: Mapping[str, str] = field(default_factory=dict)


class Uncovered(Refused):
    """No tested clinician is on call on the first day of a course."""


async def refuse_uncovered(clinic: Clinic, tx: Transaction, ended_at: datetime, now: datetime) -> None:
    """Raise Uncovered unless a tested clinician who can be reached is on the rota on the first day of a course."""
    if not await is_covered(tx, ended_at, now):
        raise Uncovered.of(
            "uncovered",
            "add one with `fortnight rota add` and let them press the drill's button (/drill), "
            'or give --uncovered "reason", and --by for who decides it',
        )


async def is_covered(tx: Transaction, ended_at: datetime, now: datetime) -> bool:
    """Whether a tested clinician who can be reached is on the rota on the first day of a course."""
    from_at = max(ended_at, now)
    on_rota = {shift.staff for shift in await oncall.actual_shifts(tx, from_at, from_at + FIRST_DAY)}
    return any(member.id in on_rota for member in await tested(tx))


async def left_uncovered(tx: Transaction, now: datetime, ahead: timedelta) -> list[Course]:
    """Courses that begin before long, and whose first day no tested clinician covers any more, though none decided so.

    Each was covered when it was recorded; since then the rota has changed, or who is on it is tested no more.
    """
    coming = [each for each in await courses.active(tx) if now < each.infusion_at <= now + ahead]
    if not coming:
        return []
    ready = {member.id for member in await tested(tx)}
    shifts = [each for each in await oncall.actual_shifts(tx, now, now + ahead + FIRST_DAY) if each.staff in ready]

    def covered(at: datetime) -> bool:
        return any(each.from_at < at + FIRST_DAY and at < each.to_at for each in shifts)

    return [each for each in coming if each.uncovered_reason is None and not covered(each.infusion_at)]


async def tested(tx: Transaction) -> list[Member]:
    """The clinicians who can be reached and have shown it in a drill."""
    return [member for member in await oncall.pageable(tx) if member.tested_at is not None]


async def problems(clinic: Clinic, tx: Transaction, now: datetime) -> list[Problem]:
    """What stands in the way of a page, the gravest first, and what a clinician has not read for days.

    Codes: protocol-unreadable (versions), no-clinician, no-tested-clinician, nobody-on-call, untested-on-rota (staff),
    rota-gaps (level, count, from, to; in the next 30 days), no-backup (though a ladder leads to one),
    courses-uncovered (count, from; in the next 30 days), step-to-nobody (steps),
    no-second-channel, strangers-not-paged, digest-unread (since).
    """
    found = [*_of_people(await oncall.pageable(tx)), *await _of_rota(clinic, tx, now)]
    uncovered = await left_uncovered(tx, now, AHEAD)
    if uncovered:
        first = {"count": str(len(uncovered)), "from": uncovered[0].infusion_at.isoformat()}
        found.append(Problem(code="courses-uncovered", figures=first))
    unreadable = await protocols.unreadable(tx)
    if unreadable:
        found.insert(0, Problem(code="protocol-unreadable", figures={"versions": ", ".join(unreadable)}))
    lost = await _lost_steps(clinic, tx, now)
    if lost:
        found.append(Problem(code="step-to-nobody", figures={"steps": ", ".join(lost)}))
    if not clinic.second_channel:
        found.append(Problem(code="no-second-channel"))
    if clinic.strangers != "page":
        found.append(Problem(code="strangers-not-paged"))
    unread = await digests.unopened(tx)
    if unread is not None and unread.made_at <= now - UNREAD:
        found.append(Problem(code="digest-unread", figures={"since": unread.made_at.isoformat()}))
    return found


def _of_people(pageable: list[Member]) -> list[Problem]:
    if not pageable:
        return [Problem(code="no-clinician")]
    if not any(member.tested_at for member in pageable):
        return [Problem(code="no-tested-clinician")]
    return []


async def _lost_steps(clinic: Clinic, tx: Transaction, now: datetime) -> list[str]:
    """The steps of ladders that name nobody who can take an alert, each once: mistyped, or of somebody who has left."""
    reach = await oncall.reach(tx, now)
    own = [each.escalation for each in await protocols.in_use(tx, clinic.protocols)]
    ladders = [*clinic.ladders.values(), *(each for one in own for each in (one.red, one.amber) if each is not None)]
    named = dict.fromkeys(step.to for ladder in ladders for step in ladder.steps)
    return [to for to in named if to not in (*LEVELS, "everyone") and reach.named.get(to) not in reach.everyone]


async def _of_rota(clinic: Clinic, tx: Transaction, now: datetime) -> list[Problem]:
    found = []
    on_duty = await oncall.duty(tx, now)
    if not {*on_duty.primary, *on_duty.backup} & {member.id for member in await oncall.pageable(tx)}:
        found.append(Problem(code="nobody-on-call"))
    on_rota = {shift.staff for shift in await oncall.actual_shifts(tx, now, now + AHEAD)}
    ready = {member.id for member in await tested(tx)}
    late = [each.alias for each in await staff.every(tx) if each.id in on_rota - ready]
    if late:
        found.append(Problem(code="untested-on-rota", figures={"staff": ", ".join(late)}))
    gaps = await oncall.gaps(tx, now, now + AHEAD)
    for level in LEVELS:
        own = [gap for gap in gaps if gap.level == level]
        if own:
            first = {"from": own[0].from_at.isoformat(), "to": own[0].to_at.isoformat()}
            found.append(Problem(code="rota-gaps", figures={"level": level, "count": str(len(own)), **first}))
    planned = {each.shift.level for each in await oncall.planned_shifts(tx, now - oncall.LATELY, now + AHEAD)}
    meant = {step.to for ladder in clinic.ladders.values() for step in ladder.steps}
    if planned == {"primary"} and "backup" in meant:
        found.append(Problem(code="no-backup"))
    return found
