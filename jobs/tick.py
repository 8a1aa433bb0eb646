"""The tick: knocks on every pass at an interval. What is due is a row; the scheduler only knocks, a watchdog too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from jobs.passes import LANES, Lane, Pass
from services import downtime, housekeeping
from services.clinic import Clinic

log = logging.getLogger(__name__)

SLOW = 60.0  # seconds after which a lane that has not come round is an alarm
SHORTEST_WATCH = 1.0  # seconds between two looks of the watchdog
AFTER_WAKING = 0.05  # seconds: what an alert's own transaction has queued is sent before anybody looks at it again
OFTEN = 0.05  # seconds
JUMP = timedelta(seconds=60)  # a wall clock that is so far from where it should be jumped, or the process slept
AGAIN = timedelta(hours=1)  # an alarm that goes on is repeated


Alarm = Callable[[str], Awaitable[None]]  # tells the operator; content has a sentence for the name


class Tick:
    """Runs the passes: all of them once with `run_due`, or for good with `run`.

    `now` is asked for the time; `real_time` says that it goes as fast as time does, so that a jump means something.
    """

    def __init__(
        self,
        clinic: Clinic,
        now: Callable[[], datetime],
        *,
        interval: timedelta,
        alarm: Alarm,
        lanes: Sequence[Lane] = LANES,
        real_time: bool = True,
    ) -> None:
        self._clinic, self._now, self._alarm, self._lanes = clinic, now, alarm, lanes
        self._interval, self._real_time = interval.total_seconds(), real_time
        self._wakes = {lane.name: asyncio.Event() for lane in lanes}
        self._last_run: dict[str, datetime] = {}
        self._alarmed_at: dict[str, datetime] = {}
        self._knocked_at = 0.0
        self._began_at: dict[str, float] = {}  # of the last round that came to its end
        self._came_round_at: dict[str, float] = {}
        clinic.database.on_commit(self._woken)

    async def run(self) -> None:
        """Tick until cancelled."""
        await self._try("downtime", self.start(self._now()))
        await self._knock()  # at once: a process that keeps being killed must not leave what is due to its successor
        self._came_round_at = {lane.name: _monotonic() for lane in self._lanes}
        scheduler = AsyncIOScheduler(timezone=UTC)
        limits = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        scheduler.add_job(self._knock, "interval", seconds=self._interval, **limits)
        scheduler.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                for lane in self._lanes:
                    tasks.create_task(self._work(lane), name=f"tick-{lane.name}")
                tasks.create_task(self._watch(), name="tick-watchdog")
        finally:
            scheduler.shutdown(wait=False)

    async def start(self, now: datetime) -> None:
        """Look how long nothing was running before the first tick; tell the operator."""
        outage = await downtime.note(self._clinic, now)
        if outage is not None:
            log.warning("nothing was running", extra={"action": "downtime", "from": outage.from_at.isoformat()})
            await self._alarm("downtime")

    async def run_due(self, now: datetime) -> None:
        """Run every pass once: what is due at `now` is done when this returns."""
        for lane in self._lanes:
            await self._run_lane(lane, now)
        await housekeeping.beat(self._clinic, now)

    async def come_round(self) -> None:
        """Wait until every lane has gone once, from its first pass to its last, since this was asked."""
        asked = _monotonic()
        await self._knock()
        while any(self._began_at.get(lane.name, 0.0) <= asked for lane in self._lanes):  # noqa: ASYNC110 - see below
            await asyncio.sleep(OFTEN)  # few ask, and seldom

    async def next_due_at(self, after: datetime) -> datetime | None:
        """The next instant after the given one at which anything falls due, for a clock that can be moved there."""
        return await housekeeping.next_due_at(self._clinic, after)

    async def _knock(self) -> None:
        self._knocked_at = _monotonic()
        for wake in self._wakes.values():
            wake.set()

    def _woken(self, topics: Iterable[str]) -> None:
        for lane in self._lanes:
            if not lane.topics.isdisjoint(topics):
                self._wakes[lane.name].set()

    async def _work(self, lane: Lane) -> None:
        wake = self._wakes[lane.name]
        while True:
            await wake.wait()
            await asyncio.sleep(AFTER_WAKING)
            wake.clear()
            began = _monotonic()
            await self._run_lane(lane, self._now())
            self._began_at[lane.name], self._came_round_at[lane.name] = began, _monotonic()

    async def _run_lane(self, lane: Lane, now: datetime) -> None:
        for each in lane.passes:
            last = self._last_run.get(each.name)
            if last is None or not timedelta(0) <= now - last < each.every:
                self._last_run[each.name] = now
                await self._run_pass(each, now)

    async def _run_pass(self, each: Pass, now: datetime) -> None:
        """One pass, with its own timeout; what goes wrong in it stays in it."""
        try:
            async with asyncio.timeout(each.timeout.total_seconds()):
                await each.run(self._clinic, now)
        except Exception as error:
            log.error("a pass failed", extra={"action": "pass-failed", "pass": each.name}, exc_info=error)
            await self._alarm_once(each.alarm, now, name=each.name)
        else:
            self._alarmed_at.pop(f"{each.alarm}:{each.name}", None)

    async def _watch(self) -> None:
        """Knocks when the scheduler has not, shows that the lanes come round, and sees the clock jump."""
        step = max(self._interval, SHORTEST_WATCH)
        expected = self._now() + timedelta(seconds=step)
        while True:
            await asyncio.sleep(step)
            now = self._now()
            await self._watch_clock(expected, now)
            expected = now + timedelta(seconds=step)
            if _monotonic() - self._knocked_at > 3 * step:
                log.error("the scheduler is silent", extra={"action": "scheduler-silent"})
                await self._knock()
            slow = self._slow_lanes()
            for name in slow:
                await self._alarm_once("slow-tick", now, name=name)
            if not slow:
                await self._try("beat", housekeeping.beat(self._clinic, now))

    def _slow_lanes(self) -> list[str]:
        patience = {lane.name: lane.may_take.total_seconds() if lane.may_take else SLOW for lane in self._lanes}
        return [name for name, at in self._came_round_at.items() if _monotonic() - at > patience[name]]

    async def _watch_clock(self, expected: datetime, now: datetime) -> None:
        if not self._real_time or abs(now - expected) < JUMP:
            return
        log.error("the clock jumped", extra={"action": "clock-jumped", "seconds": (now - expected).total_seconds()})
        await self._alarm("clock-jumped")
        if now > expected:
            await self._try("downtime", self.start(now))

    async def _alarm_once(self, what: str, now: datetime, *, name: str) -> None:
        """Alarm when something begins to go wrong, and again each hour in which it goes on."""
        key = f"{what}:{name}"
        if key not in self._alarmed_at or now - self._alarmed_at[key] >= AGAIN:
            self._alarmed_at[key] = now
            await self._alarm(what)

    async def _try(self, action: str, doing: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(SLOW):
                await doing
        except Exception as error:  # the watchdog itself must never end
            log.error("the watchdog failed", extra={"action": f"watchdog-{action}"}, exc_info=error)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
