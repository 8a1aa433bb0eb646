"""Fixtures for the passes: a clinic on a Monday, its tick, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from jobs.tick import Tick
from services import answers, intake
from services.clinic import Clinic
from services.delivery import Claimed
from services.turn import Incoming, Turn
from store import checkins, patients
from store.checkins import Checkin
from store.patients import Patient
from store.staff import Member
from tests.builders import add_member, add_patient, make_clinic, record_infusion
from tests.wire import deliver

PROMPTS = ("prompt", "reminder", "catch-up")


class Days:
    """The days of a clinic, its tick run by hand; what was sent at each is kept."""

    def __init__(self, clinic: Clinic, now: datetime) -> None:
        self.clinic, self.now = clinic, now
        self.alarms: list[str] = []
        self.tick = self.restarted()

    def restarted(self) -> Tick:
        """A fresh tick, as after a restart."""
        self.tick = Tick(self.clinic, lambda: self.now, interval=timedelta(seconds=2), alarm=self._alarm)
        return self.tick

    async def _alarm(self, what: str) -> None:
        self.alarms.append(what)

    async def until(self, at: datetime, *, unreachable: Iterable[int | None] = ()) -> list[Claimed]:
        """Run from due instant to due instant up to `at`, sending whatever goes out; returns what did."""
        went = await self._step(unreachable)
        while self.now < at:
            following = await self.tick.next_due_at(self.now)
            self.now = min(at, following or at)
            went += await self._step(unreachable)
        return went

    async def at(self, at: datetime) -> list[Claimed]:
        """Jump there, with nothing running in between, and run once."""
        self.now = at
        return await self._step(())

    async def _step(self, unreachable: Iterable[int | None]) -> list[Claimed]:
        await self.tick.run_due(self.now)
        return await deliver(self.clinic, self.now, unreachable=list(unreachable))

    async def patient(self, **changes: object) -> Patient:
        """A patient whose infusion has just ended."""
        async with self.clinic.database.transaction() as tx:
            infusion = {key: changes.pop(key) for key in ("ended_at", "protocol_id") if key in changes}
            patient = await add_patient(self.clinic, tx, self.now, **changes)  # type: ignore[arg-type]
            await record_infusion(self.clinic, tx, patient, self.now, **infusion)
        return patient

    async def member(self, **changes: object) -> Member:
        """A staff member."""
        async with self.clinic.database.transaction() as tx:
            return await add_member(self.clinic, tx, self.now, **changes)  # type: ignore[arg-type]

    async def rows(self, patient: Patient, *states: str) -> list[Checkin]:
        """The patient's check-ins in some states, or all."""
        async with self.clinic.database.reading() as tx:
            return [row for row in await checkins.of_patient(tx, patient.id) if not states or row.state in states]

    async def change(self, patient: Patient, **values: object) -> None:
        """Set columns of a patient."""
        async with self.clinic.database.transaction() as tx:
            await patients.change(tx, patient.id, **values)


def kinds(messages: Iterable[Claimed], *, of: Patient | Member | None = None) -> list[str]:
    """The kinds of messages, of all or of those to somebody."""
    return [message.kind for message in messages if of is None or of.id in (message.patient_id, message.staff_id)]


def asked(messages: Iterable[Claimed]) -> list[str]:
    """The prompts, reminders and catch-ups among messages."""
    return [message.kind for message in messages if message.kind in PROMPTS]


async def answer(days: Days, patient: Patient, row: Checkin, value: int) -> None:
    """The patient presses an option of the first question of a check-in."""
    instrument = days.clinic.instruments[row.asks[0]]

    async def route(turn: Turn) -> None:
        await answers.press(turn, row.id, instrument.id, instrument.items[0].id, value)

    number = int(row.id[-6:], 16)
    received = intake.Received(bot="main", update_id=number, chat_id=patient.chat_id, raw=f'{{"update_id":{number}}}')
    await intake.receive(days.clinic, [received], days.now)
    (waiting,) = await intake.waiting(days.clinic, days.now)
    incoming = Incoming(kind="press", user_id=patient.user_id, chat_id=patient.chat_id, private=True, message_id=1)
    await intake.handle(days.clinic, waiting, incoming, route, days.now)


@pytest.fixture
def days(clinic: Clinic, now: datetime) -> Days:
    return Days(clinic, now)


@pytest.fixture
def small_batches(clinic: Clinic, now: datetime) -> Days:
    """A clinic that puts two patients into a batch."""
    return Days(make_clinic(clinic.database, bulk_limit=2), now)
