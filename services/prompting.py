"""Prompts and reminders: what is due for a patient becomes one message in the bulk lane, in one transaction a batch."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rules.local_time import is_quiet, next_allowed
from rules.prompting import SOON, Outage, goes_out_at, in_order, is_ours, remind_at, together
from rules.protocol import Protocol
from rules.schedule import QUIET_HOURS
from services import downtime, protocols, questions
from services.clinic import Clinic
from store import checkins, outbox, prompts
from store.checkins import Checkin
from store.database import Transaction
from store.outbox import Draft
from store.patients import Patient

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Batch:
    """What a transaction is going to write: messages, what they ask, what must wait and what cannot be asked."""

    drafts: list[Draft] = field(default_factory=list)
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    moved: list[tuple[str, datetime]] = field(default_factory=list)
    reminded: list[str] = field(default_factory=list)
    remind_at: list[tuple[str, datetime]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def ask(self, this: Round, patient: Patient, rows: Sequence[Checkin], kind: str) -> None:
        """One message that asks these check-ins, the first leading."""
        at = this.goes_out_at(rows[0], patient)
        draft = questions.prompt(this.clinic, patient, rows, kind=kind, due_at=at)
        if draft is None:
            raise ValueError("nothing is asked")
        self.drafts.append(draft)
        self.asked.append((rows[0].id, None, questions.first_asked(this.clinic, rows)))
        self.asked += [(row.id, rows[0].id, None) for row in rows[1:]]
        for row in rows:
            at_later = remind_at(row, this.now)
            if at_later is not None and at_later != row.remind_at:
                self.remind_at.append((row.id, at_later))


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What holds for all patients of a batch."""

    clinic: Clinic
    now: datetime
    courses: Mapping[str, Protocol]
    outage: Outage | None = None

    def protocol_of(self, row: Checkin) -> Protocol:
        """The protocol that a check-in's course stands on, the default one outside a course."""
        return self.courses.get(row.course_id or "") or self.clinic.protocols.get(None)

    def goes_out_at(self, row: Checkin, patient: Patient) -> datetime:
        """When a message about a check-in goes out."""
        protocol = self.protocol_of(row)
        return goes_out_at(row, self.now, zone=patient.timezone, quiet=protocol.quiet_hours, jitter=protocol.jitter)


async def send_due(clinic: Clinic, now: datetime) -> int:
    """Queue the prompts of one batch of what is due; returns how many patients it looked at, 0 when nothing is due."""
    async with clinic.database.transaction(gives_way=True) as tx:
        people = await prompts.to_ask(tx, now, clinic.bulk_limit)
        if not people:
            return 0
        rows = await prompts.unasked_of(tx, [patient.id for patient in people], now + SOON)
        this = await round_of(clinic, tx, rows, now, outage=await downtime.last(tx))
        batch = Batch()
        for patient in people:
            with laid_aside(batch, rows[patient.id]):
                _prompt(this, batch, patient, rows[patient.id])
        await write(tx, batch, now)
    return len(people)


def _prompt(this: Round, batch: Batch, patient: Patient, rows: Sequence[Checkin]) -> None:
    due = together(rows, this.now)
    protocol = this.protocol_of(due[0])
    if is_quiet(this.now, patient.timezone, protocol.quiet_hours):
        allowed_at = next_allowed(this.now, patient.timezone, protocol.quiet_hours)
        batch.moved += [(row.id, allowed_at) for row in due]
        return
    kind = "catch-up" if any(is_ours(row, this.now, this.outage) for row in due) else "prompt"
    batch.ask(this, patient, due, kind)


async def remind_due(clinic: Clinic, now: datetime) -> int:
    """Queue the reminders of one batch: one a prompt, for what of it is wholly unanswered; 0 when none is due."""
    async with clinic.database.transaction(gives_way=True) as tx:
        people = await prompts.to_remind(tx, now, clinic.bulk_limit)
        if not people:
            return 0
        rows = await prompts.unreminded_of(tx, [patient.id for patient in people], now)
        this = await round_of(clinic, tx, rows, now)
        batch = Batch()
        for patient in people:
            for asked in _by_prompt(rows[patient.id]):
                _remind(this, batch, patient, asked)
        await write(tx, batch, now)
    return len(people)


def _by_prompt(rows: Sequence[Checkin]) -> list[list[Checkin]]:
    found: dict[str, list[Checkin]] = {}
    for row in rows:
        found.setdefault(row.lead_id or row.id, []).append(row)
    return list(found.values())


def _remind(this: Round, batch: Batch, patient: Patient, rows: Sequence[Checkin]) -> None:
    batch.reminded += [row.id for row in rows]
    asked = in_order(rows)
    at = this.goes_out_at(asked[0], patient)
    if at >= asked[0].expires_at:
        return
    with laid_aside(batch, ()):
        draft = questions.prompt(this.clinic, patient, asked, kind="reminder", due_at=at)
        batch.drafts += [draft] if draft else []


async def round_of(
    clinic: Clinic,
    tx: Transaction,
    rows: Mapping[str, Sequence[Checkin]],
    now: datetime,
    *,
    outage: Outage | None = None,
) -> Round:
    """What holds for all patients of a batch, loaded once."""
    ids = {row.course_id for due in rows.values() for row in due if row.course_id}
    return Round(clinic=clinic, now=now, courses=await protocols.of_courses(tx, ids), outage=outage)


@contextlib.contextmanager
def laid_aside(batch: Batch, rows: Sequence[Checkin]) -> Iterator[None]:
    """Check-ins that cannot be asked are missed by us, and hold nobody else up."""
    try:
        yield
    except Exception as error:
        ids = [row.id for row in rows]
        log.error("a check-in cannot be asked", extra={"action": "checkin-broken", "ids": ids}, exc_info=error)
        batch.broken += ids


async def write(tx: Transaction, batch: Batch, now: datetime) -> None:
    """Store a batch: what was asked in the outbox, what must wait, and what cannot be asked, as missed by us."""
    await outbox.queue(tx, batch.drafts, now)
    await prompts.queued(tx, batch.asked, now)
    await prompts.move(tx, batch.moved, QUIET_HOURS)
    await prompts.remind_at(tx, batch.remind_at)
    await checkins.change_all(tx, batch.reminded, reminded_at=now)
    await checkins.change_all(tx, batch.broken, state="missed_by_us")
    if batch.broken:
        tx.wake("laid-aside")
