"""The sender: four lanes that share nothing, so that a throttle on one holds up no other. Nobody else writes to people.

Pages ride their own lane on connections of their own. A commit wakes the lane it concerns, the interval is the net.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from bot.deliver import Wire
from bot.lane import Lane, LaneSender
from bot.pace import Pace
from services.clinic import Clinic

LANES = (
    Lane(name="page", in_flight=32, batch=64, urgent=True),
    Lane(name="crisis", in_flight=32, batch=64, urgent=True),
    Lane(name="reply", in_flight=32, batch=128),
    Lane(name="bulk", in_flight=8, batch=120, gather=0.05),  # little at once: what is urgent comes in between
)
URGENT = frozenset({"inbox", "page", "crisis"})  # commits about these: somebody has written, or is to be told
ASIDE = 0.1  # seconds for which bulk then steps aside
OFTEN = timedelta(seconds=0.5)  # for urgent lanes, where a commit of another process wakes nobody here


class Sender:
    """Runs the lanes. `claimer` names this process in the outbox, `paces` limits lanes by name."""

    def __init__(
        self,
        clinic: Clinic,
        wire: Wire,
        now: Callable[[], datetime],
        *,
        claimer: str,
        lease: timedelta,
        paces: Mapping[str, Pace],
    ) -> None:
        self.lanes = {
            lane.name: LaneSender(
                lane, clinic, wire, now, paces.get(lane.name) or Pace(None), claimer=claimer, lease=lease
            )
            for lane in LANES
        }
        self._clinic = clinic
        self._committed: set[str] = set()
        self._commits_elsewhere = not clinic.database.is_sqlite
        clinic.database.on_commit(self._wake)

    async def run(self, interval: timedelta) -> None:
        """Send until cancelled; then let what is under way arrive, and give back the rest."""
        self._clinic.database.on_commit(self._let_pass)
        async with asyncio.TaskGroup() as tasks:
            for name, sender in self.lanes.items():
                often = self._commits_elsewhere and sender.lane.urgent
                tasks.create_task(sender.run(min(interval, OFTEN) if often else interval), name=f"send-{name}")

    async def send_due(self) -> int:
        """Send a batch of each lane, the most urgent first; returns how many messages it was."""
        return sum([await lane.send_due() for lane in self.lanes.values()])

    async def send_woken(self) -> int:
        """As `send_due`, for the lanes that a commit has woken since this was done last."""
        woken = [lane for name, lane in self.lanes.items() if name in self._committed]
        self._committed.clear()
        return sum([await lane.send_due() for lane in woken])

    def _wake(self, topics: Iterable[str]) -> None:
        woken = frozenset(topics)
        self._committed |= woken
        for name, sender in self.lanes.items():  # the most urgent first: a page is claimed before its crisis reply
            if name in woken:
                sender.woken.set()

    def _let_pass(self, topics: Iterable[str]) -> None:
        """At full speed check-ins take all of the process, and a red text would wait its turn at every step."""
        if not URGENT.isdisjoint(topics):
            self.lanes["bulk"].step_aside(ASIDE)
            self._clinic.database.let_pass(ASIDE)
