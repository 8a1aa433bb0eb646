"""Gathers what the rules of worsening look at: this answer, and what the patient answered before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rules.protocol import Thresholds
from rules.worsening import LOOKS_BACK, Facts, Rating, ScoreAt
from services import protocols
from services.clinic import Clinic
from services.questions import Place, Step
from store import answers, courses
from store.answers import Answer, Given
from store.checkins import Checkin
from store.courses import Course
from store.database import Transaction
from store.patients import Patient

BASELINE = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A patient's courses, and what they answered with a value, in the order in which it was given."""

    courses: Sequence[Course]
    given: Sequence[Given]


async def history_of(tx: Transaction, patient: Patient) -> History:
    """All that is on record of a patient."""
    return History(courses=await courses.of_patient(tx, patient.id), given=await answers.given_by(tx, patient.id))


async def gather(
    clinic: Clinic, tx: Transaction, patient: Patient, step: Step, value: int, answered: Mapping[Place, Answer]
) -> Facts:
    """The facts after `value` was stored as an answer to `step`, which counts whatever came in before it.

    `answered` is what stands of its prompt; what was answered before is read only for the rules that look back.
    """
    if step.instrument.id in LOOKS_BACK:
        history = await history_of(tx, patient)
    else:
        here = [_given(step.checkin, each) for place, each in answered.items() if place[0] == step.checkin.id]
        history = History(courses=await courses.of_patient(tx, patient.id), given=here)
    limits = await thresholds(clinic, tx, course_of(history, step.checkin.course_id))
    this = replace(_given(step.checkin, answered[step.place]), value=value)
    return facts_of(clinic, history, this, limits)


def _given(row: Checkin, answer: Answer) -> Given:
    """An answer with a value to a check-in, as a history has it."""
    return Given(
        checkin_id=row.id,
        course_id=row.course_id,
        slot=row.slot,
        day=row.day,
        local_on=row.local_on,
        due_at=row.due_at,
        instrument=answer.instrument,
        item=answer.item,
        value=answer.value or 0,
        at=answer.at,
    )


def facts_of(clinic: Clinic, history: History, this: Given, limits: Thresholds) -> Facts:
    """What an answer, the last one of a history, is judged by."""
    given, course = history.given, course_of(history, this.course_id)
    before = _baseline(given, course)
    here = {each.item: each.value for each in given if _together(each, this)}
    return Facts(
        thresholds=limits,
        instrument=this.instrument,
        values={**here, this.item: this.value},
        day=_day(course, this) if course else None,
        infusion_at=course.infusion_at if course else None,
        moods=tuple(_ratings(given, without=this.checkin_id)),
        baseline_moods=tuple(rating.value for rating in _ratings(before, without="")),
        phq9_baseline=_baseline_phq9(clinic, before),
        phq9_scores=tuple(_scores(clinic, given, course, without=this.checkin_id)),
    )


async def thresholds(clinic: Clinic, tx: Transaction, course: Course | None) -> Thresholds:
    """The thresholds of the course's protocol, of the default one outside a course."""
    protocol = await protocols.of_course(tx, course) if course else clinic.protocols.get(None)
    return protocol.thresholds


def course_of(history: History, course_id: str | None) -> Course | None:
    """The course of a check-in; of one outside a course, the patient's newest that runs."""
    own = next((course for course in history.courses if course.id == course_id), None)
    standing = [course for course in history.courses if course.state == "active"]
    return own or (standing[-1] if standing else None)


def _together(one: Given, other: Given) -> bool:
    return (one.checkin_id, one.instrument) == (other.checkin_id, other.instrument)


def _day(course: Course, given: Given) -> int:
    return (given.local_on - course.infusion_on).days


def _ratings(given: Sequence[Given], *, without: str) -> list[Rating]:
    """The moods that stand, one a check-in, oldest first; those of a baseline count as well."""
    latest = {
        each.checkin_id: Rating(at=each.at, value=each.value)
        for each in given
        if each.instrument == "mood" and each.checkin_id != without
    }
    return sorted(latest.values(), key=lambda rating: rating.at)


def _baseline(given: Sequence[Given], course: Course | None) -> list[Given]:
    """What was answered before the treatment: what the latest protocol to ask so did, else what the patient offered."""
    until = course.infusion_at if course else None
    before = [each for each in given if _offered(each) or (each.day < 0 and (until is None or each.due_at < until))]
    latest = max(before, key=lambda each: (each.due_at, each.checkin_id), default=None)
    return [each for each in before if latest is not None and each.course_id == latest.course_id]


def _offered(given: Given) -> bool:
    """Whether it is of the baseline that a patient may give after the consent; a protocol may call a slot so, too."""
    return given.slot == BASELINE and given.course_id is None


def _baseline_phq9(clinic: Clinic, before: Sequence[Given]) -> int | None:
    totals = [_total(clinic, before, checkin_id) for checkin_id in dict.fromkeys(each.checkin_id for each in before)]
    return next((total for total in reversed(totals) if total is not None), None)


def _scores(clinic: Clinic, given: Sequence[Given], course: Course | None, *, without: str) -> list[ScoreAt]:
    """The complete PHQ-9 scores of the course before this one, oldest first."""
    if course is None:
        return []
    asked = {each.checkin_id: each for each in given if each.course_id == course.id and each.checkin_id != without}
    found = []
    for checkin_id, each in asked.items():
        total = _total(clinic, given, checkin_id)
        if total is not None:
            found.append(ScoreAt(at=each.due_at, day=_day(course, each), total=total))
    return sorted(found, key=lambda score: score.at)


def _total(clinic: Clinic, given: Sequence[Given], checkin_id: str) -> int | None:
    """The PHQ-9 total of a check-in that was answered in full."""
    values = {each.item: each.value for each in given if each.checkin_id == checkin_id and each.instrument == "phq9"}
    score = clinic.instruments["phq9"].score(values) if values else None
    return score.total if score is not None and score.complete else None
