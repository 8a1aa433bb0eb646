"""A simulated year: three clinicians in turn, and six red messages, each amid whatever may go wrong just then."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from rules.lifecycle import OUTCOMES
from sandbox.errors import NotPossible
from sandbox.faults import Fault, failing, reset, silent, too_many_requests
from services import ownership
from store import alerts, rota, staff
from store.alerts import Alert
from store.database import Database
from tests.soak.stage import MINUTE, Stage
from tests.world import Phone

REDS, WEEKS = 6, 52
STEPS = (timedelta(hours=-2), timedelta(minutes=-10), timedelta(minutes=10), timedelta(hours=2))  # of the clock
DEADLINE = timedelta(minutes=16)  # the ladder's first round, 12 minutes, and the pings that a dead-man switch awaits
LONGEST = timedelta(minutes=18)  # then all that was wrong is mended
WAITS = "waits for somebody"  # a page by the second channel; anything else there is an alarm
NOT_ABOUT_IT = ("was not running", "clock jumped", "off track")
WORDS = ("/now", "I am going to kill myself tonight", "I have the pills here and I want to end it tonight")


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """What goes wrong around one message; times count from it. `outage` is a fault of Telegram's, from when to when."""

    absent: frozenset[int]
    blocked: frozenset[int]
    unnoticed: bool
    outage: tuple[Fault, timedelta, timedelta] | None
    deaths: tuple[int, ...]
    down_for: timedelta
    mute: bool

    @classmethod
    def of(cls, chance: random.Random, clinicians: int) -> Troubles:
        """Some of everything, for so many clinicians."""
        fault = chance.choice((failing(502), failing(504), silent(), reset(delivered=True), too_many_requests(35)))
        fault = fault.on(chance.choice((None, "sendMessage")))
        start = timedelta(minutes=chance.uniform(-6, 4))
        outage = (fault, start, start + timedelta(minutes=chance.choice((1, 4, 15, 90)) * chance.uniform(0.5, 1)))
        return cls(
            absent=frozenset(n for n in range(clinicians) if chance.random() < 0.35),
            blocked=frozenset(n for n in range(clinicians) if chance.random() < 0.15),
            unnoticed=chance.random() < 0.5,
            outage=outage if chance.random() < 0.35 else None,
            deaths=tuple(chance.randint(1, 60) for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 4)))),
            down_for=timedelta(seconds=chance.choice((5, 20, 60, 240, 600))),
            mute=chance.random() < 0.15,
        )


@dataclass(slots=True, kw_only=True)
class Episode:
    """One red message, what went wrong around it, and when who learned of it."""

    said_at: datetime
    troubles: Troubles
    paged_at: datetime | None = None
    reached_at: datetime | None = None  # a page at a clinician who can be reached
    alarm_at: datetime | None = None
    dead_man_at: datetime | None = None
    step: tuple[timedelta, timedelta] | None = None  # of the machine's clock: when, and by how much
    pages: int = 0
    crashes: int = 0

    @property
    def by(self) -> str:
        """How somebody learned of it within the deadline; the dead-man switch only excuses what could not be told."""
        excused = self.crashes or self.troubles.outage is not None or self.troubles.mute
        ways = {"reached": self.reached_at, "alarm": self.alarm_at, "dead_man": self.dead_man_at if excused else None}
        in_time = (way for way, at in ways.items() if at is not None and at - self.said_at <= DEADLINE)
        return next(in_time, "nobody")


@dataclass(slots=True)
class Year:
    """The clinic through its year. The same seed is the same year."""

    stage: Stage
    chance: random.Random
    clocks: random.Random
    clinicians: list[Phone] = field(default_factory=list)
    answers_at: dict[int, datetime] = field(default_factory=dict)

    async def goes_by(self) -> list[Episode]:
        """Live it; returns what became of every red message."""
        first = self.stage.now
        self.clinicians = [await self.stage.clinician(f"Clinician {n}", on_call=None) for n in (1, 2, 3)]
        await self._make_rota(first, WEEKS)
        patient = await self.stage.patient()
        apart = timedelta(weeks=WEEKS) / REDS
        instants = [first + apart * (n + self.chance.random() / 2) for n in range(REDS)]
        return [await self._episode(patient, at + timedelta(hours=1)) for at in instants]

    async def _make_rota(self, first: datetime, weeks: int) -> None:
        """Primary and backup in turn, week by week; now and then somebody forgot to fill one in."""
        async with self.stage.transaction() as tx:
            for week in range(weeks + 1):
                for place, level in enumerate(("primary", "backup")):
                    if self.chance.random() < 0.9:
                        who = self.clinicians[(week + place) % len(self.clinicians)]
                        at = first + timedelta(weeks=week)
                        await rota.add(
                            tx,
                            staff_id=who.id,
                            level=level,
                            from_at=at,
                            to_at=at + timedelta(weeks=1),
                            override=False,
                            now=first,
                        )

    async def _episode(self, patient: Phone, at: datetime) -> Episode:
        stage, troubles = self.stage, Troubles.of(self.chance, len(self.clinicians))
        stage.now = at - timedelta(minutes=10)
        await stage.goes_on(stage.now)
        self._begin(troubles)
        episode, crashes = Episode(said_at=at, troubles=troubles, step=self._step()), stage.crashes
        deaths, said, revives_at = list(troubles.deaths), False, None
        while stage.now < at + LONGEST:
            self._weather(troubles, at)
            self._set_clock(episode)
            if not said and stage.now >= at:
                said = True
                patient.app().say(self.chance.choice(WORDS))
                if deaths:
                    stage.dies_in(deaths.pop())
                await stage.goes_on(stage.now)
            soon = [stage.now + MINUTE, *([at] if not said else ()), *([revives_at] if revives_at else ())]
            await stage.goes_on(min(soon))
            if not stage.runs:
                revives_at = revives_at or stage.now + troubles.down_for
                if stage.now >= revives_at:
                    revives_at = None
                    stage.revives()
                    if deaths:
                        stage.dies_in(deaths.pop())
            self._note(episode)
            self._answer(troubles)
            if said and await self._state(patient) == "acknowledged":
                break
        await self._mend(patient)
        self._note(episode)
        episode.crashes = stage.crashes - crashes
        await self._close(patient)
        return episode

    def _begin(self, troubles: Troubles) -> None:
        self.answers_at.clear()
        for number in troubles.blocked:
            phone = self.clinicians[number].app()
            if troubles.unnoticed:
                phone.chat.blocked = True  # Telegram tells of it only when it refuses the page
            else:
                phone.block()
        self.stage.pager.broken = troubles.mute
        for phone in self.clinicians:
            phone.reads()

    def _weather(self, troubles: Troubles, at: datetime) -> None:
        faults = self.stage.telegram.faults
        if troubles.outage is None:
            return
        fault, start, end = troubles.outage
        faults.clear()
        if at + start <= self.stage.now < at + end:
            faults.add(fault)

    def _step(self) -> tuple[timedelta, timedelta] | None:
        """Now and then the machine's clock jumps: shortly before the message, or while the ladder climbs."""
        if self.clocks.random() < 0.7:
            return None
        return timedelta(minutes=self.clocks.uniform(-3, 8)), self.clocks.choice(STEPS)

    def _set_clock(self, episode: Episode) -> None:
        if episode.step is not None and self.stage.now >= episode.said_at + episode.step[0]:
            self.stage.ahead = episode.step[1]

    def _note(self, episode: Episode) -> None:
        """Who has learned of it by now."""
        stage, troubles = self.stage, episode.troubles
        for number, phone in enumerate(self.clinicians):
            pages = [page for page in phone.unread if page.kind == "page" and page.at >= episode.said_at]
            episode.pages += len(pages)
            if pages:
                phone.reads()
                first = pages[0].at
                episode.paged_at = min(episode.paged_at or first, first)
                if number not in troubles.absent:
                    episode.reached_at = min(episode.reached_at or first, first)
                    delay = timedelta(seconds=self.chance.uniform(15, 240))
                    self.answers_at.setdefault(number, stage.now + delay)
        alarms = [at for at, text in stage.told if at >= episode.said_at and _is_alarm(text)]
        if troubles.outage is not None:  # whoever has been told that Telegram is down watches already
            start = episode.said_at + troubles.outage[1]
            alarms += [max(at, episode.said_at) for at, text in stage.told if start <= at and "does not take" in text]
        episode.alarm_at = min(alarms, default=None)
        if stage.dead_man_at is not None and stage.now >= episode.said_at:
            since = max(stage.dead_man_at, episode.said_at)
            episode.dead_man_at = min(episode.dead_man_at or since, since)

    def _answer(self, troubles: Troubles) -> None:
        """Who has seen a page takes it, after a while."""
        for number, at in list(self.answers_at.items()):
            if self.stage.now >= at and number not in troubles.blocked:
                del self.answers_at[number]
                _press_acknowledge(self.clinicians[number])

    async def _mend(self, patient: Phone) -> None:
        """All that was wrong is over; whoever gets the next page takes it, and there must be one."""
        stage = self.stage
        stage.telegram.faults.clear()
        stage.ahead, stage.pager.broken = timedelta(0), False
        if not stage.runs or stage.is_doomed:
            stage.revives()
        for phone in self.clinicians:
            phone.app().unblock()
        for _ in range(40):
            await stage.goes_on(stage.now + MINUTE / 2)
            if await self._state(patient) == "acknowledged":
                return
            for phone in self.clinicians:
                _press_acknowledge(phone)
        raise AssertionError("an alert rings at nobody although all is well")

    async def _state(self, patient: Phone) -> str | None:
        alert = await self._alert(patient)
        return alert.state if alert else None

    async def _alert(self, patient: Phone) -> Alert | None:
        async with self.stage.clinic.database.reading() as tx:
            return await alerts.unclosed_of(tx, patient_id=patient.id)

    async def _close(self, patient: Phone) -> None:
        alert = await self._alert(patient)
        assert alert is not None
        async with self.stage.transaction() as tx:
            owner = await staff.get(tx, alert.owner_id or "")
            await ownership.close(tx, alert, owner, OUTCOMES[0], "Spoke by phone.", self.stage.now)
        await self.stage.goes_on(self.stage.now + MINUTE)
        for phone in (*self.clinicians, patient):
            phone.reads()


def _press_acknowledge(phone: Phone) -> None:
    try:
        phone.app().press("Acknowledge")
    except NotPossible:
        return  # somebody was faster, and the page shows it


def _is_alarm(text: str) -> bool:
    return WAITS not in text and not any(words in text for words in NOT_ABOUT_IT)


async def live(database: Database, first: datetime, folder: Path, seed: int) -> list[Episode]:
    """The year of a seed."""
    stage = Stage(database, first, folder)
    try:
        return await Year(stage, random.Random(seed), random.Random(f"clocks {seed}")).goes_by()
    finally:
        stage.pager.close()
