"""A whole clinic in one process under a clock that jumps: the real engine on a Telegram without a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.alarms import Alarms
from bot.bots import connect
from bot.deliver import Wire
from bot.direct import DirectRequest, File
from bot.emergency import Emergency
from bot.inbox import Pump
from bot.pace import Pace
from bot.receive import FAILURES, Poller, Polling
from bot.second_channel import SecondChannel
from bot.send import LANES, Sender
from jobs.passes import lanes_with
from jobs.tick import Tick
from sandbox.state import Upload
from sandbox.telegram import Telegram
from services.clinic import Clinic
from services.roster import RosterFile
from services.spill import Spill
from store.inbox import IN_A_ROW

TOKEN, PAGE_TOKEN = "1001:main", "1002:pages"
BASE_URL = "http://sandbox/bot"
ROUNDS = 300  # after so many the clinic should have come to rest
EVERY = timedelta(seconds=2)


class Restless(Exception):
    """Something goes on and on at one instant."""


class Simulation:
    """A clinic with everything that `fortnight run` has in it, but for the clock, the way to Telegram and the pauses.

    `now` is its clock. It moves by `advance` and `until`, to each instant at which something falls due.
    """

    wire: type[Wire] = Wire
    lease = timedelta(days=1)  # nobody dies with something in hand, and the clock may leap

    def __init__(self, clinic: Clinic, now: datetime, folder: Path, second: SecondChannel) -> None:
        self.now, self.clinic, self._latest = now, clinic, now
        self.telegram = Telegram(lambda: self.now)  # whose clock is right, whatever the machine's says
        self.tokens = (TOKEN, PAGE_TOKEN) if clinic.page_bot else (TOKEN,)
        self.troubles: list[Exception] = []  # polls that failed
        self._folder, self._second = folder, second
        for token in self.tokens:
            self.telegram.register(token, username=f"fortnight_{token.partition(':')[2]}_bot")
        self.start()

    def clock(self) -> datetime:
        """The present instant, as the machine has it."""
        return self.now

    def _monotonic(self) -> float:
        """Seconds that never go back, as the clock may."""
        self._latest = max(self._latest, self.clock())
        return self._latest.timestamp()

    async def advance(self, by: timedelta) -> None:
        """Let time go by: everything that falls due meanwhile happens at its own instant."""
        await self.until(self.now + by)

    async def until(self, at: datetime) -> None:
        """Let time go by until an instant."""
        await self.settle()
        while (due := await self.tick.next_due_at(self.now)) is not None and due <= at:
            self.now = due
            await self.settle()
        self.now = at
        await self.settle()

    async def settle(self) -> None:
        """Let everything that is due now happen, until all is at rest."""
        for _ in range(ROUNDS):
            await self.come_to_rest()
            await self.tick.run_due(self.clock())
            if not await self.sender.send_due():
                return
        raise Restless("the clinic does not come to rest")

    async def come_to_rest(self) -> None:
        """Let what people do go its way, and what that brings; what falls due by itself waits for `settle`."""
        new = handled = sent = 0
        for turn in range(ROUNDS):
            acted, more = self.act(), handled >= IN_A_ROW
            if turn and not (acted or new or sent or more):
                return  # whoever reads nothing new and does nothing brings nothing
            new = await self._poll()
            handled = await self.pump.handle_due() if new or more or not turn else 0
            await self.pump.answered()
            sent = await self.sender.send_woken()
        raise Restless("the clinic does not come to rest")

    def act(self) -> int:
        """Let people do what they had in mind for this instant; returns how much that was."""
        return 0

    def start(self) -> None:
        """Wire it as app/parts.py does; again after an outage, on the same database."""
        clinic, second, page = self.clinic, self._second, PAGE_TOKEN if self.clinic.page_bot else None
        bots = connect(TOKEN, BASE_URL, page, request=lambda: DirectRequest(self._call))
        wire, alarms = self.wire(clinic, bots, second), Alarms(clinic, second, self.clock)
        roster = RosterFile(self._folder / "roster", TOKEN, second.urls)
        emergency = Emergency(clinic, bots, wire, second, roster, self.clock)
        alarm = alarms.raise_alarm
        self.spill = Spill(self._folder / "roster", TOKEN)
        self._pollers = [
            Poller(
                clinic,
                bot,
                request,
                Polling(name=name, timeout=EVERY),
                self.clock,
                alarm=alarm,
                emergency=emergency,
                spill=self.spill,
            )
            for name, bot, request in bots.polled()
        ]
        self.pump = Pump(clinic, bots, wire, self.clock, last_resort=emergency)
        self.tick = Tick(clinic, self.clock, interval=EVERY, alarm=alarm, lanes=lanes_with(roster), real_time=False)
        paces = {lane.name: Pace(None, monotonic=self._monotonic) for lane in LANES}
        self.sender = Sender(clinic, wire, self.clock, claimer="simulation", lease=self.lease, paces=paces)

    async def _poll(self) -> int:
        new = 0
        for poller in self._pollers:
            try:
                new += await poller.poll_once(timedelta(0))
            except FAILURES as error:
                self.troubles.append(error)
        return new

    def _call(self, token: str, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        files = {name: Upload(**asdict(value)) for name, value in params.items() if isinstance(value, File)}
        return self.telegram.call(token, method, {**params, **files})
