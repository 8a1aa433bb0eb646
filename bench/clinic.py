"""A clinic of any size in a temporary folder: its encrypted database, its configuration and its engine."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Insert, func, insert, literal, select

from rules.schedule import PlannedSlot, plan
from services import protocols
from services.clinic import Clinic
from store import schema, staff
from store.database import Database, Transaction
from store.engine import connect
from store.ids import new_id
from store.keys import MasterKey, new_master_key
from store.migrations import migrate
from tests.builders import add_member, make_clinic, shelf

TOKEN = "1001:bench"
CLINICIAN = 9_000_001  # user and chat of the clinician on call; those of patients are their numbers
ZONE = "Europe/Madrid"
UNLIMITED = 1_000_000.0  # messages a second
PROTOCOL = 'id = "bench"\nextends = "ketamine-14d"\nquiet_hours = []\njitter = "0s"\n'
CONFIG = """\
telegram = {{ token = "{token}", base_url = "{base_url}", bulk_rate = {rate} }}
database = {{ url = "sqlite:///fortnight.db", key = "{key}" }}
clinic = {{ name = "Example Clinic", timezone = "{zone}", region = "ES" }}
protocols = {{ path = "protocols", default = "bench" }}
escalation = {{ red = {{ steps = [{{ to = "primary", after = "0s" }}], repeat = "2h", follow_up = "4h" }} }}
"""
RUN = [sys.executable, "-c", "from app.cli import main; main()", "run", "--log", "json"]


def now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


class Site:
    """A folder with everything that `fortnight run` needs; `clinic` looks into its database from outside."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, new_master_key()
        key = MasterKey.parse(self._key)
        database = Database(connect(f"sqlite:///{folder}/fortnight.db", key, create=True), key)
        shipped = shelf()
        texts = {**shipped.texts, "bench": (*shipped.texts["ketamine-14d"], PROTOCOL)}
        self.clinic: Clinic = make_clinic(database, protocols=protocols.Shelf(texts=texts, default="bench"))
        (folder / "protocols").mkdir()
        (folder / "protocols" / "bench.toml").write_text(PROTOCOL)

    @contextlib.contextmanager
    def engine(self, base_url: str, rate: float = UNLIMITED) -> Iterator[psutil.Process]:
        """The engine as a process of its own, as in production, with so many check-ins a second."""
        config = self._folder / "config.toml"
        config.write_text(CONFIG.format(token=TOKEN, base_url=base_url, rate=rate, key=self._key, zone=ZONE))
        with running(RUN, self._folder / "engine.log", FORTNIGHT_CONFIG=str(config)) as process:
            yield process


@contextlib.asynccontextmanager
async def new_site() -> AsyncIterator[Site]:
    """A migrated database with nobody in it but a tested clinician, who is on call."""
    with tempfile.TemporaryDirectory(prefix="fortnight-bench-") as folder:
        site = Site(Path(folder))
        await migrate(site.clinic.database)
        async with site.clinic.database.transaction() as tx:
            member = await add_member(site.clinic, tx, now(), on_call="primary")
            await staff.change(tx, member.id, user_id=CLINICIAN, chat_id=CLINICIAN)
        yield site
        await site.clinic.database.close()


@contextlib.contextmanager
def running(command: Sequence[str], log: Path | None = None, **environment: str) -> Iterator[psutil.Process]:
    """A process, ended at the end."""
    with (log or Path(os.devnull)).open("ab") as errors:
        process = psutil.Popen(command, env={**os.environ, **environment}, stdout=errors, stderr=errors)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


async def fill(clinic: Clinic, numbers: Iterable[int], infusion_at: datetime) -> int:
    """Let patients be in a course after an infusion at an instant of their own; returns how many slots were written.

    In bulk, and without their sealed names, since no check-in reads them.
    """
    async with clinic.database.transaction() as tx:
        await _write_courses(clinic, tx, numbers, infusion_at)
        planned = plan(clinic.protocols.get(None), infusion_at=infusion_at, zone=ZONE, preferred=None)
        return sum([(await tx.execute(_slot_of_all(slot, infusion_at))).rowcount for slot in planned])


async def _write_courses(clinic: Clinic, tx: Transaction, numbers: Iterable[int], infusion_at: datetime) -> None:
    version = await protocols.pin(tx, clinic.protocols, None, infusion_at)
    end = protocols.read_body(version.body).window
    people: list[dict[str, Any]] = [{"id": new_id(), "number": number} for number in numbers]
    infusions = [{"id": new_id(), "patient_id": person["id"]} for person in people]
    consented: dict[str, Any] = {"timezone": ZONE, "language": "en", "state": "consented", "consented_at": infusion_at}
    linked = [{**person, "user_id": person["number"], "chat_id": person["number"]} for person in people]
    at = {"created_at": infusion_at}
    await tx.execute(insert(schema.patient).values(consented | at), linked)
    await tx.execute(insert(schema.infusion).values(ended_at=infusion_at, dose_mg_per_kg=0.5, **at), infusions)
    course = {"infusion_on": infusion_at.date().isoformat(), "starts_at": infusion_at, "ends_at": infusion_at + end}
    courses = [
        {"id": new_id(), "patient_id": each["patient_id"], "infusion_id": each["id"], **course, **at}
        for each in infusions
    ]
    await tx.execute(insert(schema.course).values(state="active", protocol_version_id=version.id), courses)


def _slot_of_all(slot: PlannedSlot, infusion_at: datetime) -> Insert:
    """A slot for each of the patients whose infusion it was."""
    checkin, course = schema.checkin.c, schema.course.c
    values = {
        checkin.slot: slot.slot,
        checkin.key: slot.key,
        checkin.day: slot.day,
        checkin.in_mood_stream: slot.in_mood_stream,
        checkin.summary: slot.summary,
        checkin.pinned: False,
        checkin.asks: list(slot.asks),
        checkin.optional: list(slot.optional),
        checkin.local_at: slot.local.strftime("%Y-%m-%dT%H:%M"),
        checkin.due_at: slot.due_at,
        checkin.remind_at: slot.remind_at,
        checkin.expires_at: slot.expires_at,
        checkin.state: "scheduled",
    }
    written = [literal(value, column.type) for column, value in values.items()]
    query = select(func.lower(func.hex(func.randomblob(16))), course.patient_id, course.id, *written)
    names = [checkin.id, checkin.patient_id, checkin.course_id, *values]
    return insert(schema.checkin).from_select(names, query.where(course.starts_at == infusion_at))
