"""The reveal: what stands behind an alert, to those who may see it, each opening logged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rules.local_time import local_day
from rules.permissions import Refused as NotAllowed
from rules.tier import Tier
from services import charts, oncall, scores
from services.clinic import Clinic
from services.outgoing import to_staff
from services.turn import Said, Turn, not_theirs
from store import alerts, answers, audit, courses, findings, outbox, patients, staff
from store.alerts import Alert
from store.database import Transaction
from store.patients import Patient
from store.staff import Member

WORDS_BEFORE = timedelta(days=3)
CLOSE = ("address", "collateral")  # shown to the owner of a red alert only


async def show(turn: Turn, alert_id: str) -> Said | None:
    """Send the details to whoever pressed, if they may see them."""
    alert = await alerts.get(turn.tx, alert_id)
    if alert is None or turn.member is None:
        return Said(code="gone")
    verdict = await oncall.may_press(turn.clinic, turn.tx, turn.member, "reveal-alert", alert, turn.now)
    if isinstance(verdict, NotAllowed):
        await _note(turn, alert, "reveal-refused")
        return not_theirs(verdict)
    close = alert.tier is Tier.RED and alert.owner_id == turn.member.id and alert.state == "acknowledged"
    await _note(turn, alert, "revealed", {"close": close})
    await alerts.add_event(turn.tx, alert.id, "revealed", turn.now, staff_id=turn.member.id, detail={"close": close})
    params = await facts(turn.clinic, turn.tx, alert, close=close)
    drafts = [to_staff(turn.member, "reply", "details", alert_id=alert.id, **params)]
    if params.get("chart", {}).get("points"):
        chart = {"patient": params["patient"], **params["chart"]}
        drafts.append(to_staff(turn.member, "reply", "details-chart", alert_id=alert.id, **chart))
    await outbox.queue(turn.tx, drafts, turn.now)
    return Said(code="details")


async def facts(clinic: Clinic, tx: Transaction, alert: Alert, *, close: bool) -> dict[str, Any]:
    """What the details are made of: name, contact, findings, words, scores, chart, plan.

    Where the patient lives and whom they are close to is in it only if `close`.
    """
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
    known["sentence"] = await alerts.note_of(tx, alert.id)
    patient = await patients.get(tx, alert.patient_id) if alert.patient_id else None
    if patient is None:
        colleague = await staff.by_user(tx, alert.stranger_id) if alert.stranger_id else None
        return {**known, "stranger": alert.stranger_id, "colleague": colleague.name if colleague else None}
    hidden = await patients.particulars(tx, patient.id)
    words = await answers.words_of(tx, patient.id, since=alert.opened_at - WORDS_BEFORE)
    return {
        **known,
        "patient": patient.alias,
        "name": hidden.name,
        "contact": {key: value for key, value in hidden.contact.items() if close or key not in CLOSE},
        "close": close,
        "plan": hidden.plan,
        "words": [{"at": at.isoformat(), "words": text} for at, text in words],
        "scores": await scores.of_patient(clinic, tx, patient),
        "chart": await charts.mood(tx, patient),
        "course": await _course(tx, patient, alert),
    }


async def _course(tx: Transaction, patient: Patient, alert: Alert) -> dict[str, Any] | None:
    """Which day the alert fell on after the latest infusion before it, whatever is planned; or before the first."""
    standing = [course for course in await courses.of_patient(tx, patient.id) if course.state != "cancelled"]
    if not standing:
        return None
    begun = [course for course in standing if course.infusion_at <= alert.opened_at]
    course = begun[-1] if begun else standing[0]
    day = (local_day(alert.opened_at, patient.timezone) - course.infusion_on).days
    return {
        "day": day,
        "infusion_on": course.infusion_on.isoformat(),
        "dose": f"{course.dose_mg_per_kg:g}",
        "planned": not begun,
    }


async def _note(turn: Turn, alert: Alert, action: str, detail: dict[str, Any] | None = None) -> None:
    member: Member | None = turn.member
    await audit.record(
        turn.tx,
        stream=audit.stream_of(alert.patient_id),
        actor=f"staff:{member.id}" if member else "unknown",
        action=action,
        subject=alert.alias,
        now=turn.now,
        detail=detail,
    )
