"""A series of infusions, planned in one go: all of them, or none if one makes no sense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from rules.local_time import in_words
from rules.series import Doubt, doubts
from services import infusions
from services.clinic import Clinic
from services.errors import Refused
from services.infusions import Recorded
from store import courses
from store.courses import Course
from store.database import Transaction
from store.patients import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What was recorded, in the order of time, and what looks odd about it."""

    recorded: tuple[Recorded, ...]
    doubts: tuple[Doubt, ...]


async def odd(
    clinic: Clinic, tx: Transaction, patient: Patient, planned: Sequence[datetime], *, instead_of: Course | None = None
) -> tuple[Doubt, ...]:
    """What looks odd about a plan, before it is recorded; `instead_of` is the infusion that it moves."""
    standing = await courses.active_of(tx, patient.id)
    others = [course.infusion_at for course in standing if instead_of is None or course.id != instead_of.id]
    return doubts(planned, others, clinic.hours)


async def record(
    clinic: Clinic,
    tx: Transaction,
    patient: Patient,
    planned: Sequence[datetime],
    *,
    dose_mg_per_kg: float,
    protocol_id: str | None,
    uncovered: str | None,
    actor: str,
    now: datetime,
    though_over: bool = False,
) -> Series:
    """Record infusions that end at these instants. Raises Refused, also for one that is given twice."""
    instants = sorted(planned)
    for one, two in pairwise(instants):
        if one == two:
            raise Refused.of("twice", "give each once", at=in_words(one, patient.timezone))
    found = await odd(clinic, tx, patient, instants)
    recorded = [
        await infusions.record(
            clinic,
            tx,
            patient,
            ended_at=each,
            dose_mg_per_kg=dose_mg_per_kg,
            protocol_id=protocol_id,
            uncovered=uncovered,
            actor=actor,
            now=now,
            though_over=though_over,
        )
        for each in instants
    ]
    return Series(recorded=tuple(recorded), doubts=found)
