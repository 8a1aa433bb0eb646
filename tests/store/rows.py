"""Rows that the tests of the store start from."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text

from rules.tier import Tier
from store import alerts, checkins, courses, patients, versions
from store.alerts import Alert
from store.append_only import FIXED
from store.checkins import Checkin, NewCheckin
from store.courses import Course
from store.database import Database, Transaction
from store.patients import Patient

HOUR = timedelta(hours=1)
USERS = count(5_000_001)


async def tamper(database: Database, *statements: str) -> None:
    """Change what may not be changed, as somebody does who owns the database."""
    async with database.transaction() as tx:
        await lay_guards_down(tx)
        for statement in statements:
            await tx.execute(text(statement))


async def lay_guards_down(tx: Transaction) -> None:
    """Take away what makes tables append-only."""
    for table in FIXED:
        for what in ("update", "delete"):
            where = f" ON {table}" if tx.dialect == "postgresql" else ""
            await tx.execute(text(f"DROP TRIGGER {table}_{what}{where}"))


class Undone(Exception):
    """Rolls a transaction back."""


@contextlib.asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Transaction]:
    """A transaction that is rolled back at its end."""
    with contextlib.suppress(Undone):
        async with database.transaction() as tx:
            yield tx
            raise Undone


async def patient(tx: Transaction, now: datetime, *, state: str = "consented", **values: Any) -> Patient:
    """A patient who is linked to a Telegram user and has consented, unless told otherwise."""
    added = await patients.add(tx, name="Patient One", timezone="Europe/Madrid", language="en", contact={}, now=now)
    user_id = next(USERS)
    await patients.change(tx, added.id, **{"state": state, "user_id": user_id, "chat_id": user_id, **values})
    found = await patients.get(tx, added.id)
    assert found is not None
    return found


async def course(tx: Transaction, whose: Patient, now: datetime) -> Course:
    """A course of a patient whose infusion ends now."""
    version = await versions.keep(tx, protocol="example", body="[]", now=now)
    return await courses.add(
        tx,
        patient_id=whose.id,
        infusion_at=now,
        infusion_on=now.date(),
        dose_mg_per_kg=0.5,
        protocol_version_id=version.id,
        ends_at=now + timedelta(days=14),
        uncovered_reason=None,
        now=now,
    )


async def checkin(tx: Transaction, whose: Patient, due_at: datetime, **changes: Any) -> Checkin:
    """A scheduled mood check-in of a patient that reminds after an hour and expires after two."""
    values: dict[str, Any] = {
        "patient_id": whose.id,
        "course_id": None,
        "slot": "mood",
        "key": "mood/1",
        "day": 1,
        "asks": ("mood",),
        "local_at": due_at.replace(tzinfo=None, second=0, microsecond=0),
        "due_at": due_at,
        "remind_at": due_at + HOUR,
        "expires_at": due_at + 2 * HOUR,
    }
    (checkin_id,) = await checkins.add(tx, [NewCheckin(**{**values, **changes})])
    found = await checkins.get(tx, checkin_id)
    assert found is not None
    return found


async def alert(tx: Transaction, whose: Patient | None, now: datetime, **changes: Any) -> Alert:
    """A red alert about a patient, or about a stranger, at which the ladder must look now."""
    values: dict[str, Any] = {
        "patient_id": whose.id if whose else None,
        "stranger_id": None,
        "tier": Tier.RED,
        "at_any_hour": False,
        "policy": {"steps": []},
        "progress": {},
        "due_at": now,
        "now": now,
    }
    return await alerts.add(tx, **{**values, **changes})
