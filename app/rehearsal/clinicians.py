"""A made-up clinician: hears a page or does not, acknowledges, calls, closes, and reads the digest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from app.rehearsal.phones import Handset
from content.personas import Habits, Span
from rules.local_time import to_local

VERBS = ("drill", "ack", "called", "close", "outcome", "digest")  # what they do about a message, the first that is new
NIGHT = (time(22), time(7))
ALIAS = re.compile(r"P-(\d+)")
AT_ONCE = (timedelta(0), timedelta(0))
SENTENCE = "Talked it over, all arranged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A page that made a phone ring; `alert` is the id of the alert's row."""

    at: datetime
    alert: str
    night: bool


class SimulatedClinician:
    """One clinician. How they deal with an alert is drawn for its patient alone: it hangs on nothing else."""

    def __init__(self, handset: Handset, number: int, habits: Habits, zone: str) -> None:
        self.phone, self.number, self.habits, self.zone = handset, number, habits, zone
        self.rings: list[Ring] = []
        self.digests = 0
        self._chances: dict[str, Random] = {}  # by alert
        self._alerts: dict[str, int] = {}  # how many of a patient's there were
        self._last_page: dict[str, int] = {}  # by alert
        self._met: set[tuple[int, str]] = set()

    def got(self, message: dict[str, Any], rings: bool) -> None:
        """A message has come or, without ringing, has changed."""
        message_id = message["message_id"]
        found = {press.verb: (press.subject, data) for press, data in self.phone.buttons(message_id)}
        verb = next((verb for verb in VERBS if verb in found and (message_id, verb) not in self._met), None)
        if verb is None:
            return
        self._met.add((message_id, verb))
        subject, data = found[verb]
        if verb == "ack":
            self._paged(message_id, subject, message.get("text", ""), rings=rings)
        elif verb == "outcome":
            self._choose(message_id, subject)
        elif verb == "digest":
            self.digests += 1
            self._later(self.phone.draw, self.habits.reads, message_id, data)
        else:
            span = {"called": self.habits.calls, "close": self.habits.closes}.get(verb, AT_ONCE)
            self._later(self._chance(subject), span, message_id, data)

    def _paged(self, message_id: int, alert: str, text: str, *, rings: bool) -> None:
        wall = to_local(self.phone.now, self.zone).time()
        night = wall >= NIGHT[0] or wall < NIGHT[1]
        self._last_page[alert] = message_id
        if rings:
            self.rings.append(Ring(at=self.phone.now, alert=alert, night=night))
        chance = self._chance(alert, text)
        if chance.random() >= (self.habits.misses_at_night if night else self.habits.misses):
            span = self.habits.acknowledges_at_night if night else self.habits.acknowledges
            self.phone.later(span, partial(self._acknowledge, alert), chance=chance)

    def _acknowledge(self, alert: str) -> None:
        """Press under the page that rang last: those before it are folded."""
        message_id = self._last_page[alert]
        for press, data in self.phone.buttons(message_id):
            if press.verb == "ack":
                self.phone.press(message_id, data)

    def _choose(self, message_id: int, alert: str) -> None:
        weights = self.habits.outcomes
        outcome = self._chance(alert).choices(list(weights), list(weights.values()))[0]
        for press, data in self.phone.buttons(message_id):
            if press.verb == "outcome" and press.argument == outcome:
                self.phone.later(AT_ONCE, partial(self._conclude, message_id, data))

    def _conclude(self, message_id: int, data: str) -> None:
        """An outcome, and the sentence that goes with it."""
        self.phone.press(message_id, data)
        self.phone.app.say(SENTENCE)

    def _chance(self, alert: str, text: str = "") -> Random:
        if alert not in self._chances:
            named = ALIAS.search(text)
            about = self.phone.name_of(int(named[1])) if named else "-"
            self._alerts[about] = self._alerts.get(about, 0) + 1
            self._chances[alert] = self.phone.chance(f"{about}:{self._alerts[about]}")
        return self._chances[alert]

    def _later(self, chance: Random, span: Span, message_id: int, data: str) -> None:
        self.phone.later(span, lambda: self.phone.press(message_id, data), chance=chance)
