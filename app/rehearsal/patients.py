"""A made-up patient: reads what comes, answers as their persona does, and writes what it has them write."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from app.rehearsal.phones import HALF_AN_HOUR, Handset
from bot.buttons import Press
from content.personas import Persona, small_talk
from rules.local_time import local_day, to_instant

BASELINE = 0.8  # how many tell how they are before the infusion


class SimulatedPatient:
    """One patient: `number` is their place in the rehearsal, `alias` how this clinic calls them."""

    def __init__(self, handset: Handset, number: int, alias: str, persona: Persona, language: str, zone: str) -> None:
        self.phone, self.number, self.alias, self.persona = handset, number, alias, persona
        self.language, self.zone = language, zone
        self.infusion_on: date | None = None
        self._acted_at: datetime | None = None

    def expects(self, infusion_at: datetime) -> None:
        """Learn when the infusion ends; what they will write by themselves counts from its day."""
        self.infusion_on = local_day(infusion_at, self.zone)
        for saying in self.persona.says:
            day = self.infusion_on + timedelta(days=saying.day)
            self.phone.at(to_instant(day, saying.at, self.zone), partial(self._say, saying.texts[self.language]))

    def got(self, message: dict[str, Any], rings: bool) -> None:
        """A message has come, or one has changed."""
        message_id = message["message_id"]
        verbs: dict[str, str] = {}
        for press, data in self.phone.buttons(message_id):
            verbs.setdefault(press.verb, data)
        if "agree" in verbs:
            self._press_now(message_id, verbs["agree"])
        elif "baseline" in verbs and self.phone.draw.random() < BASELINE:
            self._press_now(message_id, verbs["baseline"])
        elif "callme" in verbs and self.phone.draw.random() < self.persona.calls:
            self._press_now(message_id, verbs["callme"])
        elif "a" in verbs:
            self._asked(message_id)

    def _asked(self, message_id: int) -> None:
        """In the middle of answering the next question is answered at once, another one when they get to it."""
        if self._acted_at == self.phone.now:
            self.phone.at(self.phone.now, lambda: self._answer(message_id))
            return
        rate = self.persona.answers if self._first_time(message_id) else self.persona.reminded
        if not self._is_silent and self.phone.draw.random() < rate:
            self.phone.later(self.persona.within, lambda: self._answer(message_id), step=HALF_AN_HOUR)

    def _first_time(self, message_id: int) -> bool:
        """Whether the question before was answered, so that this is no reminder of one that was left."""
        earlier = [each for each in self.phone.app.chat.messages if each < message_id]
        return not any(press.verb == "a" for press, _ in (self.phone.buttons(earlier[-1]) if earlier else ()))

    def _answer(self, message_id: int) -> None:
        options = [(press, data) for press, data in self.phone.buttons(message_id) if press.verb == "a"]
        if not options:
            return
        self._acted_at = self.phone.now
        place, _, _ = options[0][0].argument.rpartition("/")
        values = [int(press.argument.rpartition("/")[2]) for press, _ in options]
        value = self._value(place, min(values), max(values))
        if place == "mood/rating" and self.phone.draw.random() < self.persona.typed:
            self.phone.app.say(str(value))
        else:
            self.phone.press(message_id, next(data for press, data in options if _value_of(press) == value))
        if place == "mood/rating" and self.phone.draw.random() < self.persona.writes:
            self._say(self.phone.draw.choice(small_talk(self.language)))

    def _value(self, place: str, low: int, high: int) -> int:
        """What they answer: what their persona gives, or what goes with their mood."""
        given = self.persona.gives.get(place)
        if isinstance(given, list):
            return low + self.phone.draw.choices(range(len(given)), given)[0]
        if given is not None:
            return min(max(given, low), high)
        mood = self.persona.mood[min(max(self._day, 0), len(self.persona.mood) - 1)]
        mood += self.phone.draw.randint(-self.persona.noise, self.persona.noise)
        good = min(max(mood, 0), 10) / 10
        share = good if place in ("mood/rating", "sleep/rating") else 1 - good
        return low + round((high - low) * share)

    @property
    def _day(self) -> int:
        if self.infusion_on is None:
            return 0
        return (local_day(self.phone.now, self.zone) - self.infusion_on).days

    @property
    def _is_silent(self) -> bool:
        return self.persona.silent_from is not None and self._day >= self.persona.silent_from

    def _press_now(self, message_id: int, data: str) -> None:
        self._acted_at = self.phone.now
        self.phone.at(self.phone.now, lambda: self.phone.press(message_id, data))

    def _say(self, text: str) -> None:
        self._acted_at = self.phone.now
        self.phone.app.say(text)


def _value_of(press: Press) -> int:
    return int(press.argument.rpartition("/")[2])
