"""Patients, and what they consented to."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, insert, select, union_all, update

from store.counters import next_number
from store.database import Transaction
from store.errors import WrongKey
from store.ids import SYNTHETIC, SYNTHETIC_CHAT, PatientId, new_id
from store.schema import alert, consent, course, fixed, patient
from store.types import canonical

_OF_ID = select(patient).where(patient.c.id == bindparam("id"))
_OF_IDS = select(patient).where(patient.c.id.in_(bindparam("ids", expanding=True)))
_OF_NUMBER = select(patient).where(patient.c.number == bindparam("number"))
_OF_USER = select(patient).where(patient.c.user_id == bindparam("user_id"))
_LOOKED_AFTER = union_all(
    select(course.c.patient_id).where(course.c.state == fixed("active")),
    select(alert.c.patient_id).where(alert.c.state != fixed("closed"), alert.c.patient_id.is_not(None)),
)
_BLOCKED = (
    select(patient)
    .where(patient.c.blocked_at.is_not(None), patient.c.id.in_(_LOOKED_AFTER.scalar_subquery()))
    .order_by(patient.c.number)
)
_REAL = and_(patient.c.state != "erased", patient.c.id != SYNTHETIC)
_LINKED = (
    select(patient.c.user_id, patient.c.number, patient.c.language)
    .where(patient.c.user_id.is_not(None), _REAL)
    .order_by(patient.c.number)
)
_PLAN = select(patient.c.plan).where(patient.c.id == bindparam("id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient as everything but a reveal needs them: without name, contact or plan."""

    id: PatientId
    number: int
    timezone: str
    language: str
    preferred: time | None
    state: str
    user_id: int | None
    chat_id: int | None
    consented_at: datetime | None
    blocked_at: datetime | None
    created_at: datetime

    @property
    def alias(self) -> str:
        """How staff name the patient, in pages too: P-1042."""
        return f"P-{self.number}"

    @property
    def synthetic(self) -> bool:
        """Whether it is no person, but the auditor's."""
        return self.id == SYNTHETIC

    @property
    def reachable(self) -> bool:
        """Whether a prompt may go out: linked, consented, neither paused nor ended, the bot not blocked."""
        return self.state == "consented" and self.chat_id is not None and self.blocked_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What only a reveal shows: the name, how to reach the patient, their safety plan."""

    name: str | None
    contact: Mapping[str, str]
    plan: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Which version of the consent was agreed to, and until when."""

    version: str
    language: str
    given_at: datetime
    withdrawn_at: datetime | None


async def add(
    tx: Transaction,
    *,
    name: str,
    timezone: str,
    language: str,
    contact: Mapping[str, str],
    now: datetime,
) -> Patient:
    """Enrol a patient."""
    patient_id = PatientId(new_id())
    values = {
        "id": patient_id,
        "number": await next_number(tx, "patient"),
        "name": await tx.seal(patient_id, f"patient.name:{patient_id}", name),
        "contact": await tx.seal(patient_id, f"patient.contact:{patient_id}", canonical(dict(contact))),
        "timezone": timezone,
        "language": language,
        "state": "enrolled",
        "created_at": now,
    }
    return _patient((await tx.rows(insert(patient).returning(patient), values))[0])


async def add_synthetic(tx: Transaction, *, timezone: str, now: datetime) -> None:
    """Let the synthetic patient be there, who stands in no list."""
    if await get(tx, SYNTHETIC) is not None:
        return
    values = {"id": SYNTHETIC, "number": 0, "timezone": timezone, "language": "en", "state": "linked"}
    telegram = {"user_id": SYNTHETIC_CHAT, "chat_id": SYNTHETIC_CHAT}
    await tx.execute(insert(patient), {**values, **telegram, "created_at": now})


async def get(tx: Transaction, patient_id: str) -> Patient | None:
    """The patient of an id."""
    return await _one(tx, _OF_ID, id=patient_id)


async def of(tx: Transaction, patient_ids: Collection[str]) -> dict[str, Patient]:
    """The patients of several ids."""
    rows = await tx.rows(_OF_IDS, {"ids": list(patient_ids)})
    return {row.id: _patient(row) for row in rows}


async def by_number(tx: Transaction, number: int) -> Patient | None:
    """The patient of a number, as in P-1042."""
    return await _one(tx, _OF_NUMBER, number=number)


async def by_user(tx: Transaction, user_id: int) -> Patient | None:
    """The patient who is linked to a Telegram user."""
    return await _one(tx, _OF_USER, user_id=user_id)


async def every(tx: Transaction) -> list[Patient]:
    """All patients but erased ones, oldest first."""
    return await matching(tx, _REAL)


async def matching(tx: Transaction, condition: ColumnElement[bool]) -> list[Patient]:
    """The patients that a condition holds for, oldest first."""
    return [_patient(row) for row in await tx.rows(select(patient).where(condition).order_by(patient.c.number))]


def locking(condition: ColumnElement[bool]) -> Select[Any]:
    """Asks for the patients that a condition holds for, without those whom another transaction holds, and locks them.

    Answers that refer to them may be written meanwhile.
    """
    query = select(patient).where(condition).order_by(patient.c.number)
    return query.with_for_update(skip_locked=True, key_share=True)


async def found(tx: Transaction, query: Select[Any], **values: Any) -> list[Patient]:
    """The patients that a query asks for."""
    return [_patient(row) for row in await tx.rows(query, values)]


async def blocked(tx: Transaction) -> list[Patient]:
    """Patients who cannot be written to although they have an active course or an alert that is not closed."""
    return await found(tx, _BLOCKED)


async def linked(tx: Transaction) -> list[tuple[int, str, str]]:
    """Telegram user, alias and language of every patient who is linked."""
    return [(row.user_id, f"P-{row.number}", row.language) for row in await tx.rows(_LINKED)]


async def change(tx: Transaction, patient_id: str, **values: Any) -> None:
    """Set plain columns of a patient."""
    await tx.execute(update(patient).where(patient.c.id == patient_id).values(**values))


async def forget(tx: Transaction, patient_id: str) -> None:
    """Take from a patient's row whatever says who they are."""
    nothing = {"name": None, "contact": None, "plan": None, "user_id": None, "chat_id": None, "preferred": None}
    await change(tx, patient_id, **nothing, state="erased", timezone="UTC", blocked_at=None)


async def write_plan(tx: Transaction, patient_id: str, plan: str) -> None:
    """Seal and store the patient's safety plan."""
    await change(tx, patient_id, plan=await tx.seal(patient_id, f"patient.plan:{patient_id}", plan))


async def particulars(tx: Transaction, patient_id: str) -> Particulars:
    """What only a reveal shows; the caller logs the reveal."""
    row = await tx.row(select(patient.c.name, patient.c.contact, patient.c.plan).where(patient.c.id == patient_id))
    if row is None:
        return Particulars(name=None, contact={}, plan=None)
    contact = await tx.open(f"patient.contact:{patient_id}", row.contact)
    return Particulars(
        name=await tx.open(f"patient.name:{patient_id}", row.name),
        contact=json.loads(contact or "{}"),
        plan=await tx.open(f"patient.plan:{patient_id}", row.plan),
    )


async def plan_of(tx: Transaction, patient_id: str) -> str | None:
    """The patient's safety plan, for their own crisis reply."""
    row = await tx.row(_PLAN, {"id": patient_id})
    try:
        return None if row is None else await tx.open(f"patient.plan:{patient_id}", row.plan)
    except WrongKey:  # an altered plan must not keep the reply from them
        return None


async def add_consent(tx: Transaction, *, patient_id: str, version: str, language: str, now: datetime) -> None:
    """Record that the patient agreed to a version of the consent."""
    values = {"id": new_id(), "patient_id": patient_id, "version": version, "language": language, "given_at": now}
    await tx.execute(insert(consent), values)


async def consents_of(tx: Transaction, patient_id: str) -> list[Consent]:
    """What a patient has agreed to, oldest first."""
    rows = await tx.rows(select(consent).where(consent.c.patient_id == patient_id).order_by(consent.c.id))
    fields = ("version", "language", "given_at", "withdrawn_at")
    return [Consent(**{name: getattr(row, name) for name in fields}) for row in rows]


async def with_older_consent(tx: Transaction, version: str) -> list[Patient]:
    """Whoever is in a course, can be written to and has agreed to another version of the consent, but not to this."""
    standing = select(consent.c.patient_id).where(consent.c.withdrawn_at.is_(None))
    in_course = select(course.c.patient_id).where(course.c.state == fixed("active"))
    to_write_to = and_(patient.c.state == fixed("consented"), patient.c.chat_id.is_not(None))
    return await matching(
        tx,
        and_(
            to_write_to,
            patient.c.blocked_at.is_(None),
            patient.c.id.in_(in_course),
            patient.c.id.in_(standing),
            patient.c.id.not_in(standing.where(consent.c.version == version)),
        ),
    )


async def still_to_agree(tx: Transaction, version: str, patient_ids: Collection[str]) -> set[str]:
    """Those of the given patients who take part and have not agreed to a version."""
    if not patient_ids:
        return set()
    agreed = select(consent.c.patient_id).where(consent.c.version == version, consent.c.withdrawn_at.is_(None))
    query = select(patient.c.id).where(patient.c.id.in_(patient_ids), patient.c.state.in_(("consented", "paused")))
    return {row.id for row in await tx.rows(query.where(patient.c.id.not_in(agreed)))}


async def withdraw_consent(tx: Transaction, *, patient_id: str, now: datetime) -> None:
    """Record that the patient took every consent back."""
    standing = (consent.c.patient_id == patient_id) & consent.c.withdrawn_at.is_(None)
    await tx.execute(update(consent).where(standing).values(withdrawn_at=now))


async def _one(tx: Transaction, query: Select[Any], **values: Any) -> Patient | None:
    row = await tx.row(query, values)
    return None if row is None else _patient(row)


def _patient(row: Any) -> Patient:
    return Patient(
        id=row.id,
        number=row.number,
        timezone=row.timezone,
        language=row.language,
        preferred=time.fromisoformat(row.preferred) if row.preferred else None,
        state=row.state,
        user_id=row.user_id,
        chat_id=row.chat_id,
        consented_at=row.consented_at,
        blocked_at=row.blocked_at,
        created_at=row.created_at,
    )
