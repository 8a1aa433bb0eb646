"""What staff ask for: who is on call, what is open, who is in a course; by alias."""

from __future__ import annotations

from typing import Any

from rules.local_time import local_day
from rules.permissions import may
from services import charts, oncall
from services.clinic import Clinic
from services.outgoing import to_staff
from services.turn import Turn
from store import alerts, courses, outbox, patients, staff
from store.database import Transaction


async def show_help(turn: Turn) -> None:
    """What the bot can do for this member."""
    await _reply(turn, "staff-help", role=turn.member.role if turn.member else "clinician")


async def show_oncall(turn: Turn) -> None:
    """Who is on call now, and when that changes."""
    await _reply(turn, "oncall", **await on_call(turn.clinic, turn.tx, turn.now))


async def show_alerts(turn: Turn) -> None:
    """What is open."""
    if not _may(turn, "acknowledge-alert"):
        await _reply(turn, "no-role")
        return
    await _reply(turn, "alerts", alerts=[await _line(turn.tx, each) for each in await open_alerts(turn.tx)])


async def show_caseload(turn: Turn) -> None:
    """Who is in a course: alias, day, last mood, open alerts."""
    if not _may(turn, "caseload"):
        await _reply(turn, "no-role")
        return
    await _reply(turn, "caseload", patients=await caseload(turn))


async def on_call(clinic: Clinic, tx: Transaction, now: Any) -> dict[str, Any]:
    """Primary and backup with whether they can be reached, and the next change."""
    duty = await oncall.duty(tx, now)
    members: dict[str, staff.Member] = {member.id: member for member in await staff.every(tx)}

    def people(ids: tuple[str, ...]) -> list[dict[str, Any]]:
        found = [members[i] for i in ids if i in members]
        return [
            {"name": each.name, "reachable": each.reachable, "tested": each.tested_at is not None} for each in found
        ]

    return {
        "primary": people(duty.primary),
        "backup": people(duty.backup),
        "next": duty.next_change.isoformat() if duty.next_change else None,
    }


async def open_alerts(tx: Transaction) -> list[alerts.Alert]:
    """Open and acknowledged alerts, red ones first, then the oldest."""
    found = await alerts.every(tx, *alerts.OPEN_STATES)
    return sorted(found, key=lambda alert: (-alert.tier, alert.opened_at))


async def caseload(turn: Turn) -> list[dict[str, Any]]:
    """A line for each patient in a course."""
    newest: dict[str, courses.Course] = {course.patient_id: course for course in await courses.active(turn.tx)}
    lines = []
    for patient_id, course in newest.items():
        patient = await patients.get(turn.tx, patient_id)
        if patient is None or course.infusion_at > turn.now:
            continue
        points = (await charts.mood(turn.tx, patient))["points"]
        alert = await alerts.unclosed_of(turn.tx, patient_id=patient_id)
        today, first = local_day(turn.now, patient.timezone), course.infusion_on
        lines.append(
            {
                "patient": patient.alias,
                "day": (today - first).days,
                "mood": points[-1][1] if points else None,
                "alerts": [alert.alias] if alert else [],
            }
        )
    return sorted(lines, key=lambda line: str(line["patient"]))


async def _line(tx: Transaction, alert: alerts.Alert) -> dict[str, Any]:
    patient = await patients.get(tx, alert.patient_id) if alert.patient_id else None
    return {
        "alert": alert.alias,
        "row": alert.id,
        "tier": alert.tier.word,
        "patient": patient.alias if patient else "–",
        "state": alert.state,
        "at": alert.opened_at.isoformat(),
    }


def _may(turn: Turn, action: str) -> bool:
    return turn.member is not None and may(turn.member.role, action)


async def _reply(turn: Turn, kind: str, **params: Any) -> None:
    if turn.member is not None:
        await outbox.queue(turn.tx, [to_staff(turn.member, "reply", kind, **params)], turn.now)
