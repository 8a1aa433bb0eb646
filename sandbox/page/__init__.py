"""The page of live phones: which phones, which extra actions, which clock, as the embedding program wants them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.state import Event
from sandbox.telegram import Telegram

SPEEDS = {"Stop": 0.0, "Real time": 1.0, "1 min/s": 60.0, "10 min/s": 600.0, "1 h/s": 3600.0}
STEPS = {"+10 min": timedelta(minutes=10), "+1 h": timedelta(hours=1), "+1 day": timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone on the page. `role_hint` colours it; the phone of a "clinician" rings when a message comes."""

    user_id: int
    label: str
    role_hint: str = "patient"
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that an action asks for. `kind`: text, number, datetime-local, or select with `options`."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """What came of an action: a sentence, and perhaps a link that the phone of `opens_on` can tap.

    A link `https://t.me/BOT?start=CODE` presses Start there. Without `opens_on` it goes to the first patient's phone.
    """

    text: str
    link: str | None = None
    opens_on: int | None = None


Run = Callable[[Mapping[str, str]], Awaitable[ActionResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button on a phone that the embedding program answers. What `run` raises is shown in its own words."""

    id: str
    label: str
    phone: int
    run: Run
    fields: tuple[Field, ...] = ()


class Clock(Protocol):
    """A clock that can be run fast or stepped."""

    speed: float

    def now(self) -> datetime:
        """The present instant."""
        ...

    def run_at(self, speed: float) -> None:
        """Go on from now at another speed; 0 stands still."""
        ...

    def step(self, by: timedelta) -> None:
        """Jump ahead."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockControls:
    """The clock bar: what it drives, the speeds and steps that it offers, by label, and the time zone that it shows."""

    clock: Clock
    speeds: Mapping[str, float] = field(default_factory=lambda: SPEEDS)
    steps: Mapping[str, timedelta] = field(default_factory=lambda: STEPS)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A note on a phone that is no message: what an action said, or a link that was handed over.

    It stands behind the message `after` of the phone's first chat.
    """

    user_id: int
    text: str
    link: str | None
    date: int
    after: int


class Page:
    """The page: phones, actions and clock. Phones may be added while it is shown."""

    def __init__(
        self,
        telegram: Telegram,
        *,
        title: str,
        phones: Iterable[Phone],
        actions: Iterable[Action] = (),
        clock: ClockControls | None = None,
    ) -> None:
        self.telegram, self.title, self.clock = telegram, title, clock
        self.phones = list(phones)
        self.actions = {action.id: action for action in actions}
        self.cards: list[Card] = []

    def add_phone(self, phone: Phone) -> None:
        """Put one more phone on the page."""
        self.phones.append(phone)
        self._show()

    def hand_over(self, text: str, link: str, user_id: int | None = None) -> None:
        """Show a link on somebody's phone, to be tapped; without one, on the first patient's."""
        to = user_id if user_id is not None else self._first_patient()
        self._put(to, text, link)

    async def run(self, action_id: str, values: Mapping[str, str]) -> ActionResult:
        """Run an action, and show what came of it on its phone, its link where it is to be tapped."""
        action = self.actions[action_id]
        result = await action.run(values)
        self._put(action.phone, result.text)
        if result.link is not None:
            self.hand_over("", result.link, result.opens_on)
        return result

    def _first_patient(self) -> int:
        return next((phone.user_id for phone in self.phones if phone.role_hint == "patient"), self.phones[0].user_id)

    def _put(self, user_id: int, text: str, link: str | None = None) -> None:
        _, chat = self.telegram.chats_of(user_id)[0]
        date, after = self.telegram.date(), max(chat.messages, default=0)
        self.cards.append(Card(user_id=user_id, text=text, link=link, date=date, after=after))
        self._show()

    def _show(self) -> None:
        self.telegram.tell(Event(kind="page", token=""))
