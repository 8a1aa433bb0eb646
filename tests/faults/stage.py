"""A clinic in which everything lasts seconds: its folder, its people and their phones, the engines that serve it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from app.clock import SystemClock
from sandbox.client import Client
from sandbox.server import Server
from sandbox.telegram import Telegram
from services.clinic import Clinic
from tests.builders import add_member, add_patient, make_clinic, record_infusion, shelf
from tests.databases import KEY_TEXT, opened
from tests.faults.process import Engine

TOKEN = "100:fortnight"
HELP = "I want to kill myself"
PROTOCOL = """
id = "seconds"
title = "Two questions, at once"
window = "1d"
quiet_hours = []
[[slot]]
name = "evening"
after = "1s"
asks = ["mood", "safety"]
expires_after = "12h"
"""
CONFIG = """
[telegram]
token = "{token}"
base_url = "{base_url}"
poll_timeout = "2s"
bulk_rate = {bulk_rate}
[database]
url = "{url}"
key = "{key}"
[clinic]
name = "Example Clinic"
timezone = "Europe/Madrid"
region = "ES"
[tick]
interval = "1s"
lease = "3s"
[escalation.red]
steps = [{{ to = "primary", after = "0s" }}, {{ to = "everyone", after = "1h" }}]
repeat = "1h"
follow_up = "1h"
"""


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with a phone, what they have answered, and when they first said that they are in danger."""

    id: str
    alias: str
    user_id: int
    phone: Client
    gave: dict[str, int | None] = field(default_factory=dict)
    in_danger_at: datetime | None = None

    @property
    def buttons(self) -> set[str]:
        """The labels of all buttons that stand in their chat."""
        rows = [row for each in self.phone.messages for row in each.get("reply_markup", {}).get("inline_keyboard", [])]
        return {button["text"] for row in rows for button in row}

    def feels(self, mood: int) -> None:
        """Answer the first question."""
        self.phone.press(str(mood))
        self.gave["mood"] = mood

    def is_safe(self) -> None:
        """Answer the second question with No."""
        self.phone.press("No")
        self.gave["safety"] = 0

    def is_in_danger(self) -> None:
        """Answer the second question with Yes."""
        self.phone.press("Yes")
        self.gave["safety"] = 1
        self.in_danger_at = SystemClock().now()

    def cries_for_help(self) -> None:
        """Write it instead."""
        self.phone.say(HELP)
        self.gave["words"] = None
        self.in_danger_at = SystemClock().now()


class Stage:
    """The clinic. Make one with `staged`."""

    def __init__(self, clinic: Clinic, telegram: Telegram, folder: Path) -> None:
        self.clinic, self.telegram = clinic, telegram
        self.patients: list[Person] = []
        self.clinicians: list[Person] = []
        self.engines: list[Engine] = []
        self._folder, self._numbers = folder, count(1)

    async def engine(self, failpoint: str = "", **environment: str) -> Engine:
        """Start an engine; with a failpoint it kills itself there."""
        engine = self.spawn(failpoint, **environment)
        assert await engine.started(), engine.lines
        return engine

    def spawn(self, failpoint: str = "", **environment: str) -> Engine:
        """Start an engine, and do not wait until it runs."""
        log = self._folder / f"engine-{next(self._numbers)}.log"
        engine = Engine(self._folder, log, FORTNIGHT_FAILPOINT=failpoint, **environment)
        self.engines.append(engine)
        return engine

    async def clinician(self, *, on_call: str | None = "primary") -> Person:
        """A clinician who can be reached."""
        now = SystemClock().now()
        async with self.clinic.database.transaction() as tx:
            member = await add_member(self.clinic, tx, now, on_call=on_call)
        person = self._person(member.id, member.alias, member.user_id or 0)
        self.clinicians.append(person)
        return person

    async def enrolled(self, number: int, *, in_course: bool = True) -> list[Person]:
        """Patients; if they are in a course, its two questions are due at once."""
        now = SystemClock().now()
        people = []
        async with self.clinic.database.transaction() as tx:
            for _ in range(number):
                patient = await add_patient(self.clinic, tx, now)
                if in_course:
                    await record_infusion(self.clinic, tx, patient, now, protocol_id="seconds", ended_at=now - SOON)
                people.append(self._person(patient.id, patient.alias, patient.user_id or 0))
        self.patients += people
        return people

    def _person(self, owner: str, alias: str, user_id: int) -> Person:
        self.telegram.add_user(user_id, name=alias)
        phone = self.telegram.client(user_id, TOKEN)
        phone.chat.started = True
        return Person(id=owner, alias=alias, user_id=user_id, phone=phone)


SOON = timedelta(seconds=1)


@contextlib.asynccontextmanager
async def staged(url: str, folder: Path, *, bulk_rate: float = 1000.0) -> AsyncIterator[Stage]:
    """A clinic on a migrated database; at its end every engine is killed that still runs."""
    telegram = Telegram(SystemClock().now)
    telegram.register(TOKEN)
    async with Server(telegram) as server, opened(url) as database:
        values = {"token": TOKEN, "base_url": f"{server.url}/bot", "url": url, "key": KEY_TEXT, "bulk_rate": bulk_rate}
        (folder / "config.toml").write_text(CONFIG.format(**values) + '[protocols]\npath = "protocols"\n')
        (folder / "protocols").mkdir()
        (folder / "protocols" / "seconds.toml").write_text(PROTOCOL)
        stage = Stage(make_clinic(database, protocols=shelf(seconds=PROTOCOL)), telegram, folder)
        try:
            yield stage
        finally:
            for engine in stage.engines:
                await engine.kill()
