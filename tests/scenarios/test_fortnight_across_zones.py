"""Two hundred fortnights from Auckland to Los Angeles while clocks change: each slot once on its day, none at night."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import tomlkit

from content import protocols
from jobs.tick import Tick
from rules.local_time import local_day, to_local
from rules.protocol import as_data
from services.delivery import Claimed
from store import checkins
from store.database import Database
from store.patients import Patient
from tests.builders import add_patient, make_clinic, record_infusion, shelf
from tests.wire import deliver

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = (
    *("Pacific/Auckland", "Pacific/Chatham", "Australia/Lord_Howe", "Australia/Sydney", "Asia/Tokyo", "Asia/Kathmandu"),
    *("Asia/Kolkata", "Asia/Tehran", "Africa/Cairo", "Europe/Athens", "Europe/Madrid", "Europe/London"),
    *("Atlantic/Azores", "America/Sao_Paulo", "America/St_Johns", "America/New_York", "America/Chicago"),
    *("America/Denver", "America/Phoenix", "America/Los_Angeles"),
)
TIMES = (None, time(8), time(10), time(12, 30), time(17), time(20))
SLOTS = {"settle": 1, "mood": 14, "side-effects": 2, "week-1": 1, "week-2": 1}
Went = list[tuple[datetime, Claimed]]


class Fortnight:
    """Patients in all zones whose infusions end in the course of one day, and what goes out to them afterwards."""

    def __init__(self, database: Database, begins_at: datetime, size: int) -> None:
        default = protocols.shipped()["ketamine-14d"]
        calm = replace(default.thresholds, missed_note=100, missed_amber=100)  # nobody answers, nobody is alarmed
        text = tomlkit.dumps(as_data(replace(default, thresholds=calm)))
        self.clinic = make_clinic(database, protocols=shelf(**{default.id: text}))
        self.now = self.begins_at = begins_at
        self.size = size
        self.patients: dict[Patient, datetime] = {}
        self.went: Went = []

    async def begin(self) -> None:
        """Enrol everybody and record their infusions."""
        async with self.clinic.database.transaction() as tx:
            for number in range(self.size):
                zone, preferred = ZONES[number % len(ZONES)], TIMES[number % len(TIMES)]
                patient = await add_patient(self.clinic, tx, self.now, timezone=zone, preferred=preferred)
                ended_at = self.begins_at + DAY * number / self.size
                await record_infusion(self.clinic, tx, patient, self.now, ended_at=ended_at)
                self.patients[patient] = ended_at

    async def go_by(self) -> None:
        """Let all of it go by, an hour at a time; what is queued goes out within the next minute."""
        tick = Tick(self.clinic, lambda: self.now, interval=MINUTE, alarm=_fail, real_time=False)
        end = self.begins_at + 17 * DAY
        while (due := await tick.next_due_at(self.now)) is not None and due < end:
            self.now += -((self.now - due) // HOUR) * HOUR
            await tick.run_due(self.now)
            sent_at = self.now + MINUTE
            self.went += [(sent_at, message) for message in await deliver(self.clinic, sent_at, "bulk")]

    def times(self, patient: Patient, kind: str) -> list[datetime]:
        """When messages of a kind went out to a patient, on the patient's own clock."""
        went = [at for at, message in self.went if message.patient_id == patient.id and message.kind == kind]
        return [to_local(at, patient.timezone) for at in went]


async def _fail(what: str) -> None:
    raise AssertionError(f"an alarm: {what}")


@pytest.fixture(params=["March", "October"])
async def fortnight(request: pytest.FixtureRequest, sqlite_database: Database) -> Fortnight:
    """All of it gone by: in March Madrid's clocks go forward and Sydney's back, in October Chicago's go back too."""
    spring = request.param == "March"
    begins_at = datetime(2026, 3, 25, tzinfo=UTC) if spring else datetime(2026, 10, 22, tzinfo=UTC)
    fortnight = Fortnight(sqlite_database, begins_at, 60 if spring else 200)
    await fortnight.begin()
    await fortnight.go_by()
    return fortnight


async def test_each_slot_is_asked_once_on_its_day_and_none_in_quiet_hours(fortnight: Fortnight) -> None:
    asked = Counter(message.checkin_id for _, message in fortnight.went if message.kind == "prompt")
    for patient, infusion in fortnight.patients.items():
        async with fortnight.clinic.database.reading() as tx:
            rows = await checkins.of_patient(tx, patient.id)
        assert Counter(row.slot for row in rows) == SLOTS
        assert all(asked[row.lead_id or row.id] == 1 for row in rows)
        assert len(fortnight.times(patient, "prompt")) == sum(row.lead_id is None for row in rows)
        first = local_day(infusion, patient.timezone)
        moods = [row for row in rows if row.slot == "mood"]
        assert [local_day(row.due_at, patient.timezone) - first for row in moods] == [n * DAY for n in range(1, 15)]
        for at in (*fortnight.times(patient, "prompt"), *fortnight.times(patient, "reminder")):
            assert time(8) <= at.time() < time(21), patient.timezone
