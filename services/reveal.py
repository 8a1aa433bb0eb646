"""The reveal: what stands behind an alert, to those who may see it, each opening logged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rules.local_time import local_day
from rules.permissions import Refused as NotAllowed
from services import charts, oncall, scores
from services.clinic import Clinic
from services.outgoing import to_staff
from services.turn import Said, Turn
from store import alerts, answers, audit, courses, findings, outbox, patients
from store.alerts import Alert
from store.database import Transaction
from store.staff import Member

WORDS_BEFORE = timedelta(days=3)


async def show(turn: Turn, alert_id: str) -> Said | None:
    """Send the details to whoever pressed, if they may see them."""
    alert = await alerts.get(turn.tx, alert_id)
    if alert is None or turn.member is None:
        return Said(code="gone")
    verdict = await oncall.may_press(turn.clinic, turn.tx, turn.member, "reveal-alert", alert, turn.now)
    if isinstance(verdict, NotAllowed):
        await _note(turn, alert, "reveal-refused")
        return Said(code="refused")
    await _note(turn, alert, "revealed")
    await alerts.add_event(turn.tx, alert.id, "revealed", turn.now, staff_id=turn.member.id)
    params = await facts(turn.clinic, turn.tx, alert)
    drafts = [to_staff(turn.member, "reply", "details", alert_id=alert.id, **params)]
    if params.get("chart", {}).get("points"):
        chart = {"patient": params["patient"], **params["chart"]}
        drafts.append(to_staff(turn.member, "reply", "details-chart", alert_id=alert.id, **chart))
    await outbox.queue(turn.tx, drafts, turn.now)
    return Said(code="details")


async def facts(clinic: Clinic, tx: Transaction, alert: Alert) -> dict[str, Any]:
    """What the details are made of: name, contact, findings, words, scores, chart, plan."""
    found = await findings.of_alert(tx, alert.id)
    seen = [
        {
            "at": item.at.isoformat(),
            "rule": item.finding.rule,
            "tier": item.finding.tier.word,
            **dict(item.finding.detail),
        }
        for item in found
    ]
    known: dict[str, Any] = {"alert": alert.alias, "findings": seen, "words": [], "patient": None}
    patient = await patients.get(tx, alert.patient_id) if alert.patient_id else None
    if patient is None:
        return {**known, "stranger": alert.stranger_id}
    hidden = await patients.particulars(tx, patient.id)
    words = await answers.words_of(tx, patient.id, since=alert.opened_at - WORDS_BEFORE)
    standing = [course for course in await courses.of_patient(tx, patient.id) if course.state != "cancelled"]
    course = standing[-1] if standing else None
    return {
        **known,
        "patient": patient.alias,
        "name": hidden.name,
        "contact": dict(hidden.contact),
        "plan": hidden.plan,
        "words": [{"at": at.isoformat(), "words": text} for at, text in words],
        "scores": await scores.of_patient(clinic, tx, patient),
        "chart": await charts.mood(tx, patient),
        "course": None
        if course is None
        else {
            "day": (local_day(alert.opened_at, patient.timezone) - course.infusion_on).days,
            "infusion_on": course.infusion_on.isoformat(),
            "dose": f"{course.dose_mg_per_kg:g}",
        },
    }


async def _note(turn: Turn, alert: Alert, action: str) -> None:
    member: Member | None = turn.member
    await audit.record(
        turn.tx,
        stream=audit.stream_of(alert.patient_id),
        actor=f"staff:{member.id}" if member else "unknown",
        action=action,
        subject=alert.alias,
        now=turn.now,
    )
