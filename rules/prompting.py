"""Prompts: which check-ins one message asks, when it may go out, and whose doing it is that one was missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from rules.local_time import Hours, is_quiet, next_allowed

SOON = timedelta(minutes=1)  # whatever is due that close to the daily mood prompt rides with it
LATE = timedelta(minutes=30)  # a prompt that an outage held back for longer says so
DOWN = timedelta(minutes=15)  # nothing running for longer is an outage; a restart is not
NEAR = timedelta(hours=6)  # a daily prompt that is due so soon makes up for the one that was missed
LOST_AFTER = timedelta(hours=24)  # Telegram drops what was not fetched by then
EXPIRED, MISSED_BY_US, CANCELLED = "expired", "missed_by_us", "cancelled"


class Due(Protocol):
    """What the rules need to know of a check-in."""

    @property
    def id(self) -> str: ...
    @property
    def slot(self) -> str: ...
    @property
    def asks(self) -> tuple[str, ...]: ...
    @property
    def in_mood_stream(self) -> bool: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def remind_at(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime: ...


Row = TypeVar("Row", bound=Due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which nothing was running, from the last sign of life to the restart."""

    from_at: datetime
    to_at: datetime

    @property
    def counts(self) -> bool:
        """Whether it was more than a restart."""
        return self.to_at - self.from_at > DOWN

    @property
    def loses_updates(self) -> bool:
        """Whether Telegram may have dropped what people wrote meanwhile."""
        return self.to_at - self.from_at > LOST_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """How a patient stood when a check-in was over: their state, and whether a safety conversation held it back."""

    state: str
    blocked: bool = False
    held: bool = False


def together(rows: Iterable[Row], now: datetime) -> list[Row]:
    """What one prompt asks a patient at `now`, of what was not asked yet: all that is due, mood first.

    Around the daily mood prompt also what falls due within a minute, so that the patient gets one message, not two.
    """
    open_ = [row for row in rows if row.expires_at > now]
    due = [row for row in open_ if row.due_at <= now]
    soon = [row for row in open_ if now < row.due_at < now + SOON]
    if due and any(row.in_mood_stream for row in (*due, *soon)):
        due += soon
    return in_order(due)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The order in which the check-ins of a prompt are asked: mood first, then as they fell due."""
    return sorted(rows, key=lambda row: ("mood" not in row.asks, row.due_at, row.id))


def goes_out_at(row: Due, now: datetime, *, zone: str, quiet: Hours | None, jitter: timedelta) -> datetime:
    """When a message about a check-in goes out: now, a little spread, and never in quiet hours."""
    allowed_at = next_allowed(now, zone, quiet)
    spread_at = allowed_at + jitter * spread(row.id)
    held = spread_at >= row.expires_at or is_quiet(spread_at, zone, quiet)
    return allowed_at if held else spread_at


def remind_at(row: Due, asked_at: datetime) -> datetime | None:
    """When to remind of a prompt that goes out at `asked_at`: as long after it as was planned, however late it is."""
    if row.remind_at is None or asked_at - row.due_at <= SOON:
        return row.remind_at
    return asked_at + (row.remind_at - row.due_at)


def spread(row_id: str) -> float:
    """A number from 0 up to 1 that is always the same for a row and evenly spread over many (ids end at random)."""
    return int(row_id[-8:], 16) / 2**32


def is_ours(row: Due, now: datetime, outage: Outage | None) -> bool:
    """Whether a prompt is as late as it is because of an outage."""
    if outage is None or now - row.due_at <= LATE:
        return False
    return outage.from_at <= row.due_at < outage.to_at


def what_became(*, sent: bool, patient: Reachability) -> str:
    """What an unanswered check-in is once it is over (design.md, promise 9).

    A sent one was missed by the patient, an unsent one by us, unless the patient was not to be asked: paused, held by a
    safety conversation, without consent, or not to be written to.
    """
    if sent:
        return EXPIRED
    if patient.state == "paused" or patient.held:
        return CANCELLED
    return MISSED_BY_US if patient.state == "consented" and not patient.blocked else EXPIRED


def catch_up(open_: Sequence[Row], missed: Sequence[Row], *, mood_is_near: bool) -> list[Row]:
    """What the one combined prompt after an outage asks: what can still be answered, and a PHQ-9 that was missed.

    If nothing is left of that, the latest daily mood, unless the next one `mood_is_near`; a day's side effects or the
    first hours cannot be made up for.
    """
    asked = list(open_)
    if not any("phq9" in row.asks for row in open_):
        asked += [row for row in missed if "phq9" in row.asks][-1:]
    if not asked and not mood_is_near:
        asked = [row for row in missed if row.in_mood_stream][-1:]
    return in_order(asked)
