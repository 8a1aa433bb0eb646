"""A clinic wired to the local Telegram over HTTP, with a second channel that posts to this machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.bots import Bots, connect
from bot.deliver import Wire
from bot.emergency import Emergency
from bot.inbox import Pump
from bot.pace import Pace
from bot.receive import Poller, Polling
from bot.second_channel import SecondChannel
from bot.send import Sender
from sandbox.client import Client
from sandbox.server import Server
from sandbox.telegram import Telegram
from services.clinic import Clinic
from services.roster import RosterFile
from services.spill import Spill
from store import outbox
from store.outbox import Draft
from store.patients import Patient
from store.staff import Member

TOKEN, PAGE_TOKEN = "100:fortnight", "200:pages"
LEASE = timedelta(seconds=30)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Mailbox:
    """A service that the second channel posts to."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200

    @property
    def texts(self) -> list[str]:
        return [str(body["message"]) for body in self.bodies]

    async def handle(self, request: web.Request) -> web.Response:
        self.bodies.append(json.loads(await request.read()))
        return web.Response(status=self.status)


@dataclass
class Border:
    """The Telegram border as it is wired in the engine."""

    clinic: Clinic
    telegram: Telegram
    bots: Bots
    wire: Wire
    second: SecondChannel
    roster: RosterFile
    emergency: Emergency
    spill: Spill
    clock: Clock
    alarms: list[str] = field(default_factory=list)

    async def alarm(self, what: str) -> None:
        self.alarms.append(what)

    def sender(self, claimer: str = "one", *, lease: timedelta = LEASE, **paces: Pace) -> Sender:
        return Sender(self.clinic, self.wire, self.clock.now, claimer=claimer, lease=lease, paces=paces)

    def pump(self) -> Pump:
        return Pump(self.clinic, self.bots, self.wire, self.clock.now, last_resort=self.emergency)

    def poller(self, name: str = "main") -> Poller:
        return Poller(
            self.clinic,
            self.bots.named(name),
            self.bots.polls[name],
            Polling(name=name, timeout=timedelta(seconds=1)),
            self.clock.now,
            alarm=self.alarm,
            emergency=self.emergency,
            spill=self.spill,
        )

    async def queue(self, *drafts: Draft) -> None:
        async with self.clinic.database.transaction() as tx:
            await outbox.queue(tx, drafts, self.clock.now())

    def phone(self, who: Patient | Member | int, token: str = TOKEN) -> Client:
        """The phone of somebody who has pressed Start."""
        user_id = who if isinstance(who, int) else who.user_id or 0
        self.telegram.add_user(user_id, name="Somebody")
        phone = self.telegram.client(user_id, token)
        phone.start()
        return phone

    def shown(self, user_id: int | None, token: str = TOKEN) -> list[str]:
        """The texts that a bot sent somebody."""
        return [sent.text for sent in self.telegram.sent(token, user_id)]


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[Server]:
    telegram = Telegram(clock.now)
    telegram.register(TOKEN, username="fortnight_bot")
    telegram.register(PAGE_TOKEN, username="fortnight_pages_bot")
    async with Server(telegram) as server:
        yield server


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()
    app = web.Application()
    app.router.add_post("/{tail:.*}", mailbox.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    mailbox.url = f"json://127.0.0.1:{runner.addresses[0][1]}/"
    yield mailbox
    await runner.cleanup()


@pytest.fixture
async def bots(server: Server) -> AsyncIterator[Bots]:
    bots = connect(TOKEN, f"{server.url}/bot", PAGE_TOKEN)
    yield bots
    await bots.close()


@pytest.fixture
def border(clinic: Clinic, server: Server, bots: Bots, mailbox: Mailbox, clock: Clock, tmp_path: Path) -> Border:
    return wired(clinic, server, bots, SecondChannel([mailbox.url], timedelta(seconds=5)), clock, tmp_path)


def wired(clinic: Clinic, server: Server, bots: Bots, second: SecondChannel, clock: Clock, folder: Path) -> Border:
    """A border of these parts."""
    wire = Wire(clinic, bots, second)
    roster = RosterFile(folder / "roster.sealed", TOKEN)
    emergency = Emergency(clinic, bots, wire, second, roster, clock.now)
    return Border(
        clinic=clinic,
        telegram=server._telegram,
        bots=bots,
        wire=wire,
        second=second,
        roster=roster,
        emergency=emergency,
        spill=Spill(folder / "roster.sealed", TOKEN),
        clock=clock,
    )
