"""A made-up person's phone: what is on it to press, and when its owner does something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.rehearsal.agenda import Act
from app.rehearsal.stage import Stage
from bot.buttons import Press, read
from content.personas import Span
from sandbox.errors import NotPossible

MINUTE = timedelta(minutes=1)
HALF_AN_HOUR = timedelta(minutes=30)  # patients look at their phones on its full step: so many act at one instant


class Handset:
    """One phone. `draw` is its owner's own chance, by the seed and `owner`: nobody's day hangs on somebody else's."""

    def __init__(self, stage: Stage, user_id: int, owner: str) -> None:
        self._stage, self._owner, self.user_id = stage, owner, user_id
        self.app = stage.add_phone(user_id, owner)
        self.draw = self.chance("own")

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self._stage.now

    def chance(self, about: str) -> Random:
        """A chance of its own for something that the owner may have to do with."""
        return Random(f"{self._stage.seed}:{self._owner}:{about}")  # noqa: S311 - chances, no secrets

    def name_of(self, number: int) -> str:
        """What a patient, known here by the number in P-1042, is called in the whole rehearsal."""
        return self._stage.names[number]

    def buttons(self, message_id: int) -> Iterator[tuple[Press, str]]:
        """The buttons under a message as it stands now, each with what it carries."""
        message: dict[str, Any] = self.app.chat.messages.get(message_id, {})
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                data = button["callback_data"]
                press = read(data)
                if press is not None:
                    yield press, data

    def press(self, message_id: int, data: str) -> None:
        """Press a button, if it is still there."""
        with suppress(NotPossible):
            self.app.press(data=data, message_id=message_id)

    def later(self, span: Span, act: Act, *, chance: Random | None = None, step: timedelta = MINUTE) -> None:
        """Do something after a while drawn from a span, on the next full step of the day."""
        low, high = span
        self.at(rounded_up(self.now + low + (high - low) * (chance or self.draw).random(), step), act)

    def at(self, instant: datetime, act: Act) -> None:
        """Do something at an instant; one that is past is now."""
        self._stage.agenda.put(max(instant, self.now), act)


def rounded_up(instant: datetime, step: timedelta) -> datetime:
    """The next instant on a full step of the day."""
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + -((midnight - instant) // step) * step
