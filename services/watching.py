"""The auditor's view: whether every open alert, page, update and course is on track, and the engine alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services import downtime
from services.clinic import Clinic
from services.readiness import Problem
from store import alerts, heartbeats, inbox, paging, prompts
from store.alerts import Alert
from store.database import Transaction

POLL, AUDITOR = heartbeats.POLL, "auditor"
OVERDUE = timedelta(seconds=60)  # how late the ladder, a page or an update may be


async def findings(clinic: Clinic, tx: Transaction, now: datetime) -> list[Problem]:
    """What is off track. Codes: alert-overdue, alert-unpaged, alert-unanswered (alert); page-unsent, inbox-unhandled,
    poll-stale, tick-stale (since); course-without-slots (patient).
    """
    return [
        *await _alerts(tx, now),
        *_stale("page-unsent", await paging.oldest_unsent_page_at(tx), now, OVERDUE),
        *_stale("inbox-unhandled", await inbox.oldest_waiting_at(tx), now, OVERDUE),
        *await _courses(tx, now),
        *await silent_parts(tx, now),
    ]


async def audit(clinic: Clinic, now: datetime) -> Sequence[Problem]:
    """Look once, and show that the auditor itself is alive."""
    async with clinic.database.reading() as tx:
        found = await findings(clinic, tx, now)
    async with clinic.database.transaction() as tx:
        await heartbeats.beat(tx, AUDITOR, now)
    return found


async def _alerts(tx: Transaction, now: datetime) -> list[Problem]:
    standing = await alerts.every(tx, *alerts.OPEN_STATES)
    pages = await paging.pages_of(tx, [alert.id for alert in standing])
    found = []
    for alert in standing:
        if not _is_looked_after(alert, now):
            found.append(Problem(code="alert-overdue", figures={"alert": alert.alias}))
        elif _has_rung(alert, now) and not pages.get(alert.id):
            found.append(Problem(code="alert-unpaged", figures={"alert": alert.alias}))
        if alert.state == "open" and alert.progress.get(
            "told"
        ):  # everybody was tried: only the dead-man switch is left
            found.append(Problem(code="alert-unanswered", figures={"alert": alert.alias}))
    return found


def _is_looked_after(alert: Alert, now: datetime) -> bool:
    """The ladder has a look at it ahead, or the patient was contacted."""
    if alert.state == "acknowledged" and alert.contacted_at is not None:
        return True
    return alert.due_at is not None and alert.due_at > now - OVERDUE


def _has_rung(alert: Alert, now: datetime) -> bool:
    """It should have paged somebody by now."""
    return alert.state == "open" and alert.progress.get("last_ring_at") is not None and alert.opened_at < now - OVERDUE


async def _courses(tx: Transaction, now: datetime) -> list[Problem]:
    return [
        Problem(code="course-without-slots", figures={"patient": alias}) for alias in await prompts.forgotten(tx, now)
    ]


async def silent_parts(tx: Transaction, now: datetime) -> list[Problem]:
    """Which of poll and tick have shown no sign of life lately. Codes: poll-stale, tick-stale (since)."""
    beats = await heartbeats.last(tx)
    found = []
    for code, name in (("poll-stale", POLL), ("tick-stale", downtime.TICK)):
        at = beats.get(name)
        if at is None or not heartbeats.is_lively(at, now):
            found.append(Problem(code=code, figures={"since": at.isoformat() if at else "ever"}))
    return found


def _stale(code: str, since: datetime | None, now: datetime, patience: timedelta) -> list[Problem]:
    if since is None or since >= now - patience:
        return []
    return [Problem(code=code, figures={"since": since.isoformat()})]
