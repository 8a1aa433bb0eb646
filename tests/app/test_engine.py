"""The engine keeps each part going by itself, and ends them in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app import engine as engines
from app.engine import Engine
from app.parts import Part, Parts
from bot.alarms import Alarms
from bot.second_channel import SecondChannel
from services.clinic import Clinic
from store.errors import SchemaMismatch


class Diary:
    """What the parts of a test have done."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def part(self, name: str, *, fails: int = 0) -> Part:
        """A part that fails so many times and then runs until it is cancelled."""
        left = [fails]

        async def run() -> None:
            self.lines.append(f"{name} runs")
            left[0] -= 1
            if left[0] >= 0:
                raise RuntimeError(name)
            try:
                await asyncio.Event().wait()
            finally:
                self.lines.append(f"{name} ends")

        return Part(name=name, run=run)

    async def shows(self, line: str, times: int = 1) -> None:
        """Wait until a line is there so many times."""
        async with asyncio.timeout(10):
            while self.lines.count(line) < times:
                await asyncio.sleep(0.01)


@pytest.fixture
def diary() -> Diary:
    """A diary."""
    return Diary()


@pytest.fixture
def parts(clinic: Clinic, now: datetime) -> Parts:
    """An engine's parts, none yet."""
    second = SecondChannel([], timedelta(seconds=1))

    async def close() -> None:
        second.close()

    alarms = Alarms(clinic, second, lambda: now)
    return Parts(receiving=(), handling=(), working=(), alarms=alarms, close=close)


async def _run(engine: Engine, while_it_runs: Callable[[], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(engine.run(stop))
    await while_it_runs()
    stop.set()
    await asyncio.wait_for(task, 10)


@pytest.mark.on("sqlite")
async def test_a_part_that_fails_is_started_afresh_and_takes_no_other_down(
    clinic: Clinic, now: datetime, diary: Diary, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "AGAIN", timedelta(milliseconds=10))
    mixed = replace(parts, working=(diary.part("broken", fails=2), diary.part("sound")))
    await _run(Engine(clinic, mixed, lambda: now), lambda: diary.shows("broken runs", times=3))
    assert diary.lines.count("sound runs") == 1


@pytest.mark.on("sqlite")
async def test_what_receives_ends_first_and_what_sends_ends_last(
    clinic: Clinic, now: datetime, diary: Diary, parts: Parts
) -> None:
    each = {name: (diary.part(name),) for name in ("receiving", "handling", "working")}
    await _run(Engine(clinic, replace(parts, **each), lambda: now), lambda: diary.shows("working runs"))
    assert diary.lines[-3:] == ["receiving ends", "handling ends", "working ends"]


@pytest.mark.on("sqlite")
async def test_on_tables_of_another_version_nothing_is_handled(
    clinic: Clinic, now: datetime, diary: Diary, parts: Parts
) -> None:
    async with clinic.database.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    mixed = replace(parts, receiving=(diary.part("receiving"),), handling=(diary.part("handling"),))
    with pytest.raises(SchemaMismatch):
        await asyncio.wait_for(Engine(clinic, mixed, lambda: now).run(asyncio.Event()), 10)
    assert "handling runs" not in diary.lines
