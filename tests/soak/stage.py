"""The clinic of a simulated year: a world that dies anywhere, its supervisor, its auditor and a dead-man switch."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.receive import FAILURES
from services import watching
from store.errors import StoreError
from tests.world import World

MINUTE = timedelta(minutes=1)
STRIDE = timedelta(seconds=5)  # of the clock, at least: retries that come closer are done together
PINGS_MISSED = 3  # one a minute; then the dead-man switch alarms


class Crash(BaseException):
    """The process is killed: nothing catches it, and what was not committed is gone."""


class Stage(World):
    """A world whose engine can be killed at any step, and whose auditor is a second process.

    `dead_man_at` is when the dead-man switch alarmed, for as long as it does; `told` what the second channel took and
    when.
    """

    lease = timedelta(seconds=30)  # as it is shipped
    runs = True
    crashes = 0
    ahead = timedelta(0)  # by how much the machine's clock is wrong
    dead_man_at: datetime | None = None
    told: list[tuple[datetime, str]]
    _dies_in: int | None = None
    _looks_at: datetime | None = None
    _missed = 0

    def __init__(self, *arguments: Any, **clinic: Any) -> None:
        self.told = []
        super().__init__(*arguments, **clinic)

    def clock(self) -> datetime:
        """What the machine takes for the present."""
        return self.now + self.ahead

    @property
    def is_doomed(self) -> bool:
        """Whether the engine is going to be killed."""
        return self._dies_in is not None

    def dies_in(self, steps: int) -> None:
        """Let the engine be killed at so many steps from now: calls of Telegram, and passages between its parts."""
        self._dies_in = steps

    def revives(self) -> None:
        """The supervisor starts it again."""
        self.runs, self._dies_in = True, None
        self.restart()

    async def goes_on(self, at: datetime) -> None:
        """Let time go by until an instant; the engine does what falls due while it runs, the auditor looks on."""
        while True:
            due = await self.tick.next_due_at(self.clock()) if self.runs else None
            self.now = min(at, max(self.now + STRIDE, due - self.ahead if due else at))
            await self._act()
            await self._look()
            if self.now >= at:
                return

    async def _act(self) -> None:
        if not self.runs:
            return
        try:
            await self.settle()
        except Crash:
            await self._dies()
        self.told += [(self.now, text) for text in self.pager.texts[len(self.told) :]]

    async def _dies(self) -> None:
        self.runs, self.crashes = False, self.crashes + 1
        self.clinic.database._listeners.clear()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _look(self) -> None:
        """What the auditor's process sees each minute; three looks without a ping and the switch alarms."""
        if self._looks_at is not None and self.now < self._looks_at:
            return
        self._looks_at = self.now + MINUTE
        try:
            async with self.clinic.database.reading() as tx:
                troubles = await watching.findings(self.clinic, tx, self.clock())
        except StoreError:
            troubles = [watching.Problem(code="audit-failed")]
        self._missed = self._missed + 1 if troubles else 0
        if self._missed < PINGS_MISSED:
            self.dead_man_at = None
        elif self.dead_man_at is None:
            self.dead_man_at = self.now

    async def _poll(self) -> int:
        """As the poller's own loop does it: what fails is told to the operator."""
        self._step()
        new = 0
        for poller in self._pollers:
            try:
                new += await poller.poll_once(timedelta(0))
            except FAILURES as error:
                await poller._in_trouble(error)
        self._step()
        return new

    def _call(self, token: str, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self._step()
        answer = super()._call(token, method, params)
        self._step()  # it may have been delivered, and nobody knows
        return answer

    def _step(self) -> None:
        if not self.runs:
            raise Crash
        if self._dies_in is None:
            return
        self._dies_in -= 1
        if self._dies_in <= 0:
            self._dies_in = None
            raise Crash
