"""What is on record about patients, alerts and staff, as the command line shows it: JSON values, by alias."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rules.instrument import Instrument
from rules.tier import Tier
from services.clinic import Clinic
from services.pages import reason_of
from store import alerts, answers, checkins, courses, findings, paging, patients, staff, versions
from store.alerts import Alert
from store.answers import Answer
from store.checkins import Checkin
from store.courses import Course
from store.database import Transaction
from store.patients import Patient
from store.staff import Member

TAKING_PART = ("consented", "paused")


def stamp(instant: datetime | None) -> str | None:
    """An instant as ISO 8601 in UTC, with its offset."""
    return instant.isoformat() if instant else None


async def patient_lines(clinic: Clinic, tx: Transaction) -> list[dict[str, Any]]:
    """Every patient in a line: by alias, without a name."""
    known = await patients.every(tx)
    older = await patients.still_to_agree(tx, clinic.consent_version, [patient.id for patient in known])
    return [await _patient_line(tx, patient, older=patient.id in older) for patient in known]


async def _patient_line(tx: Transaction, patient: Patient, *, older: bool) -> dict[str, Any]:
    alert = await alerts.unclosed_of(tx, patient_id=patient.id)
    standing = await courses.active_of(tx, patient.id)
    return {
        "id": patient.alias,
        "state": patient.state,
        "timezone": patient.timezone,
        "language": patient.language,
        "linked": patient.chat_id is not None,
        "consent": None if patient.state not in TAKING_PART else "older" if older else "current",
        "blocked_at": stamp(patient.blocked_at),
        "course_ends_at": stamp(max((course.ends_at for course in standing), default=None)),
        "alert": alert.alias if alert else None,
    }


async def patient_record(clinic: Clinic, tx: Transaction, patient: Patient) -> dict[str, Any]:
    """Everything about a patient but name, contact, plan and words, which only a reveal shows."""
    given: dict[str | None, list[Answer]] = defaultdict(list)
    for answer in await answers.of_patient(tx, patient.id):
        given[answer.checkin_id].append(answer)
    rows = await checkins.of_patient(tx, patient.id)
    return {
        "id": patient.alias,
        "state": patient.state,
        "timezone": patient.timezone,
        "language": patient.language,
        "preferred": f"{patient.preferred:%H:%M}" if patient.preferred else None,
        "linked": patient.chat_id is not None,
        "consented_at": stamp(patient.consented_at),
        "consent": await _consent_record(clinic, tx, patient),
        "blocked_at": stamp(patient.blocked_at),
        "courses": await _course_records(tx, await courses.of_patient(tx, patient.id)),
        "checkins": [_checkin_record(row, given[row.id], clinic.instruments) for row in rows],
        "history": [_answer_record(answer) for each in given.values() for answer in each],
        "alerts": await _alert_lines(tx, await alerts.of_patient(tx, patient.id)),
    }


async def _consent_record(clinic: Clinic, tx: Transaction, patient: Patient) -> dict[str, Any] | None:
    """The newest version that the patient has agreed to and not taken back, and whether it is the one in force."""
    standing = [each.version for each in await patients.consents_of(tx, patient.id) if each.withdrawn_at is None]
    return {"version": standing[-1], "current": clinic.consent_version in standing} if standing else None


async def _course_records(tx: Transaction, known: Sequence[Course]) -> list[dict[str, Any]]:
    stands_on = await versions.of_courses(tx, [course.id for course in known])
    return [
        {
            "id": course.id,
            "infusion": course.infusion_id,
            "infusion_at": stamp(course.infusion_at),
            "dose_mg_per_kg": course.dose_mg_per_kg,
            "protocol": stands_on[course.id].protocol,
            "version": stands_on[course.id].version,
            "extra_days": course.extra_days,
            "ends_at": stamp(course.ends_at),
            "uncovered_reason": course.uncovered_reason,
            "state": course.state,
        }
        for course in known
    ]


def _checkin_record(row: Checkin, given: Sequence[Answer], instruments: Mapping[str, Instrument]) -> dict[str, Any]:
    return {
        "id": row.id,
        "course": row.course_id,
        "slot": row.slot,
        "day": row.day,
        "asks": [*row.asks],
        "due_at": stamp(row.due_at),
        "expires_at": stamp(row.expires_at),
        "moved_because": row.moved_because,
        "state": row.state,
        "cancelled_because": row.cancelled_because,
        "sent_at": stamp(row.sent_at),
        "reminded_at": stamp(row.reminded_at),
        "answered_at": stamp(row.answered_at),
        "late": row.late,
        "answers": current_answers(given, instruments),
        "history": [_answer_record(answer) for answer in given],
    }


def current_answers(given: Sequence[Answer], instruments: Mapping[str, Instrument]) -> dict[str, Any]:
    """The answers that stand, by instrument: a number, or the items in order with their total; words only as given."""
    latest: dict[str, dict[str, Answer]] = defaultdict(dict)
    for answer in given:
        latest[answer.instrument][answer.item] = answer
    return {name: _shown(instruments.get(name), items) for name, items in latest.items()}


def _shown(instrument: Instrument | None, items: Mapping[str, Answer]) -> Any:
    values = {item: True if answer.value is None else answer.value for item, answer in items.items()}
    if instrument is None or len(instrument.items) == 1:
        return next(iter(values.values())) if len(values) == 1 else {"items": [*values.values()]}
    shown: dict[str, Any] = {"items": [values.get(item.id) for item in instrument.items]}
    numbers = {item: answer.value for item, answer in items.items() if answer.value is not None}
    score = instrument.score(numbers)
    return shown if score is None else {**shown, "total": score.total}


def _answer_record(answer: Answer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "checkin": answer.checkin_id,
        "at": stamp(answer.at),
        "instrument": answer.instrument,
        "item": answer.item,
        "value": answer.value,
        "via": answer.via,
        "late": answer.late,
        "corrects": answer.corrects,
    }


async def alert_lines(tx: Transaction, *states: str) -> list[dict[str, Any]]:
    """Alerts in any of the given states (all, if none is given) in a line each, oldest first."""
    return await _alert_lines(tx, await alerts.every(tx, *states))


async def alert_line(tx: Transaction, alert_id: str) -> dict[str, Any]:
    """One alert in a line, as it stands."""
    alert = await alerts.get(tx, alert_id)
    assert alert is not None  # noqa: S101 - alerts are never deleted
    return (await _alert_lines(tx, [alert]))[0]


async def _alert_lines(tx: Transaction, chosen: Sequence[Alert]) -> list[dict[str, Any]]:
    """Who, how urgent, why, and how far each has come."""
    pages = await paging.pages_of(tx, [alert.id for alert in chosen])
    members = await _aliases_of_staff(tx)
    about: dict[str, str] = {patient.id: patient.alias for patient in await patients.every(tx)}
    return [
        {
            "id": alert.alias,
            "patient": about.get(alert.patient_id or ""),
            "tier": alert.tier.word,
            "state": alert.state,
            "reasons": await _reasons(tx, alert),
            "opened_at": stamp(alert.opened_at),
            "acknowledged_at": stamp(alert.acknowledged_at),
            "contacted_at": stamp(alert.contacted_at),
            "owner": members.get(alert.owner_id or ""),
            "closed_at": stamp(alert.closed_at),
            "outcome": alert.outcome,
            "pages": pages.get(alert.id, 0),
        }
        for alert in chosen
    ]


async def alert_record(tx: Transaction, alert: Alert) -> dict[str, Any]:
    """One alert with what was seen, and all that happened since."""
    members = await _aliases_of_staff(tx)
    (line,) = await _alert_lines(tx, [alert])
    seen = await findings.of_alert(tx, alert.id)
    return {
        **line,
        "next_look_at": stamp(alert.due_at),
        "findings": [
            {
                **dict(each.finding.detail),
                "at": stamp(each.at),
                "rule": each.finding.rule,
                "tier": each.finding.tier.word,
            }
            for each in seen
        ],
        "events": [
            {"at": stamp(event.at), "kind": event.kind, "staff": members.get(event.staff_id or ""), **event.detail}
            for event in await alerts.events(tx, alert.id)
        ],
    }


async def _aliases_of_staff(tx: Transaction) -> dict[str, str]:
    return {member.id: member.alias for member in await staff.every(tx)}


async def _reasons(tx: Transaction, alert: Alert) -> list[str]:
    seen = [each.finding for each in await findings.of_alert(tx, alert.id)]
    return list(dict.fromkeys(reason_of(finding.rule) for finding in seen if finding.tier >= Tier.AMBER))


async def staff_lines(tx: Transaction) -> list[dict[str, Any]]:
    """Every staff member in a line, with whether pages reach them."""
    return [_staff_line(member) for member in await staff.every(tx)]


def _staff_line(member: Member) -> dict[str, Any]:
    return {
        "id": member.alias,
        "name": member.name,
        "role": member.role,
        "language": member.language,
        "linked": member.chat_id is not None,
        "reachable": member.reachable,
        "tested_at": stamp(member.tested_at),
        "blocked_at": stamp(member.blocked_at),
        "disabled_at": stamp(member.disabled_at),
    }
