"""Scores of the questionnaires that a patient answered, for the reveal and for `patient show`."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from services.clinic import Clinic
from store import answers
from store.database import Transaction
from store.patients import Patient


async def of_patient(clinic: Clinic, tx: Transaction, patient: Patient) -> list[dict[str, Any]]:
    """Each scored questionnaire, oldest first: {instrument, at, total, answered, of, band}, partial ones too."""
    values: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    said_at = {}
    for answer in await answers.of_patient(tx, patient.id):
        if answer.checkin_id is None or answer.value is None:
            continue
        values[answer.checkin_id, answer.instrument][answer.item] = answer.value
        said_at[answer.checkin_id, answer.instrument] = answer.at
    found = []
    for (checkin_id, name), given in values.items():
        score = clinic.instruments[name].score(given) if name in clinic.instruments else None
        if score is not None:
            at = said_at[checkin_id, name]
            figures = {"total": score.total, "answered": score.answered, "of": score.of, "band": score.band}
            found.append({"instrument": name, "at": at.isoformat(), **figures})
    return sorted(found, key=lambda row: row["at"])
