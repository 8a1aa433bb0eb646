"""Gathers what the rules of worsening look at: this answer, and what the patient answered before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.protocol import Thresholds
from rules.worsening import LOOKS_BACK, Facts, Rating, ScoreAt
from services import protocols
from services.clinic import Clinic
from services.questions import Place, Step
from store import answers, checkins, courses
from store.answers import Answer
from store.checkins import Checkin
from store.courses import Course
from store.database import Transaction
from store.patients import Patient

BASELINE = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A patient's courses, check-ins by their id, and answers with a value, in the order in which they were given."""

    courses: Sequence[Course]
    rows: Mapping[str, Checkin]
    given: Sequence[Answer]


async def history_of(tx: Transaction, patient: Patient) -> History:
    """All that is on record of a patient."""
    return History(
        courses=await courses.of_patient(tx, patient.id),
        rows={row.id: row for row in await checkins.of_patient(tx, patient.id)},
        given=[answer for answer in await answers.of_patient(tx, patient.id) if answer.value is not None],
    )


async def gather(
    clinic: Clinic, tx: Transaction, patient: Patient, step: Step, value: int, answered: Mapping[Place, Answer]
) -> Facts:
    """The facts after `value` was stored as an answer to `step`, which counts whatever came in before it.

    `answered` is what stands of its prompt; what was answered before is read only for the rules that look back.
    """
    if step.instrument.id in LOOKS_BACK:
        history = await history_of(tx, patient)
    else:
        history = History(
            courses=await courses.of_patient(tx, patient.id),
            rows={step.checkin.id: step.checkin},
            given=list(answered.values()),
        )
    limits = await thresholds(clinic, tx, course_of(history, step.checkin))
    return facts_of(clinic, history, step.place, value, limits)


def facts_of(clinic: Clinic, history: History, place: Place, value: int, limits: Thresholds) -> Facts:
    """What an answer, the last one of a history, is judged by."""
    (row_id, instrument, item), given = place, history.given
    row = history.rows[row_id]
    course = course_of(history, row)
    before = _baseline(given, history.rows, course)
    here = [answer for answer in given if answer.checkin_id == row.id and answer.instrument == instrument]
    values = {answer.item: answer.value for answer in here if answer.value is not None}
    return Facts(
        thresholds=limits,
        instrument=instrument,
        values={**values, item: value},
        day=_day(course, row) if course else None,
        infusion_at=course.infusion_at if course else None,
        moods=tuple(_ratings(given, "mood", without=row.id)),
        baseline_moods=tuple(rating.value for rating in _ratings(before, "mood", without="")),
        phq9_baseline=_baseline_phq9(clinic, before),
        phq9_scores=tuple(_scores(clinic, history, course, without=row.id)),
    )


async def thresholds(clinic: Clinic, tx: Transaction, course: Course | None) -> Thresholds:
    """The thresholds of the course's protocol, of the default one outside a course."""
    protocol = await protocols.of_course(tx, course) if course else clinic.protocols.get(None)
    return protocol.thresholds


def course_of(history: History, row: Checkin) -> Course | None:
    """The course of a check-in; of one outside a course, the patient's newest that runs."""
    own = next((course for course in history.courses if course.id == row.course_id), None)
    standing = [course for course in history.courses if course.state == "active"]
    return own or (standing[-1] if standing else None)


def _day(course: Course, row: Checkin) -> int:
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


def _scores(clinic: Clinic, history: History, course: Course | None, *, without: str) -> list[ScoreAt]:
    """The complete PHQ-9 scores of the course before this one, oldest first."""
    if course is None:
        return []
    found = []
    for row in history.rows.values():
        total = _total(clinic, history.given, row.id) if row.course_id == course.id and row.id != without else None
        if total is not None:
            found.append(ScoreAt(at=row.due_at, day=_day(course, row), total=total))
    return sorted(found, key=lambda score: score.at)


def _total(clinic: Clinic, given: Sequence[Answer], checkin_id: str) -> int | None:
    """The PHQ-9 total of a check-in that was answered in full."""
    values = {
        a.item: a.value for a in given if a.checkin_id == checkin_id and a.instrument == "phq9" and a.value is not None
    }
    score = clinic.instruments["phq9"].score(values) if values else None
    return score.total if score is not None and score.complete else None
