"""Plays one group of patients through their fortnight, and tells what happened as plain values."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from app import wiring
from app.rehearsal.clinicians import SimulatedClinician
from app.rehearsal.patients import SimulatedPatient
from app.rehearsal.phones import HALF_AN_HOUR, Handset
from app.rehearsal.stage import Stage
from app.rehearsal.telling import told
from app.settings import Settings
from bot.second_channel import SecondChannel
from content.personas import Persona, habits, personas
from rules.local_time import to_instant
from rules.rota import LEVELS
from services import enrolment, infusions, people, rota
from store import engine, migrations
from store.database import Database
from store.keys import MasterKey, new_master_key

ACTOR = "cli"
PROTOCOLS = "protocols"
ZONE = "Europe/Madrid"
BEGINS_AT = datetime(2026, 3, 23, 7, tzinfo=UTC)  # a Monday; clocks change in the first week
FIRST_INFUSION = timedelta(hours=2)
INFUSIONS_OVER = 12  # halves of an hour
CLINICIANS = 3
CLINICIAN_IDS, PATIENT_IDS = 2001, 10_001
DOSE = 0.5
STRIDE = 37  # shares no divisor with the sum of the shares
CHANGE = time(8)  # when the next clinician goes on call
SPANISH = 0.4
TIMES = ("08:30", "09:00", "10:00", "12:00", "18:00", "20:00")
OWN_TIME = 0.5  # how many choose a time of their own
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is rehearsed. `protocol` is the whole text of a protocol file; of `patients` those of one group are played:

    every `groups`-th from `group` on. `seed` decides all chances. `instruments` is a folder of the clinic's own,
    `licensed` are those whose licence it holds.
    """

    patients: int
    seed: int
    days: int
    protocol: str
    protocol_id: str
    instruments: str | None = None
    licensed: Sequence[str] = ()
    group: int = 0
    groups: int = 1

    @property
    def ends_at(self) -> datetime:
        """When it is over: so many days after the last infusion."""
        return BEGINS_AT + FIRST_INFUSION + INFUSIONS_OVER * HALF_AN_HOUR + timedelta(days=self.days)


async def play(script: Script) -> dict[str, Any]:
    """Play a group on a database of its own, gone afterwards; returns what happened, for a report."""
    with tempfile.TemporaryDirectory(prefix="fortnight-rehearsal-", dir=_memory()) as name:
        folder, key, second = Path(name), MasterKey.parse(new_master_key()), SecondChannel((), timedelta(seconds=1))
        (folder / PROTOCOLS).mkdir()
        (folder / PROTOCOLS / "rehearsed.toml").write_text(script.protocol, encoding="utf-8")
        opened = Database(engine.scratch(folder / "rehearsal.db"), key)
        try:
            await migrations.migrate(opened)
            clinic = wiring.build_clinic(_settings(script), folder, opened)
            cast = Cast(Stage(clinic, BEGINS_AT, folder, second, seed=str(script.seed)), script)
            await cast.gather()
            await cast.stage.play(script.ends_at)
            return await told(cast.stage, cast.patients, cast.clinicians)
        finally:
            second.close()
            await opened.close()


def _memory() -> Path | None:
    return MEMORY if MEMORY.is_dir() else None


def _settings(script: Script) -> Settings:
    clinic = {"name": "Example Clinic", "timezone": ZONE, "region": "ES"}
    protocols = {"path": PROTOCOLS, "default": script.protocol_id}
    instruments = {"path": script.instruments, "licensed": list(script.licensed)}
    sections = {"clinic": clinic, "protocols": protocols, "instruments": instruments}
    return Settings.model_validate({"telegram": {"token": "1001:main"}, **sections})


@dataclass(slots=True)
class Cast:
    """Everybody who takes part."""

    stage: Stage
    script: Script
    patients: list[SimulatedPatient] = field(default_factory=list)
    clinicians: list[SimulatedClinician] = field(default_factory=list)

    async def gather(self) -> None:
        """Staff join and go on call; patients join, agree, tell how they are, and have their infusions planned."""
        for number in range(CLINICIANS):
            await self._hire(number)
        await self.stage.settle()
        for number in range(self.script.group, self.script.patients, self.script.groups):
            await self._enrol(number)
        await self.stage.settle()
        for patient in self.patients:
            await self._plan(patient)

    async def _hire(self, number: int) -> None:
        clinic, now, name = self.stage.clinic, self.stage.now, f"Clinician {number + 1}"
        async with clinic.database.transaction() as tx:
            member, code = await enrolment.add_staff(
                clinic, tx, name=name, role="clinician", language="en", actor=ACTOR, now=now
            )
            for level, from_at, to_at in _shifts(number, self.script.ends_at):
                await rota.add(
                    tx, member, level=level, from_at=from_at, to_at=to_at, override=False, actor=ACTOR, now=now
                )
        handset = Handset(self.stage, CLINICIAN_IDS + number, name)
        clinician = SimulatedClinician(handset, number, habits(), ZONE)
        self.clinicians.append(clinician)
        self.stage.listen(handset.user_id, clinician.got)
        handset.app.start(code)

    async def _enrol(self, number: int) -> None:
        clinic, name = self.stage.clinic, f"Patient {number + 1}"
        handset = Handset(self.stage, PATIENT_IDS + number, name)
        language = "es" if handset.draw.random() < SPANISH else "en"
        async with clinic.database.transaction() as tx:
            enrolled, code = await enrolment.enrol_patient(
                clinic,
                tx,
                name=name,
                timezone=ZONE,
                language=language,
                contact={},
                actor=ACTOR,
                now=self.stage.now,
            )
        self.stage.names[enrolled.number] = name
        patient = SimulatedPatient(handset, number, enrolled.alias, persona_of(number), language, ZONE)
        self.patients.append(patient)
        self.stage.listen(handset.user_id, patient.got)
        handset.app.start(code)
        if handset.draw.random() < OWN_TIME:
            handset.app.say(f"/time {handset.draw.choice(TIMES)}")

    async def _plan(self, patient: SimulatedPatient) -> None:
        infusion_at = BEGINS_AT + FIRST_INFUSION + (patient.number % INFUSIONS_OVER) * HALF_AN_HOUR
        patient.expects(infusion_at)
        clinic = self.stage.clinic
        async with clinic.database.transaction() as tx:
            await infusions.record(
                clinic,
                tx,
                await people.patient(tx, patient.alias),
                ended_at=infusion_at,
                dose_mg_per_kg=DOSE,
                protocol_id=None,
                uncovered=None,
                actor=ACTOR,
                now=self.stage.now,
            )


def persona_of(number: int) -> Persona:
    """The persona of the patient at a place: by the shares, mixed evenly."""
    every = personas()
    bounds = list(accumulate(persona.share for persona in every))
    return every[bisect_right(bounds, number * STRIDE % bounds[-1])]


def _shifts(number: int, until: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Primary every third day and backup on the next, from morning to morning, until an instant."""
    for day in range((until - BEGINS_AT).days + 2):
        place = (day - number) % CLINICIANS
        if place < len(LEVELS):
            on = BEGINS_AT.date() + timedelta(days=day)
            yield LEVELS[place], to_instant(on, CHANGE, ZONE), to_instant(on + timedelta(days=1), CHANGE, ZONE)
