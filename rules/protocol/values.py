"""A protocol: which questions are asked when after an infusion, and what counts as worse."""

from __future__ import annotations

from dataclasses import field
from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from rules.local_time import Hours
from rules.protocol.escalation import Escalation
from rules.protocol.fields import (
    CONFIG,
    LAST_DAY,
    PREFERRED,
    At,
    Days,
    Duration,
    Durations,
    Instruments,
    QuietHours,
    problem,
)
from rules.protocol.thresholds import Thresholds

Overlap = Literal["restart", "merge", "both"]
Infusions = Literal["first", "later"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
_DAY = timedelta(days=1)
LONGEST_WINDOW = LAST_DAY * _DAY


@dataclass(frozen=True, slots=True, kw_only=True, config=CONFIG)
class Slot:
    """A prompt, or a row of them: `after` the infusion's end, or on local `days` at wall times `at`.

    Day 0 is the infusion's own; days before it are for a planned infusion, and close with it. `infusions` "first":
    only after an infusion that no earlier course runs into; "later": only after the others, such as boosters.
    `asks` must be answered, `optional` may be; `summary` sends the patient's own mood chart after it.
    """

    name: Name
    after: Durations = ()
    days: Days = ()
    at: At = ()
    asks: Instruments
    optional: Instruments = ()
    remind_after: Duration | None = None
    expires_after: Duration = field(default=timedelta(hours=20))
    summary: Annotated[bool, Field(strict=True)] = False
    infusions: Infusions | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Slot:
        if self.after and self.days:
            raise problem(f"slot {self.name!r} has both `after` and `days`", mend="keep one of the two")
        if not self.after and not self.days:
            raise problem(
                f"slot {self.name!r} needs either `after` or `days`", mend='write after = "4h" or days = "1-14"'
            )
        if not self.asks:
            raise problem(f"slot {self.name!r} asks nothing", mend='write asks = ["mood"]', key="asks")
        if self.at and self.after:
            raise problem("`at` goes with `days`, not with `after`", mend="drop `at`", key="at")
        if set(self.asks) & set(self.optional):
            raise problem("what is asked anyway cannot be optional", mend="name it in one of the two", key="optional")
        if not self.expires_after:
            raise problem("a slot that expires at once is never asked", mend="write 20h", key="expires_after")
        if self.remind_after is not None and self.remind_after >= self.expires_after:
            raise problem(
                "the reminder comes after the end", mend="make it shorter than `expires_after`", key="remind_after"
            )
        return self

    @property
    def times(self) -> At:
        """The wall times of each day, in the order of the file; `PREFERRED` stands for the patient's own."""
        return self.at or (PREFERRED,)


@dataclass(frozen=True, slots=True, kw_only=True, config=CONFIG)
class Protocol:
    """The schedule and the thresholds of a course, as its file says them. A running course stays on its version.

    `overlap`: what an infusion within the window of another does (see `rules.schedule.overlap`); `phq9_every`: the
    longest time without a PHQ-9, however close the infusions, in whole days; `jitter`: the widest spread of sending;
    `escalation`: whom the alerts of its courses page, where that is not as the clinic's configuration says.
    """

    id: Name
    title: Annotated[str, Field(min_length=1)]
    version: Annotated[int, Field(ge=1, strict=True)] | None = None
    window: Duration
    overlap: Overlap = "restart"
    quiet_hours: QuietHours = field(default=Hours(start=time(21), end=time(8)))
    phq9_every: Duration = field(default=timedelta(days=7))
    jitter: Duration = field(default=timedelta(0))
    slots: Annotated[tuple[Slot, ...], Field(validation_alias="slot")]
    thresholds: Thresholds = field(default_factory=Thresholds)
    escalation: Escalation = field(default_factory=Escalation)

    @model_validator(mode="after")
    def _is_whole(self) -> Protocol:
        if not self.slots:
            raise problem(
                "nothing is ever asked", mend="add a [[slot]], or leave one of them", key="slot", or_key="without"
            )
        if not timedelta(0) < self.window <= LONGEST_WINDOW:
            raise problem("the window is empty or longer than a year", mend='write "14d"', key="window")
        names = [slot.name for slot in self.slots]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise problem(f"two slots are called {name!r}", mend="give each its own name", key=f"slot.{place}.name")
        if isinstance(self.quiet_hours, Hours) and self.quiet_hours.is_whole_day:
            raise problem("quiet hours of a whole day leave no time", mend="shorten them", key="quiet_hours")
        if self.phq9_every < _DAY or self.phq9_every % _DAY:
            raise problem("PHQ-9 is spaced in whole days", mend='write "7d"', key="phq9_every")
        for place, slot in enumerate(self.slots):
            _within_window(slot, place, self.window)
        _asks_after_every_infusion(self.slots)
        return self


def _asks_after_every_infusion(slots: tuple[Slot, ...]) -> None:
    for infusions, other in (("first", "later"), ("later", "first")):
        if not any(slot.infusions != other and (slot.after or slot.days[-1] >= 0) for slot in slots):
            raise problem(
                f"nothing is asked after the {infusions} infusion{'s' * (infusions == 'later')} of a series",
                mend=f'add a slot without `infusions`, or with infusions = "{infusions}"',
                key="slot",
                or_key="without",
            )


def _within_window(slot: Slot, place: int, window: timedelta) -> None:
    latest = max(max(slot.after, default=timedelta(0)), max(slot.days, default=0) * _DAY)
    if latest > window:
        raise problem(
            f"slot {slot.name!r} comes after the window has ended",
            mend="lengthen `window` or drop what lies behind it",
            key=f"slot.{place}.{'days' if slot.days else 'after'}",
            or_key="window",
        )
