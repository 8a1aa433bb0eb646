"""The example clinic of the demo: its staff on the rota, its patients, and what its coordinator can do on the page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from app.clock import Clock
from content.messages import say
from rules.durations import parse_duration
from sandbox.errors import NotPossible
from sandbox.page import Action, ActionResult, Field, Page, Phone
from sandbox.telegram import Telegram
from services import enrolment, infusions, people, rota
from services.clinic import Clinic

TOKEN, BOT = "100001:demo", "fortnight_demo_bot"
ZONE = "Europe/Madrid"
ACTOR = "cli"
PATIENT, CLINICIAN, BACKUP, COORDINATOR = 101, 201, 202, 301
ON_CALL_FOR = timedelta(days=60)
ENDED = {"4 hours ago: how the way home was": "4h", "yesterday: the first daily question": "1d", "just now": "0s"}
PATIENCE = 200  # looks, one every 50 ms, until the drill is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on the staff, with the phone that shows them."""

    user_id: int
    name: str
    role: str
    level: str | None = None

    @property
    def phone(self) -> Phone:
        """Their phone."""
        label = f"{self.name}, {self.level} on call" if self.level else self.name
        return Phone(user_id=self.user_id, label=label, role_hint=self.role, timezone=ZONE)


STAFF = (
    Person(user_id=CLINICIAN, name="Clinician One", role="clinician", level="primary"),
    Person(user_id=COORDINATOR, name="Coordinator", role="coordinator"),
    Person(user_id=BACKUP, name="Clinician Two", role="clinician", level="backup"),
)


class ExampleClinic:
    """A clinic for an evening."""

    def __init__(self, clinic: Clinic, telegram: Telegram, clock: Clock) -> None:
        self._clinic, self._telegram, self._clock = clinic, telegram, clock
        self._user_ids = count(PATIENT)
        self._newest = ""
        telegram.register(TOKEN, username=BOT, name=clinic.name)
        for person in STAFF:
            telegram.add_user(person.user_id, name=person.name)
        self._phone = self._new_phone()

    def phones(self) -> list[Phone]:
        """The phones on the page: a patient's, then the staff's."""
        return [self._phone, *(person.phone for person in STAFF)]

    def actions(self, page: Page) -> dict[str, Action]:
        """What the coordinator can do on the page."""
        zone = Field(name="timezone", label="Time zone", value=ZONE)
        language = Field(name="language", label="Language", kind="select", options=("en", "es"))
        ended = Field(name="ended", label="It ended", kind="select", options=tuple(ENDED))
        dose = Field(name="dose", label="Dose, mg/kg", kind="number", value="0.5")

        async def enrol(values: Mapping[str, str]) -> ActionResult:
            return await self._enrol(page, values)

        return {
            "enrol": Action(id="enrol", label="Enrol a patient", phone=COORDINATOR, run=enrol, fields=(zone, language)),
            "infusion": Action(
                id="infusion", label="Record an infusion", phone=COORDINATOR, run=self._record, fields=(ended, dose)
            ),
        }

    async def open(self) -> None:
        """Staff join by their links, pass their drills and go on call; the engine must be running."""
        await asyncio.gather(*(self._join(person) for person in STAFF))

    async def _join(self, person: Person) -> None:
        now = self._clock.now()
        async with self._clinic.database.transaction() as tx:
            member, code = await enrolment.add_staff(
                self._clinic, tx, name=person.name, role=person.role, language="en", actor=ACTOR, now=now
            )
            if person.level:
                until = now + ON_CALL_FOR
                await rota.add(
                    tx, member, level=person.level, from_at=now, to_at=until, override=False, actor=ACTOR, now=now
                )
        phone = self._telegram.client(person.user_id, TOKEN)
        phone.start(code)
        for _ in range(PATIENCE):
            with suppress(NotPossible):
                phone.press(say("en", "staff.drill_button"))
                return
            await asyncio.sleep(0.05)

    async def _enrol(self, page: Page, values: Mapping[str, str]) -> ActionResult:
        """The first patient gets the phone that is there, every other one a phone of their own."""
        async with self._clinic.database.transaction() as tx:
            patient, code = await enrolment.enrol_patient(
                self._clinic,
                tx,
                name=f"Patient {self._phone.user_id - PATIENT + 1}",
                timezone=values["timezone"],
                language=values["language"],
                contact={"phone": "+34 600 000 000"},
                actor=ACTOR,
                now=self._clock.now(),
            )
        phone = self._phone if not self._newest else self._new_phone()
        if self._newest:
            page.add_phone(phone)
        self._newest = patient.alias
        text = f"{patient.alias} is enrolled. Their link is on the patient's phone: tap it there."
        return ActionResult(text=text, link=f"https://t.me/{BOT}?start={code}", opens_on=phone.user_id)

    async def _record(self, values: Mapping[str, str]) -> ActionResult:
        now = self._clock.now()
        async with self._clinic.database.transaction() as tx:
            patient = await people.patient(tx, self._newest)
            recorded = await infusions.record(
                self._clinic,
                tx,
                patient,
                ended_at=now - parse_duration(ENDED[values["ended"]]),
                dose_mg_per_kg=float(values["dose"]),
                protocol_id=None,
                uncovered=None,
                actor=ACTOR,
                now=now,
            )
        return ActionResult(text=f"Recorded for {patient.alias}: {recorded.slots} check-ins, the next may be due now.")

    def _new_phone(self) -> Phone:
        user_id = next(self._user_ids)
        self._telegram.add_user(user_id, name=f"Patient {user_id - PATIENT + 1}")
        label = "Patient" if user_id == PATIENT else f"Patient {user_id - PATIENT + 1}"
        self._phone = Phone(user_id=user_id, label=label, timezone=ZONE)
        return self._phone
