"""A random clinic's fortnight: patients in a course who answer, and red messages amid whatever may go wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.buttons import unpack
from rules.ladder import DEFAULT_RED, Ladder, Step
from rules.tier import Tier
from sandbox.errors import NotPossible
from store import schema
from store.database import Database
from tests.soak.stage import MINUTE, Stage
from tests.soak.year import Episode, Year
from tests.world import Phone

DAYS, HOUR = 14, timedelta(hours=1)
ZONES = ("Europe/Madrid", "Pacific/Auckland", "America/Los_Angeles", "America/St_Johns", "Asia/Kolkata", "UTC")
DAYLIGHT = range(8, 21)  # outside of the protocol's quiet hours
ASKING = ("prompt", "reminder", "catch-up")
Place = tuple[str, str, str]  # check-in, instrument, item


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a clinic is like; `waits` are those of its red ladder before the backup and before everybody."""

    clinicians: int
    zones: tuple[str, ...]
    waits: tuple[timedelta, timedelta]
    repeat: timedelta
    reds: int
    diligence: float

    @classmethod
    def of(cls, chance: random.Random) -> Shape:
        """Any that a clinic could have, as long as its ladder has gone round within the deadline."""
        first = MINUTE * chance.randint(0, 5)
        return cls(
            clinicians=chance.randint(1, 5),
            zones=tuple(chance.choice(ZONES) for _ in range(chance.randint(1, 5))),
            waits=(first, first + MINUTE * chance.randint(0, 5)),
            repeat=MINUTE * chance.choice((1, 2, 5)),
            reds=chance.randint(1, 4),
            diligence=chance.choice((0.2, 0.6, 0.9)),
        )

    @property
    def ladder(self) -> Ladder:
        """The red ladder."""
        steps = (("primary", timedelta(0)), ("backup", self.waits[0]), ("everyone", self.waits[1]))
        return replace(DEFAULT_RED, steps=tuple(Step(to=to, after=after) for to, after in steps), repeat=self.repeat)


@dataclass(slots=True)
class Fortnight(Year):
    """The clinic through two weeks. The same seed is the same fortnight."""

    shape: Shape = field(kw_only=True)
    patients: list[Phone] = field(default_factory=list)
    gave: dict[Place, int] = field(default_factory=dict)
    wrong_clock: list[tuple[datetime, datetime]] = field(default_factory=list)
    by_night: list[str] = field(default_factory=list)

    async def goes_by(self) -> list[Episode]:
        """Live it; returns what became of every red message."""
        stage, shape, first = self.stage, self.shape, self.stage.now
        self.clinicians = [await stage.clinician(f"Clinician {n + 1}", on_call=None) for n in range(shape.clinicians)]
        await self._make_rota(first, DAYS // 7)
        self.patients = [await stage.patient(timezone=zone) for zone in shape.zones]
        for patient in self.patients:
            await stage.infusion(patient, uncovered="nobody was tested")
        episodes = []
        for number in range(shape.reds):
            await self._until(first + timedelta(days=DAYS) * (number + self.chance.random()) / shape.reds)
            patient = self.chance.choice(self.patients)
            at = stage.now + timedelta(minutes=11)
            episodes.append(await self._episode(patient, at))
            if episodes[-1].step is not None:
                self.wrong_clock.append((at - HOUR, stage.now + 3 * HOUR))
        await self._until(first + timedelta(days=DAYS + 2))
        return episodes

    async def _until(self, at: datetime) -> None:
        """Ordinary life: hour by hour people answer some of what they were asked, and now and then the engine dies."""
        stage = self.stage
        while stage.now < at:
            if self.chance.random() < 0.03:
                stage.dies_in(self.chance.randint(1, 60))
            for patient in self.patients:
                if self.chance.random() < self.shape.diligence:
                    await self._answers(patient)
            await stage.goes_on(min(at, stage.now + HOUR))
            if not stage.runs:
                await stage.goes_on(stage.now + 2 * MINUTE)
                stage.revives()
        if stage.is_doomed:
            stage.revives()
        await stage.goes_on(stage.now + MINUTE)
        for patient in self.patients:
            self.by_night += self._ill_timed(patient)
            patient.reads()

    async def _answers(self, patient: Phone) -> None:
        """Press on, question by question, as far as the screen shows one that was not answered yet."""
        for _ in range(self.chance.randint(1, 12)):
            options = list(self._options(patient))
            if not options or not self.stage.runs:
                return
            place = options[-1][0]
            value, data = min((value, data) for where, value, data in options if where == place)
            if place[1] == "mood":  # the least of anything else is nothing at all
                value, data = next((value, data) for where, value, data in options if where == place and value == 6)
            try:
                patient.app().press(data=data)
            except NotPossible:
                return
            self.gave[place] = value
            await self.stage.goes_on(self.stage.now)

    def _options(self, patient: Phone) -> Iterator[tuple[Place, int, str]]:
        """The answers that can be given to questions that were not answered yet."""
        for message in patient.app().messages:
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for data in (button["callback_data"] for button in row):
                    press = unpack(self.stage.clinic.button_key, patient.user_id, data)
                    if press is not None and press.verb == "a":
                        instrument, item, value = press.argument.split("/")
                        if (press.subject, instrument, item) not in self.gave:
                            yield (press.subject, instrument, item), int(value), data

    async def shortcomings(self, episodes: list[Episode]) -> list[str]:
        """What does not hold at the end, in sentences."""
        found = [f"nobody learned of {each}" for each in episodes if each.by == "nobody"]
        async with self.stage.clinic.database.reading() as tx:
            inbox = Counter(row.state for row in await tx.rows(select(schema.inbox.c.state)))
            outbox = Counter(row.state for row in await tx.rows(select(schema.outbox.c.state)))
            answers = await tx.rows(select(schema.answer).where(schema.answer.c.value.is_not(None)))
        if inbox.keys() - {"done"}:
            found.append(f"updates are {dict(inbox)}")
        if outbox.keys() & {"waiting", "sending"}:
            found.append(f"messages are {dict(outbox)}")
        stored = Counter(((row.checkin_id, row.instrument, row.item), row.value) for row in answers)
        if stored != Counter(self.gave.items()):
            found.append(f"{self.gave} was answered, and {dict(stored)} is on record")
        return found + self.by_night

    def _ill_timed(self, patient: Phone) -> Iterator[str]:
        """Questions by night, but for those by a clock that was wrong."""
        zone = ZoneInfo(self.shape.zones[self.patients.index(patient)])
        for message in patient.unread:
            by_wrong_clock = any(start <= message.at <= end for start, end in self.wrong_clock)
            if message.kind in ASKING and not by_wrong_clock and message.at.astimezone(zone).hour not in DAYLIGHT:
                yield f"{patient.alias} was asked at {message.at.astimezone(zone)}"


async def live(database: Database, first: datetime, folder: Path, seed: int) -> tuple[list[Episode], list[str]]:
    """The fortnight of a seed: what became of its red messages, and what does not hold at its end."""
    chance = random.Random(f"clinic {seed}")
    shape = Shape.of(chance)
    stage = Stage(database, first, folder)
    stage.restart(ladders={**stage.clinic.ladders, Tier.RED: shape.ladder})
    try:
        fortnight = Fortnight(stage, chance, random.Random(f"clocks {seed}"), shape=shape)
        episodes = await fortnight.goes_by()
        return episodes, await fortnight.shortcomings(episodes)
    finally:
        stage.pager.close()
