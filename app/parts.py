"""The parts of the engine, wired for a role: what receives, what handles, what ticks and sends, what watches."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app import installation, telegram_name
from app.database import anchors_path
from app.health import Health
from app.settings import Settings
from app.webhooks import Webhooks
from bot import commands
from bot.alarms import Alarms
from bot.bots import Bots, connect
from bot.deliver import Wire
from bot.emergency import Emergency
from bot.inbox import Pump
from bot.pace import Pace
from bot.receive import Poller, Polling
from bot.second_channel import SecondChannel
from bot.send import Sender
from jobs.audit import Auditor
from jobs.passes import lanes_with
from jobs.second_reader import SecondReader
from jobs.take_backup import Backups
from jobs.tick import Tick
from services import belonging
from services.anchoring import AnchorFile
from services.clinic import Clinic
from services.roster import RosterFile
from services.spill import Spill
from store import engine
from store.errors import UnreachableDatabase

log = logging.getLogger(__name__)

SPILL_EVERY = timedelta(seconds=2)
ROSTER_EVERY = timedelta(seconds=30)
INTRODUCE_AGAIN = timedelta(seconds=15)

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that runs until it is cancelled."""

    name: str
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What runs: `receiving` whatever the database does, `handling` and `working` once it is known to be right."""

    receiving: tuple[Part, ...]
    handling: tuple[Part, ...]
    working: tuple[Part, ...]
    alarms: Alarms
    close: Callable[[], Awaitable[None]]


class Workshop:
    """Makes the parts of one process, which share bots, wire, second channel and alarms."""

    def __init__(self, settings: Settings, folder: Path, clinic: Clinic, now: Now, *, real_time: bool = True) -> None:
        telegram = settings.telegram
        token, page_token = telegram.token.get_secret_value(), telegram.page_token
        urls = [url.get_secret_value() for url in settings.second_channel.urls]
        self._settings, self._folder, self._clinic = settings, folder, clinic
        self._now, self._real_time = now, real_time
        self._bots: Bots = connect(token, telegram.base_url, page_token.get_secret_value() if page_token else None)
        self._second = SecondChannel(urls, settings.second_channel.timeout)
        self._wire = Wire(clinic, self._bots, self._second)
        self._alarms = Alarms(clinic, self._second, now)
        beside = roster_path(settings.database.url, folder)
        self._roster, self._spill = RosterFile(beside, token, urls), Spill(beside, token)

    def parts(self, role: str) -> Parts:
        """The parts of a role."""
        receives, works = role in ("all", "bot"), role in ("all", "worker")
        keeper = [self._roster_keeper()] if role == "bot" else []
        emergency = Emergency(self._clinic, self._bots, self._wire, self._second, self._roster, self._now)
        tick = self._tick() if works else None
        working = [*(self._workers(tick) if tick else ()), *([self._auditor()] if role == "auditor" else ())]
        return Parts(
            receiving=(*self._health(tick), *(self._receivers(emergency) if receives else ())),
            handling=(self._pump(emergency), self._introduction(), self._spilled(), *keeper) if receives else (),
            working=tuple(working),
            alarms=self._alarms,
            close=self._close,
        )

    def _receivers(self, emergency: Emergency) -> list[Part]:
        section, alarm = self._settings.telegram, self._alarms.raise_alarm
        if section.mode == "polling":
            return self._pollers(emergency)
        webhooks = Webhooks(self._clinic, section, self._bots, self._now, alarm=alarm, emergency=emergency)
        return [Part(name="webhooks", run=webhooks.run)]

    def _pollers(self, emergency: Emergency) -> list[Part]:
        timeout = self._settings.telegram.poll_timeout
        pollers = [
            (
                name,
                Poller(
                    self._clinic,
                    bot,
                    request,
                    Polling(name=name, timeout=timeout),
                    self._now,
                    alarm=self._alarms.raise_alarm,
                    emergency=emergency,
                    spill=self._spill,
                ),
            )
            for name, bot, request in self._bots.polled()
        ]
        return [Part(name=f"poll-{name}", run=poller.run) for name, poller in pollers]

    def _pump(self, emergency: Emergency) -> Part:
        pump = Pump(self._clinic, self._bots, self._wire, self._now, last_resort=emergency)
        return Part(name="pump", run=lambda: pump.run(self._settings.tick.interval))

    def _health(self, tick: Tick | None) -> list[Part]:
        section = self._settings.health
        if section.port is None:
            return []
        health = Health(self._clinic, section, self._now, come_round=tick.come_round if tick else None)
        return [Part(name="health", run=health.run)]

    def _workers(self, tick: Tick) -> list[Part]:
        interval = self._settings.tick.interval
        sender = Sender(
            self._clinic,
            self._wire,
            self._now,
            claimer=f"{socket.gethostname()[:16]}:{os.getpid()}",
            lease=self._settings.tick.lease,
            paces={"bulk": Pace(self._settings.telegram.bulk_rate)},
        )
        return [Part(name="tick", run=tick.run), Part(name="send", run=lambda: sender.run(interval))]

    def _tick(self) -> Tick:
        return Tick(
            self._clinic,
            self._now,
            interval=self._settings.tick.interval,
            alarm=self._alarms.raise_alarm,
            lanes=lanes_with(self._roster, self._second_reader(), self._backups()),
            real_time=self._real_time,
        )

    def _second_reader(self) -> SecondReader | None:
        section = self._settings.second_reader
        if section.url is None or section.model is None:
            return None
        key = section.key.get_secret_value() if section.key else None
        return SecondReader(url=section.url, model=section.model, key=key, timeout=section.timeout)

    def _backups(self) -> Backups | None:
        section = self._settings.backup
        if section.folder is None:
            return None
        return Backups(folder=self._folder / section.folder, every=section.every, keep=section.keep)

    def _auditor(self) -> Part:
        section = self._settings.auditor
        auditor = Auditor(
            self._clinic,
            self._now,
            interval=section.interval,
            ping_urls=[url.get_secret_value() for url in (section.ping_url, section.second_ping_url) if url],
            synthetic_every=section.synthetic_every,
            alarm=self._alarms.raise_alarm,
            anchors=AnchorFile(anchors_path(self._settings.database, self._folder)),
        )
        return Part(name="auditor", run=auditor.run)

    def _spilled(self) -> Part:
        """What was set aside while the database was away comes into it."""

        async def give_back() -> None:
            while True:
                with suppress(UnreachableDatabase):  # away again: it stays where it is
                    if not await self._spill.give_back(self._clinic, self._now()):
                        await self._alarms.raise_alarm("dead-letter")
                await asyncio.sleep(SPILL_EVERY.total_seconds())

        return Part(name="spill", run=give_back)

    def _roster_keeper(self) -> Part:
        """Where no tick keeps the roster that the emergency lane pages from."""

        async def keep() -> None:
            while True:
                await self._roster.refresh(self._clinic, self._now())
                await asyncio.sleep(ROSTER_EVERY.total_seconds())

        return Part(name="roster", run=keep)

    def _introduction(self) -> Part:
        """What Telegram is told and asked once, as soon as it can be reached."""

        async def introduce() -> None:
            while True:
                try:
                    await self._introduce()
                    break
                except Exception as error:
                    log.info("not introduced", extra={"action": "introduction-failed", "why": type(error).__name__})
                    await asyncio.sleep(INTRODUCE_AGAIN.total_seconds())
            await asyncio.Event().wait()

        return Part(name="introduction", run=introduce)

    async def _introduce(self) -> None:
        """No webhook while polling, which would get nothing; the menus of commands; the bot's name for links."""
        if self._settings.telegram.mode == "polling":
            for _, bot, _ in self._bots.polled():
                await bot.delete_webhook(drop_pending_updates=False)
        await commands.register(self._bots.main)
        await telegram_name.of_bot(self._settings.telegram, self._clinic.database)
        await belonging.bind_bot(self._clinic.database, installation.of(self._settings.telegram, self._folder))

    async def _close(self) -> None:
        await self._bots.close()
        self._second.close()


def roster_path(url: str, folder: Path) -> Path:
    """Where the sealed roster of a database is: beside its file, or in the configuration's folder."""
    return (folder / engine.sqlite_path(url)).with_suffix(".roster") if engine.is_sqlite(url) else folder / "roster"
