"""What other thresholds would have paged: the answers and silences of the past, judged again by the same rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rules import silence, worsening
from rules.protocol import Protocol, Thresholds
from rules.silence import AskedPrompt
from rules.tier import Tier
from services import facts, protocols
from services.clinic import Clinic
from services.facts import History
from services.pages import reason_of
from store import checkins, patients
from store.answers import Given
from store.checkins import Checkin
from store.database import Transaction
from store.ids import CheckinId

Limits = Mapping[str, Thresholds]  # by the course
Rows = Mapping[CheckinId, Checkin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A check-in by which somebody would have been paged, when, how urgently and why.

    What joins an alert does not page anew: here, what the answers of one check-in find is one page.
    """

    patient: str
    checkin: str
    at: datetime
    tier: Tier
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What would have paged since an instant: `before` by the protocols that the courses stand on, `after` by another.

    `judged` is how many check-ins were answered or missed in that time.
    """

    since: datetime
    judged: int
    before: tuple[Page, ...]
    after: tuple[Page, ...]


async def forecast(clinic: Clinic, tx: Transaction, protocol: Protocol, since: datetime, now: datetime) -> Forecast:
    """Judge all that was answered or left unanswered in courses since an instant by the thresholds of `protocol`.

    Messages, and what safety conversations found, depend on no threshold and are left out.
    """
    before: list[Page] = []
    after: list[Page] = []
    judged = 0
    for patient in await patients.every(tx):
        history = await facts.history_of(tx, patient)
        rows = {row.id: row for row in await checkins.of_patient(tx, patient.id)}
        stands_on = await protocols.of_courses(tx, [course.id for course in history.courses])
        judged += len(_in_time(history.given, rows, since, now))
        today = {course_id: each.thresholds for course_id, each in stands_on.items()}
        instead = dict.fromkeys(today, protocol.thresholds)
        before += _pages(clinic, patient.alias, history, rows, today, since, now)
        after += _pages(clinic, patient.alias, history, rows, instead, since, now)
    return Forecast(since=since, judged=judged, before=_sorted(before), after=_sorted(after))


def _sorted(pages: Iterable[Page]) -> tuple[Page, ...]:
    return tuple(sorted(pages, key=lambda page: (page.at, page.patient)))


def _in_time(given: Sequence[Given], rows: Rows, since: datetime, now: datetime) -> set[str]:
    answered = {each.checkin_id for each in given if since <= each.at <= now}
    missed = {row.id for row in rows.values() if row.state == "expired" and since <= row.expires_at <= now}
    return {row_id for row_id in answered | missed if _counts(rows[CheckinId(row_id)])}


def _counts(asked: Checkin | Given) -> bool:
    return asked.course_id is not None


def _pages(
    clinic: Clinic, alias: str, history: History, rows: Rows, limits: Limits, since: datetime, now: datetime
) -> list[Page]:
    by_answers = list(_by_answers(clinic, alias, history, limits))
    by_silence = _by_silence(alias, history, rows, limits, [page.at for page in by_answers])
    return [page for page in (*by_answers, *by_silence) if since <= page.at <= now]


def _by_answers(clinic: Clinic, alias: str, history: History, limits: Limits) -> Iterator[Page]:
    found: dict[str, Page] = {}
    for place, given in enumerate(history.given):
        if not _counts(given):
            continue
        page = _page(clinic, alias, replace(history, given=history.given[: place + 1]), given, limits)
        if page is not None:
            known = found.setdefault(given.checkin_id, page)
            reasons = tuple(dict.fromkeys((*known.reasons, *page.reasons)))
            found[given.checkin_id] = replace(known, tier=max(known.tier, page.tier), reasons=reasons)
    yield from found.values()


def _page(clinic: Clinic, alias: str, until: History, given: Given, limits: Limits) -> Page | None:
    course = facts.course_of(until, given.course_id)
    assert course is not None  # noqa: S101 - only check-ins of a course are judged
    assessed = worsening.assess(facts.facts_of(clinic, until, given, limits[course.id]))
    grave = [finding for finding in assessed.findings if finding.tier >= Tier.AMBER]
    if not grave:
        return None
    reasons = tuple(dict.fromkeys(reason_of(finding.rule) for finding in grave))
    tier = max(finding.tier for finding in grave)
    return Page(patient=alias, checkin=given.checkin_id, at=given.at, tier=tier, reasons=reasons)


def _by_silence(alias: str, history: History, rows: Rows, limits: Limits, alarms: Sequence[datetime]) -> Iterator[Page]:
    """A page for each prompt whose end, unanswered, was the silence that counts."""
    answered = {(each.checkin_id, each.at) for each in history.given}
    over: list[AskedPrompt] = []
    for prompt in _prompts(rows):
        lead, ends_at = prompt[0], max(row.expires_at for row in prompt)
        if any(row.state not in ("expired", "answered", "partial") for row in prompt):
            continue
        ids = {row.id for row in prompt}
        missed = not any(row_id in ids and at < ends_at for row_id, at in answered)
        this = AskedPrompt(due_at=lead.due_at, missed=missed, fresh=True)
        last = max((at for at in alarms if at < ends_at), default=None)
        course = facts.course_of(history, lead.course_id)
        found = silence.assess([*over, this], limits[course.id], last_alarm_at=last) if course else None
        over.append(replace(this, fresh=False))
        if found is not None and found.tier >= Tier.AMBER:
            reasons = (reason_of(found.rule),)
            yield Page(patient=alias, checkin=lead.id, at=ends_at, tier=found.tier, reasons=reasons)


def _prompts(rows: Rows) -> list[list[Checkin]]:
    """What was asked together, by the time at which it was over."""
    by_prompt: dict[str, list[Checkin]] = {}
    for row in rows.values():
        if _counts(row) and row.sent_at is not None:
            by_prompt.setdefault(row.lead_id or row.id, []).append(row)
    return sorted(by_prompt.values(), key=lambda prompt: max(row.expires_at for row in prompt))
