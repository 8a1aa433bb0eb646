"""Gathers what the rules of worsening look at: this answer, and what the patient answered before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.protocol import Thresholds
from rules.worsening import Facts, Rating, ScoreAt
from services import protocols
from services.clinic import Clinic
from services.questions import Step
from store import answers, checkins, courses
from store.answers import Answer
from store.checkins import Checkin
from store.courses import Course
from store.database import Transaction
from store.patients import Patient

BASELINE = "baseline"


async def gather(clinic: Clinic, tx: Transaction, patient: Patient, step: Step, value: int) -> Facts:
    """The facts after `value` was stored as an answer to `step`, which counts whatever came in before it."""
    rows: dict[str, Checkin] = {row.id: row for row in await checkins.of_patient(tx, patient.id)}
    given = [answer for answer in await answers.of_patient(tx, patient.id) if answer.value is not None]
    course = await _course(tx, patient, step.checkin)
    here = [answer for answer in given if answer.checkin_id == step.checkin.id]
    before = _baseline(given, rows, course)
    values = {answer.item: answer.value for answer in here if answer.instrument == step.instrument.id}
    return Facts(
        thresholds=await thresholds(clinic, tx, course),
        instrument=step.instrument.id,
        values={item: each for item, each in values.items() if each is not None} | {step.item.id: value},
        day=_day(patient, course, step.checkin) if course else None,
        infusion_at=course.infusion_at if course else None,
        moods=tuple(_ratings(given, "mood", without=step.checkin.id)),
        baseline_moods=tuple(rating.value for rating in _ratings(before, "mood", without="")),
        phq9_baseline=_baseline_phq9(clinic, before),
        phq9_scores=tuple(_scores(clinic, patient, given, rows, course, without=step.checkin.id)),
    )


async def thresholds(clinic: Clinic, tx: Transaction, course: Course | None) -> Thresholds:
    """The thresholds of the course's protocol, of the default one outside a course."""
    protocol = await protocols.of_course(tx, course) if course else clinic.protocols.get(None)
    return protocol.thresholds


async def _course(tx: Transaction, patient: Patient, row: Checkin) -> Course | None:
    known = await courses.of_patient(tx, patient.id)
    own = next((course for course in known if course.id == row.course_id), None)
    standing = [course for course in known if course.state == "active"]
    return own or (standing[-1] if standing else None)


def _day(patient: Patient, course: Course, row: Checkin) -> int:
    return (row.local_on - course.infusion_on).days


def _ratings(given: Sequence[Answer], instrument: str, *, without: str) -> list[Rating]:
    """The ratings that stand, one a check-in, oldest first; those of a baseline count as well."""
    latest = {
        answer.checkin_id: Rating(at=answer.at, value=answer.value)
        for answer in given
        if answer.instrument == instrument and answer.checkin_id != without and answer.value is not None
    }
    return sorted(latest.values(), key=lambda rating: rating.at)


def _baseline(given: Sequence[Answer], rows: Mapping[str, Checkin], course: Course | None) -> list[Answer]:
    """What was answered before the treatment: what the latest protocol to ask so did, else what the patient offered."""
    until = course.infusion_at if course else None
    before = [
        row
        for row in sorted(rows.values(), key=lambda row: row.due_at)
        if row.slot == BASELINE or (row.day < 0 and (until is None or row.due_at < until))
    ]
    told = {answer.checkin_id for answer in given}
    latest = next((row.course_id for row in reversed(before) if row.id in told), None)
    counts = {row.id for row in before if row.course_id == latest}
    return [answer for answer in given if answer.checkin_id in counts]


def _baseline_phq9(clinic: Clinic, before: Sequence[Answer]) -> int | None:
    totals = [_total(clinic, before, row_id) for row_id in dict.fromkeys(each.checkin_id for each in before) if row_id]
    return next((total for total in reversed(totals) if total is not None), None)


def _scores(
    clinic: Clinic,
    patient: Patient,
    given: Sequence[Answer],
    rows: dict[str, Checkin],
    course: Course | None,
    *,
    without: str,
) -> list[ScoreAt]:
    """The complete PHQ-9 scores of the course before this one, oldest first."""
    if course is None:
        return []
    found = []
    for row in rows.values():
        total = _total(clinic, given, row.id) if row.course_id == course.id and row.id != without else None
        if total is not None:
            found.append(ScoreAt(at=row.due_at, day=_day(patient, course, row), total=total))
    return sorted(found, key=lambda score: score.at)


def _total(clinic: Clinic, given: Sequence[Answer], checkin_id: str) -> int | None:
    """The PHQ-9 total of a check-in that was answered in full."""
    values = {
        a.item: a.value for a in given if a.checkin_id == checkin_id and a.instrument == "phq9" and a.value is not None
    }
    score = clinic.instruments["phq9"].score(values) if values else None
    return score.total if score is not None and score.complete else None
