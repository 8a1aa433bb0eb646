"""A local Telegram with one bot and two people, in process and over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from sandbox.client import Client
from sandbox.server import Server
from sandbox.telegram import Telegram

TOKEN = "100:fortnight"
PATIENT, CLINICIAN = 7, 8


class Clock:
    """A clock that stands still until it is stepped."""

    def __init__(self) -> None:
        self.at, self.speed = datetime(2026, 3, 2, 10, 0, tzinfo=UTC), 0.0

    def now(self) -> datetime:
        return self.at

    def run_at(self, speed: float) -> None:
        self.speed = speed

    def step(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture(autouse=True)
def _durations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # python-telegram-bot's coming way to tell a retry_after


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Telegram:
    sandbox = Telegram(clock.now)
    sandbox.register(TOKEN, username="fortnight_bot")
    sandbox.add_user(PATIENT, name="Patient One")
    sandbox.add_user(CLINICIAN, name="Clinician One", language="es")
    return sandbox


@pytest.fixture
def phone(sandbox: Telegram) -> Client:
    phone = sandbox.client(PATIENT, TOKEN)
    phone.start()
    return phone


@pytest.fixture
async def server(sandbox: Telegram) -> AsyncIterator[Server]:
    async with Server(sandbox) as server:
        yield server


@pytest.fixture
async def bot(server: Server) -> AsyncIterator[Bot]:
    async with Bot(
        TOKEN,
        base_url=f"{server.url}/bot",
        base_file_url=f"{server.url}/file/bot",
        request=HTTPXRequest(connection_pool_size=8, read_timeout=2),
        get_updates_request=HTTPXRequest(read_timeout=2),
    ) as bot:
        yield bot
