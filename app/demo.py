"""`fortnight demo`: a local Telegram, an engine and an example clinic on one machine; its clock can run fast."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from app import database, wiring
from app.clock import DemoClock, SystemClock
from app.engine import Engine
from app.example_clinic import TOKEN, ZONE, ExampleClinic
from app.parts import Workshop
from app.settings import Settings
from rules.local_time import local_day, to_instant
from sandbox.page import ClockControls, Page
from sandbox.server import Server
from sandbox.telegram import Telegram

PROTOCOLS = "protocols"
OPENS = time(10, 30)  # the demo's morning: outside quiet hours, and the daily question is due already
AT_ONCE = 'id = "ketamine-14d"\nextends = "ketamine-14d"\njitter = "0s"\n'  # nobody is to wait for a spread of one
OFTEN = {"interval": timedelta(milliseconds=200), "lease": timedelta(days=1)}  # its clock may run an hour a second


async def run(*, port: int, speed: float, announce: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT; `announce` is told the address once everybody is at their phone."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="fortnight-demo-") as name:
        await _run(Path(name), DemoClock(_morning(SystemClock().now()), speed), port, announce, stop)


async def _run(folder: Path, clock: DemoClock, port: int, announce: Callable[[str], None], stop: asyncio.Event) -> None:
    (folder / PROTOCOLS).mkdir()
    (folder / PROTOCOLS / "at-once.toml").write_text(AT_ONCE)
    settings = _settings("http://127.0.0.1/bot")
    await database.migrate(settings, folder)
    opened = await database.open_ready(settings.database, folder)
    clinic = wiring.build_clinic(settings, folder, opened)
    telegram = Telegram(clock.now)
    example = ExampleClinic(clinic, telegram, clock)
    page = Page(telegram, title=clinic.name, phones=example.phones(), clock=ClockControls(clock=clock, timezone=ZONE))
    page.actions |= example.actions(page)
    async with Server(telegram, page, port=port) as server:
        parts = Workshop(_settings(f"{server.url}/bot"), folder, clinic, clock.now, real_time=False).parts("all")
        engine = asyncio.create_task(Engine(clinic, parts, clock.now).run(stop))
        await example.open()
        announce(server.url)
        await engine
    await opened.close()


def _settings(base_url: str) -> Settings:
    clinic = {"name": "Example Clinic", "timezone": ZONE, "region": "ES"}
    telegram = {"token": TOKEN, "base_url": base_url, "poll_timeout": "5s"}
    values = {"telegram": telegram, "clinic": clinic, "protocols": {"path": PROTOCOLS}}
    settings = Settings.model_validate({**values, "readiness": {"drill_every": "0s"}})  # a week goes by in minutes
    return settings.model_copy(update={"tick": settings.tick.model_copy(update=OFTEN)})


def _morning(now: datetime) -> datetime:
    return to_instant(local_day(now, ZONE), OPENS, ZONE)
