"""What a ladder is made of: its steps, whom they reach, an alert as the ladder sees it, and what it decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.tier import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rung: `to` is primary, backup, everyone or a staff id, `after` counts from the start of the round."""

    to: str
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Steps in order of time; after an acknowledgement the owner is reminded, then owner and next level are paged.

    An alert that is offered to a colleague comes back when they have not taken it by `accept_within`.
    """

    steps: tuple[Step, ...]
    repeat: timedelta
    follow_up: timedelta
    remind_after: timedelta
    accept_within: timedelta = timedelta(minutes=5)
    source: str = "configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Who is on duty, and everyone who may acknowledge and is not disabled.

    `reachable` are staff of any role who are linked, not disabled and not known to have blocked the bot; `named` leads
    from each id and alias of staff who are not disabled to the id, so that whoever is not in it has left.
    """

    primary: tuple[str, ...] = ()
    backup: tuple[str, ...] = ()
    everyone: tuple[str, ...] = ()
    reachable: frozenset[str] = frozenset()
    named: Mapping[str, str] = field(default_factory=dict)
    telegram_up: bool = True

    def meant(self, to: str) -> frozenset[str]:
        """Whom a step's `to` means now, reachable or not."""
        groups = {"primary": self.primary, "backup": self.backup, "everyone": self.everyone}
        return frozenset(groups.get(to) or ((self.named[to],) if to in self.named else ()))

    def who(self, to: str) -> frozenset[str]:
        """Whom a step's `to` means now and a page can reach."""
        return self.meant(to) & self.reachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an alert has climbed in its present round.

    `level` is the step the round starts at, `at_once` the number of steps due at its very start, `steps_done` the
    number taken. `topped_at` is when the last step was taken, `answered_at` when the round was acknowledged. While the
    alert is offered, `offered_by` is who wants to hand it over to `offered_to`.
    """

    round_started_at: datetime
    level: int = 0
    at_once: int = 0
    steps_done: int = 0
    reached: frozenset[str] = frozenset()
    last_ring_at: datetime | None = None
    extra_ring_at: datetime | None = None
    topped_at: datetime | None = None
    answered_at: datetime | None = None
    ring_wanted: bool = False
    reminded: bool = False
    contacted: bool = False
    told: bool = False
    offered_at: datetime | None = None
    offered_by: str | None = None
    offered_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """An alert as the ladder sees it; `at_any_hour` for "not sure of being safe" and a worried relative."""

    tier: Tier
    state: str
    progress: Progress
    owner: str | None = None
    at_any_hour: bool = False

    @property
    def presses(self) -> bool:
        """Its clock runs day and night."""
        return self.tier is Tier.RED or self.at_any_hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whom to page now and how, when to look again (None: not before something happens), and the progress to store.

    `came_back` when the alert was offered and not taken in time.
    """

    due_at: datetime | None
    progress: Progress
    page: frozenset[str] = frozenset()
    second_channel: bool = False
    remind_owner: bool = False
    tell_patient: bool = False
    alarm_operator: bool = False
    came_back: bool = False
