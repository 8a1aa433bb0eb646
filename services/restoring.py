"""After a restore nobody knows what happened since the backup: nothing old goes out, and clinicians get the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules.permissions import may
from services import downtime
from services.outgoing import to_staff
from store import alerts, audit, checkins, courses, heartbeats, outbox, patients, staff
from store.database import Transaction

RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The span of which the database knows nothing, and who may have written in it, by alias."""

    from_at: datetime
    to_at: datetime
    patients: tuple[str, ...]


async def mark_gap(tx: Transaction, from_at: datetime, now: datetime, *, actor: str) -> Gap:
    """Lay aside what was on its way, ask nobody what fell due meanwhile, and page clinicians with the list.

    Open alerts stay open: their ladders are looked at again at the first tick, and their pages go out.
    """
    await outbox.drop_unsettled(tx, RESTORED)
    await checkins.let_pass(tx, now)
    await alerts.look_again(tx, now)
    await heartbeats.beat(tx, downtime.TICK, now)  # this is told here, and not again as downtime
    gap = Gap(from_at=from_at, to_at=now, patients=await _concerned(tx, now))
    detail = {"from": from_at.isoformat(), "to": now.isoformat(), "patients": len(gap.patients)}
    await audit.record(
        tx, stream=audit.CLINIC_STREAM, actor=actor, action="restored", subject="database", now=now, detail=detail
    )
    figures: dict[str, Any] = {
        "from": from_at.isoformat(),
        "to": now.isoformat(),
        "count": len(gap.patients),
        "patients": downtime.listed(list(gap.patients)),
    }
    drafts = [
        to_staff(member, "page", RESTORED, **figures)
        for member in await staff.every(tx)
        if member.reachable and (may(member.role, "acknowledge-alert") or may(member.role, "edit-rota"))
    ]
    await outbox.queue(tx, drafts, now)
    return gap


async def _concerned(tx: Transaction, now: datetime) -> tuple[str, ...]:
    """Everybody who was in a course then or has an alert that is not closed."""
    ids = {course.patient_id for course in await courses.active(tx) if course.starts_at <= now}
    ids |= {alert.patient_id for alert in await alerts.every(tx, *alerts.OPEN_STATES) if alert.patient_id}
    found = sorted((await patients.of(tx, ids)).values(), key=lambda patient: patient.number)
    return tuple(patient.alias for patient in found if patient.state != "erased")
