"""The tick: knocks on all passes, survives what fails in one, is watched, and is woken by what is urgent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from jobs.passes import LANES, Lane, Pass
from jobs.tick import Tick
from services.clinic import Clinic
from store import heartbeats
from tests.builders import make_clinic

FAST = timedelta(milliseconds=20)


@dataclass
class Stage:
    """A tick with passes that note when they ran."""

    clinic: Clinic
    at: datetime
    ran: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def noting(self, name: str, *, fails: bool = False, hangs: bool = False, **more: timedelta) -> Pass:
        async def run(clinic: Clinic, now: datetime) -> None:
            self.ran.append(name)
            if hangs:
                await asyncio.sleep(60)
            if fails:
                raise KeyError(name)

        run.__name__ = name
        return Pass(run=run, **more)

    def tick(self, *passes: Pass, interval: timedelta = FAST, real_time: bool = True, **lanes: Pass) -> Tick:
        routine = Lane(name="routine", passes=passes, topics=frozenset({"checkins"}))
        others = [Lane(name=name, passes=(each,), topics=frozenset({"alert"})) for name, each in lanes.items()]

        async def alarm(what: str) -> None:
            self.alarms.append(what)

        return Tick(
            self.clinic,
            lambda: self.at,
            interval=interval,
            alarm=alarm,
            lanes=[*others, routine],
            real_time=real_time,
        )


@pytest.fixture
def stage(clinic: Clinic, now: datetime) -> Stage:
    return Stage(clinic, now)


@contextlib.asynccontextmanager
async def running(tick: Tick) -> AsyncIterator[None]:
    task = asyncio.create_task(tick.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def soon(holds: Callable[[], bool]) -> None:
    """Wait until something holds; the test's own timeout is the end of patience."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


@pytest.mark.on("sqlite")
async def test_every_pass_is_knocked_on_again_and_again(stage: Stage) -> None:
    async with running(stage.tick(stage.noting("one"), stage.noting("two"))):
        await soon(lambda: stage.ran.count("one") >= 3 and stage.ran.count("two") >= 3)


@pytest.mark.on("sqlite")
async def test_a_pass_that_fails_stops_no_other_and_is_an_alarm_once(stage: Stage) -> None:
    async with running(stage.tick(stage.noting("bad", fails=True), stage.noting("good"))):
        await soon(lambda: stage.ran.count("good") >= 3)
    assert stage.ran.count("bad") >= 3
    assert stage.alarms == ["pass-failed"]


@pytest.mark.on("sqlite")
async def test_a_pass_that_hangs_is_given_up_and_holds_no_other_lane(stage: Stage) -> None:
    hanging = stage.noting("slow", hangs=True, timeout=timedelta(milliseconds=100))
    async with running(stage.tick(hanging, stage.noting("after"), urgent=stage.noting("urgent"))):
        await soon(lambda: stage.ran.count("urgent") >= 2)
        await soon(lambda: "after" in stage.ran)
    assert stage.alarms == ["pass-failed"]


@pytest.mark.on("sqlite")
async def test_a_commit_wakes_what_is_urgent_at_once(stage: Stage) -> None:
    tick = stage.tick(stage.noting("routine"), urgent=stage.noting("urgent"), interval=timedelta(hours=1))
    async with running(tick):
        await soon(lambda: sorted(stage.ran) == ["routine", "urgent"])  # the knock at the start
        stage.ran.clear()
        async with stage.clinic.database.transaction() as tx:
            tx.wake("alert")
        await soon(lambda: stage.ran == ["urgent"])


@pytest.mark.on("sqlite")
async def test_the_watchdog_knocks_when_the_scheduler_is_silent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AsyncIOScheduler, "start", lambda self: None)  # it says that it runs, and does not
    monkeypatch.setattr(AsyncIOScheduler, "shutdown", lambda self, wait: None)
    monkeypatch.setattr("jobs.tick.SHORTEST_WATCH", 0.02)
    async with running(stage.tick(stage.noting("one"))):
        await soon(lambda: stage.ran.count("one") >= 2)


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)])
async def test_a_clock_that_jumps_is_an_alarm(stage: Stage, jump: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.tick.SHORTEST_WATCH", 0.02)
    async with running(stage.tick(stage.noting("one"))):
        await soon(lambda: "one" in stage.ran)
        stage.at += jump
        await soon(lambda: "clock-jumped" in stage.alarms)
        if jump > timedelta(0):  # as after a sleep: what was due meanwhile is late by our own doing
            await soon(lambda: "downtime" in stage.alarms)
    assert stage.alarms.count("clock-jumped") == 1


@pytest.mark.on("sqlite")
async def test_the_clock_of_a_demo_may_run_as_it_likes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.tick.SHORTEST_WATCH", 0.02)
    async with running(stage.tick(stage.noting("one"), real_time=False)):
        await soon(lambda: "one" in stage.ran)
        stage.at += timedelta(days=3)
        runs = stage.ran.count("one")
        await soon(lambda: stage.ran.count("one") > runs + 5)
    assert stage.alarms == []


@pytest.mark.on("sqlite")
async def test_a_lane_that_does_not_come_round_is_an_alarm_and_no_sign_of_life(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.tick.SHORTEST_WATCH", 0.02)
    monkeypatch.setattr("jobs.tick.SLOW", 0.1)
    async with running(stage.tick(stage.noting("slow", hangs=True))):
        await soon(lambda: stage.alarms == ["slow-tick"])
        async with stage.clinic.database.transaction() as tx:
            await heartbeats.beat(tx, "tick", stage.at - timedelta(minutes=1))
        await asyncio.sleep(0.1)
        async with stage.clinic.database.reading() as tx:
            assert (await heartbeats.last(tx))["tick"] < stage.at


@pytest.mark.on("sqlite")
async def test_the_tick_shows_that_it_is_alive(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.tick.SHORTEST_WATCH", 0.02)
    async with running(stage.tick(stage.noting("one"))):
        await soon(lambda: "one" in stage.ran)
        stage.at += timedelta(seconds=30)
        async with asyncio.timeout(5):
            while True:
                async with stage.clinic.database.reading() as tx:
                    if (await heartbeats.last(tx)).get("tick") == stage.at:
                        break
                await asyncio.sleep(0.01)


@pytest.mark.on("sqlite")
async def test_what_runs_seldom_runs_seldom_also_after_the_clock_was_set_back(stage: Stage) -> None:
    tick = stage.tick(stage.noting("daily", every=timedelta(days=1)))
    start = stage.at
    for hours in (0, 1, 23, 24, 25, 10):
        await tick.run_due(start + timedelta(hours=hours))
    assert stage.ran == ["daily"] * 3  # at once, after a day, and when the clock was set back


@pytest.mark.on("sqlite")
async def test_a_second_tick_takes_over_where_the_first_was_cancelled(stage: Stage) -> None:
    async with running(stage.tick(stage.noting("one"))):
        await soon(lambda: "one" in stage.ran)
    async with running(stage.tick(stage.noting("two"))):
        await soon(lambda: "two" in stage.ran)


@pytest.mark.on("sqlite")
async def test_the_real_passes_run_on_an_empty_clinic(stage: Stage) -> None:
    stage.clinic = make_clinic(stage.clinic.database)
    tick = stage.tick()
    tick._lanes = LANES
    await tick.run_due(stage.at)
    assert stage.alarms == []
    assert await tick.next_due_at(stage.at) == datetime(2026, 5, 5, 7, tzinfo=UTC)  # nothing but the next digest
