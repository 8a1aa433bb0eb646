"""The stage of a rehearsal: a simulated clinic whose people act by themselves, each at their own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from app.rehearsal.agenda import Agenda
from app.rehearsal.simulation import TOKEN, Simulation
from bot.deliver import Wire
from bot.second_channel import SecondChannel
from bot.texts import Rendered
from sandbox.client import Client
from sandbox.state import Event
from services.clinic import Clinic

NO_PICTURE = bytes.fromhex(  # a PNG of one dot
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000"
    "000a4944415478da63f80f00010101001cb08c990000000049454e44ae426082"
)
Got = Callable[[dict[str, Any], bool], None]  # a message, and whether the phone rings


class PlainWire(Wire):
    """Draws no charts: nobody here looks at them, and one takes longer than a patient's whole day."""

    async def picture(self, rendered: Rendered) -> bytes:
        """A dot instead."""
        return NO_PICTURE


class Stage(Simulation):
    """Time goes from one instant at which something is due, or somebody acts, to the next."""

    wire = PlainWire

    def __init__(self, clinic: Clinic, now: datetime, folder: Path, second: SecondChannel, *, seed: str) -> None:
        super().__init__(clinic, now, folder, second)
        self.seed, self.agenda = seed, Agenda()
        self.names: dict[int, str] = {}  # of patients in the whole rehearsal, by their number here
        self._listening: dict[int, Got] = {}
        self.telegram.listen(self._on_event)

    def add_phone(self, user_id: int, name: str) -> Client:
        """A new phone in Telegram."""
        self.telegram.add_user(user_id, name=name)
        return self.telegram.client(user_id, TOKEN)

    def listen(self, user_id: int, got: Got) -> None:
        """Tell the owner of a phone what comes."""
        self._listening[user_id] = got

    def act(self) -> int:
        """Let everybody do what they had in mind for this instant."""
        acts = self.agenda.take(self.now)
        for act in acts:
            act()
        return len(acts)

    async def play(self, until: datetime) -> None:
        """Let time go by until an instant."""
        while True:
            due, acts = await self.tick.next_due_at(self.now), self.agenda.next_at
            at = min((each for each in (due, acts) if each is not None), default=until)
            if at >= until:
                break
            self.now = at
            await (self.settle() if at == due else self.come_to_rest())
        self.now = until
        await self.settle()

    def _on_event(self, event: Event) -> None:
        got = self._listening.get(event.chat_id)
        if got is not None and event.kind in ("message", "edited") and event.content["from"]["is_bot"]:
            got(event.content, event.kind == "message" and not event.silent)
