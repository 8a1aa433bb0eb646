"""The passes of the tick, in their order; what is urgent goes on its own: no bulk of prompts may hold up a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jobs.ask_consent_again import ask_consent_again
from jobs.catch_up import catch_up
from jobs.climb_ladders import climb_ladders
from jobs.drill_staff import drill_staff
from jobs.end_courses import end_courses
from jobs.expire_checkins import expire_checkins
from jobs.forget_expired import forget_expired
from jobs.heed_silence import heed_silence
from jobs.refresh_roster import refresh_roster_in
from jobs.second_reader import SecondReader
from jobs.send_checkins import send_checkins
from jobs.send_digest import send_digest
from jobs.send_opening_list import send_opening_list
from jobs.send_reminders import send_reminders
from jobs.take_backup import Backups
from jobs.tell_unlinked import tell_unlinked
from jobs.watch_blocked import watch_blocked
from jobs.watch_rota import watch_rota
from services.clinic import Clinic
from services.roster import RosterFile

Run = Callable[[Clinic, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass: how often it runs at most, how long it may take, and the operator's alarm when it fails."""

    run: Run
    every: timedelta = timedelta(0)
    timeout: timedelta = timedelta(seconds=30)
    alarm: str = "pass-failed"

    @property
    def name(self) -> str:
        """What it does, as logs and alarms name it."""
        return getattr(self.run, "__name__", "pass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Passes that run one after the other, beside those of other lanes; woken early by commits about these topics."""

    name: str
    passes: tuple[Pass, ...]
    topics: frozenset[str]
    may_take: timedelta | None = None  # how long before it is an alarm that it has not come round, if not a minute


MANY = timedelta(minutes=5)  # a pass that works batch by batch until nothing is due
URGENT = Lane(
    name="urgent",
    passes=(Pass(run=climb_ladders), Pass(run=heed_silence), Pass(run=watch_blocked)),
    topics=frozenset({"alert", "blocked"}),
)
ROUTINE = Lane(
    name="routine",
    passes=(
        Pass(run=drill_staff),
        # In this order: what is over is closed before its patient is asked anything else, so that they are asked once.
        Pass(run=expire_checkins, timeout=MANY),
        Pass(run=catch_up, timeout=MANY),
        Pass(run=send_reminders, timeout=MANY),
        Pass(run=send_checkins, timeout=MANY),
        Pass(run=end_courses),
        Pass(run=send_digest),
        Pass(run=send_opening_list),
        Pass(run=tell_unlinked, every=timedelta(minutes=5)),
        Pass(run=ask_consent_again, every=timedelta(hours=1)),
        Pass(run=watch_rota, every=timedelta(days=1)),
        Pass(run=forget_expired, every=timedelta(days=1), timeout=MANY),
    ),
    topics=frozenset({"checkins"}),
)
LANES = (URGENT, ROUTINE)


def lanes_with(
    roster: RosterFile, second_reader: SecondReader | None = None, backups: Backups | None = None
) -> tuple[Lane, ...]:
    """The lanes, with a pass that keeps the sealed roster up to date; a second reader and backups in their own."""
    refresh = Pass(run=refresh_roster_in(roster), every=timedelta(seconds=30))
    lanes = [URGENT, replace(ROUTINE, passes=(*ROUTINE.passes, refresh))]
    if second_reader is not None:
        read_again = Pass(run=second_reader.read_again, timeout=timedelta(seconds=55))
        lanes.append(Lane(name="second-reader", passes=(read_again,), topics=frozenset({"words"})))
    if backups is not None:
        take = Pass(
            run=backups.take_backup, every=timedelta(minutes=1), timeout=timedelta(hours=1), alarm="backup-failed"
        )
        lanes.append(Lane(name="backup", passes=(take,), topics=frozenset(), may_take=timedelta(hours=1)))
    return tuple(lanes)
