"""A patient's chat with the use cases, without Telegram: what goes in, and what was queued for them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from services import answers, intake, words
from services.clinic import Clinic
from services.intake import Received
from services.turn import Incoming, Turn
from store import outbox, patients
from store.outbox import Claimed, Settlement
from store.patients import Patient

UPDATE_IDS = count(1)
LANES = ("page", "crisis", "reply", "bulk")


class Chat:
    """One patient. `now` moves by hand; `said` gives what was queued since it was last read."""

    def __init__(self, clinic: Clinic, patient: Patient, now: datetime) -> None:
        self.clinic, self.patient, self.now = clinic, patient, now

    async def say(self, text: str, **more: Any) -> None:
        """Type something."""

        async def route(turn: Turn) -> None:
            if turn.incoming.media:
                await words.take_media(turn)
            if turn.incoming.text:
                await words.take_text(turn, turn.incoming.text)

        await self._update(
            route, kind=more.pop("kind", "message"), text=text or None, texts=(text,) if text else (), **more
        )

    async def press(self, checkin_id: str, question: str, value: int) -> None:
        """Press an option of "instrument/item"."""
        instrument, item = question.split("/")
        await self.do(lambda turn: answers.press(turn, checkin_id, instrument, item, value))

    async def do(self, act: Callable[[Turn], Awaitable[None]]) -> None:
        """Press any other button."""
        await self._update(act, kind="press", message_id=77)

    async def said(self) -> list[Claimed]:
        """What was queued for anybody since the last look, lane by lane."""
        found: list[Claimed] = []
        lease = timedelta(minutes=1)
        async with self.clinic.database.transaction() as tx:
            for lane in LANES:
                while batch := await outbox.claim(tx, lane, claimer="test", now=self.now, lease=lease, limit=500):
                    sent = [Settlement(id=each.id, state="sent", outcome="sent", message_id=77) for each in batch]
                    await outbox.settle(tx, sent, claimer="test", now=self.now)
                    found += batch
        return found

    async def kinds(self) -> list[str]:
        """The kinds of what was queued since the last look."""
        return [message.kind for message in await self.said()]

    async def _update(self, route: Callable[[Turn], Awaitable[None]], **incoming: Any) -> None:
        user_id, number = self.patient.user_id, next(UPDATE_IDS)
        assert user_id is not None
        received = Received(bot="main", update_id=number, chat_id=user_id, raw=json.dumps({"update_id": number}))
        await intake.receive(self.clinic, [received], self.now)
        (row,) = await intake.waiting(self.clinic, self.now)
        whole = Incoming(user_id=user_id, chat_id=user_id, private=True, **incoming)
        await intake.handle(self.clinic, row, whole, route, self.now)
        async with self.clinic.database.reading() as tx:
            self.patient = await patients.get(tx, self.patient.id) or self.patient
