"""The world of a story: the clinic, its people's phones, and a clock that jumps from one due instant to the next."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from app.rehearsal.simulation import PAGE_TOKEN, TOKEN, Simulation
from content.messages import say
from services import enrolment, infusions, people, rota
from store import alerts, checkins
from store.alerts import Alert
from store.checkins import Checkin
from store.database import Database, Transaction
from store.ids import SYNTHETIC
from tests.builders import make_clinic
from tests.world.phone import Phone
from tests.world.wire import Kinds, Pager, TellingWire

__all__ = ["PAGE_TOKEN", "TOKEN", "World", "opened"]
ACTOR = "cli"


class World(Simulation):
    """A simulated clinic whose people have phones that a story reads. Make one with `opened`.

    `pager` is its second channel, `now` its clock.
    """

    wire = TellingWire

    def __init__(self, database: Database, now: datetime, folder: Path, **clinic: Any) -> None:
        self.pager = Pager()
        super().__init__(make_clinic(database, second_channel=True, **clinic), now, folder, self.pager)
        self.kinds = Kinds()
        self.telegram.listen(self.kinds)
        self.phones: list[Phone] = []
        self._user_ids = count(7001)

    async def outage(self, by: timedelta) -> None:
        """Nothing runs for a while; then everything starts afresh on the same database."""
        self.now += by
        self.restart()
        await self.tick.start(self.now)
        await self.settle()

    def restart(self, **changes: Any) -> None:
        """Everything starts afresh on the same database; `changes` are fields of Clinic, as a new configuration."""
        self.clinic.database._listeners.clear()
        self.clinic = replace(self.clinic, **changes)
        self.start()

    # People.

    async def patient(
        self, *, joined: str = "consented", timezone: str = "Europe/Madrid", language: str = "en", **contact: str
    ) -> Phone:
        """A patient who has come as far as `joined`: enrolled, linked or consented."""
        async with self.transaction() as tx:
            enrolled, code = await enrolment.enrol_patient(
                self.clinic,
                tx,
                name="Patient One",
                timezone=timezone,
                language=language,
                contact=contact,
                actor=ACTOR,
                now=self.now,
            )
        phone = self._phone(enrolled.id, enrolled.alias, patient=True, language=language)
        if joined in ("linked", "consented"):
            await phone.opens(code)
            phone.received("consent")
        if joined == "consented":
            await phone.presses(say(language, "patient.agree"))
            phone.received("welcome")
        return phone

    async def member(
        self,
        name: str = "Clinician One",
        *,
        role: str = "clinician",
        on_call: str | None = None,
        tested: bool = True,
        language: str = "en",
        days: int = 60,
    ) -> Phone:
        """A staff member who has opened the link and, if `tested`, passed the drill; `on_call` at a level from now."""
        async with self.transaction() as tx:
            added, code = await enrolment.add_staff(
                self.clinic, tx, name=name, role=role, language=language, actor=ACTOR, now=self.now
            )
        phone = self._phone(added.id, added.alias, patient=False, language=language)
        await phone.opens(code)
        if tested:
            await phone.presses(say(language, "staff.drill_button"))
        if on_call:
            await self.puts_on_call(phone, on_call, self.now, self.now + timedelta(days=days))
        phone.reads()
        return phone

    async def clinician(self, name: str = "Clinician One", *, on_call: str | None = "primary", **more: Any) -> Phone:
        """A clinician on call."""
        return await self.member(name, on_call=on_call, **more)

    async def puts_on_call(self, phone: Phone, level: str, from_at: datetime, to_at: datetime) -> None:
        """Give a member a shift."""
        async with self.transaction() as tx:
            member = await people.member(tx, phone.alias)
            await rota.add(
                tx, member, level=level, from_at=from_at, to_at=to_at, override=False, actor=ACTOR, now=self.now
            )
        await self.settle()

    async def infusion(self, phone: Phone, **changes: Any) -> infusions.Recorded:
        """Record an infusion of a patient that ends now; `changes` are arguments of infusions.record."""
        arguments: dict[str, Any] = {
            "ended_at": self.now,
            "dose_mg_per_kg": 0.5,
            "protocol_id": None,
            "uncovered": None,
            "actor": ACTOR,
            "now": self.now,
        }
        async with self.transaction() as tx:
            patient = await people.patient(tx, phone.alias)
            recorded = await infusions.record(self.clinic, tx, patient, **{**arguments, **changes})
        await self.settle()
        return recorded

    # What the clinic knows.

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction, for use cases that have no word here; settle the world after it."""
        async with self.clinic.database.transaction() as tx:
            yield tx

    async def alerts(self, *states: str) -> list[Alert]:
        """The alerts in these states, or all, oldest first."""
        async with self.clinic.database.reading() as tx:
            return await alerts.every(tx, *states)

    async def synthetic_alert(self) -> Alert | None:
        """The auditor's own alert while it is not closed."""
        async with self.clinic.database.reading() as tx:
            return await alerts.unclosed_of(tx, patient_id=SYNTHETIC)

    async def checkins(self, phone: Phone) -> list[Checkin]:
        """A patient's check-ins by the time they are due."""
        async with self.clinic.database.reading() as tx:
            return await checkins.of_patient(tx, phone.id)

    def no_strays(self) -> None:
        """Fail on what a patient has got and no step of the story has read."""
        strays = {phone.alias: phone.unread for phone in self.phones if phone.is_patient and phone.unread}
        assert not strays, {alias: [(each.kind, each.text) for each in unread] for alias, unread in strays.items()}

    def _phone(self, owner: str, alias: str, *, patient: bool, language: str) -> Phone:
        user_id = next(self._user_ids)
        self.telegram.add_user(user_id, name=alias, language=language)
        phone = Phone(self, user_id, id=owner, alias=alias, patient=patient)
        self.phones.append(phone)
        return phone


@contextlib.asynccontextmanager
async def opened(database: Database, now: datetime, folder: Path, **clinic: Any) -> AsyncIterator[World]:
    """A world on a database; at its end no patient may have got anything that the story did not read."""
    world = World(database, now, folder, **clinic)
    yield world
    await world.settle()
    world.no_strays()
    world.pager.close()
