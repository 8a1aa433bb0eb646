"""What the tests of the border tell their stories with: people, alerts, rows, and waiting for something to happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.schema import Table

from rules.finding import Finding
from rules.tier import Tier
from services import alerting
from services.alerting import Person
from store.alerts import Alert
from store.database import Database
from store.patients import Patient
from store.staff import Member
from tests.bot.conftest import Border
from tests.builders import add_member, add_patient


async def a_patient(border: Border, **changes: Any) -> Patient:
    """A patient who has pressed Start."""
    async with border.clinic.database.transaction() as tx:
        patient = await add_patient(border.clinic, tx, border.clock.now(), **changes)
    border.phone(patient)
    return patient


async def a_clinician(border: Border, name: str = "Clinician One", **changes: Any) -> Member:
    """A clinician on call who has pressed Start."""
    async with border.clinic.database.transaction() as tx:
        member = await add_member(border.clinic, tx, border.clock.now(), name=name, on_call="primary", **changes)
    border.phone(member)
    return member


async def an_alert(border: Border, patient: Patient, tier: Tier = Tier.RED) -> Alert:
    """An alert about a patient, its first pages queued."""
    finding = Finding(rule="asked-for-help", tier=tier)
    async with border.clinic.database.transaction() as tx:
        return await alerting.open_or_join(border.clinic, tx, Person(patient=patient), [finding], border.clock.now())


async def rows(database: Database, table: Table, **columns: Any) -> list[Any]:
    """The rows of a table with these values, oldest first."""
    query = select(table).order_by(table.c.id)
    for name, value in columns.items():
        query = query.where(table.c[name] == value)
    async with database.reading() as tx:
        return list(await tx.rows(query))


@asynccontextmanager
async def without_table(database: Database, table: str) -> AsyncIterator[None]:
    """A database that has lost a table meanwhile, so that what needs it fails."""
    async with database.engine.begin() as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO elsewhere"))
    yield
    async with database.engine.begin() as connection:
        await connection.execute(text(f"ALTER TABLE elsewhere RENAME TO {table}"))


@asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[None]:
    """Something that runs beside the test."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(holds: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait until something holds, or fail; it may be asked of the database."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.01)
