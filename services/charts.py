"""The figures of a mood chart: one point an answered day, a line an infusion."""

from __future__ import annotations

from typing import Any

from rules.local_time import local_day
from store import answers, courses
from store.database import Transaction
from store.patients import Patient


async def mood(tx: Transaction, patient: Patient) -> dict[str, Any]:
    """`points` [[local date, mood 0-10], …], the last answer of each day; `infusions` [local date, …]."""
    by_day = {
        local_day(answer.at, patient.timezone).isoformat(): answer.value
        for answer in await answers.of_patient(tx, patient.id)
        if answer.instrument == "mood" and answer.value is not None
    }
    infusions = [
        course.infusion_on.isoformat()
        for course in await courses.of_patient(tx, patient.id)
        if course.state != "cancelled"
    ]
    return {"points": sorted(map(list, by_day.items())), "infusions": infusions}
