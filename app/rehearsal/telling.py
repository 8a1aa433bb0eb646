"""What one group's fortnight came to, as plain values: a line for each patient, alert and clinician."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.rehearsal.clinicians import SimulatedClinician
from app.rehearsal.patients import SimulatedPatient
from app.rehearsal.stage import Stage
from services import people, records
from store import alerts, answers, checkins
from store.alerts import Alert
from store.database import Transaction


async def told(
    stage: Stage, patients: Sequence[SimulatedPatient], clinicians: Sequence[SimulatedClinician]
) -> dict[str, Any]:
    """Everything that a report is made of, as JSON values: {patients, alerts, clinicians, troubles}."""
    numbers = {patient.alias: patient.number for patient in patients}
    async with stage.clinic.database.reading() as tx:
        lines = {line["id"]: line for line in await records.alert_lines(tx)}
        return {
            "patients": [await _patient(tx, patient) for patient in patients],
            "alerts": [_alert(each, lines[each.alias], numbers, clinicians) for each in await alerts.every(tx)],
            "clinicians": [_clinician(each) for each in clinicians],
            "troubles": len(stage.troubles),
        }


async def _patient(tx: Transaction, patient: SimulatedPatient) -> dict[str, Any]:
    who = await people.patient(tx, patient.alias)
    rows = await checkins.of_patient(tx, who.id)
    days: dict[str | None, int] = {row.id: row.day for row in rows if row.course_id is not None}
    moods = [
        [days[answer.checkin_id], answer.value]
        for answer in await answers.of_patient(tx, who.id)
        if answer.instrument == "mood" and answer.checkin_id in days
    ]
    return {
        "number": patient.number,
        "persona": patient.persona.id,
        "checkins": [[row.slot, row.day, row.state] for row in rows if row.course_id is not None],
        "moods": moods,
    }


def _alert(
    alert: Alert, line: dict[str, Any], numbers: dict[str, int], clinicians: Sequence[SimulatedClinician]
) -> dict[str, Any]:
    rang = [ring.at for clinician in clinicians for ring in clinician.rings if ring.alert == alert.id]
    kept = ("tier", "state", "reasons", "opened_at", "acknowledged_at", "contacted_at", "closed_at", "outcome")
    return {
        "patient": numbers[line["patient"]],
        **{key: line[key] for key in kept},
        "first_page_at": min(rang).isoformat() if rang else None,
        "rings": len(rang),
        "owner": int(line["owner"].removeprefix("S-")) - 1 if line["owner"] else None,
    }


def _clinician(clinician: SimulatedClinician) -> dict[str, Any]:
    return {
        "number": clinician.number,
        "rings": [[ring.at.isoformat(), ring.night] for ring in clinician.rings],
        "digests": clinician.digests,
    }
