"""The slots of one course: what is asked when, in the patient's own time, outside quiet hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from rules.local_time import is_quiet, local_day, next_allowed, resolve, to_local
from rules.protocol import PREFERRED, Protocol, Slot

DEFAULT_TIME = time(10)
DST_GAP, QUIET_HOURS, LATE, STAFF = "dst-gap", "quiet-hours", "late", "staff"
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSlot:
    """One prompt of a course.

    `key` names it within its course whatever zone, preference or a moved infusion does to its time; `day` counts local
    days since the infusion's (0); `local` is naive wall time in the patient's zone, the instants are UTC;
    `moved_because` is a code (DST_GAP, QUIET_HOURS, LATE, STAFF), None where it stands as the protocol says; `meant` is
    the wall time that the first two moved it from.
    """

    slot: str
    key: str
    day: int
    asks: tuple[str, ...]
    optional: tuple[str, ...] = ()
    summary: bool = False
    by_day: bool
    local: datetime
    due_at: datetime
    remind_at: datetime | None
    expires_at: datetime
    moved_because: str | None = None
    meant: datetime | None = None

    @property
    def in_mood_stream(self) -> bool:
        """Whether it is one of the daily mood prompts, of which a patient gets one stream however many courses run."""
        return self.by_day and "mood" in self.asks and "phq9" not in self.asks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Infusion:
    """What the times of a course count from, and whose clock shows them."""

    at: datetime
    day_zero: date
    zone: str
    preferred: time


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nominal:
    """Where the protocol puts a prompt before quiet hours have a say; `wall` is what the clock should show then."""

    key: str
    at: datetime
    wall: datetime
    in_gap: bool = False
    ends_with_infusion: bool = False


def plan(
    protocol: Protocol,
    *,
    infusion_at: datetime,
    zone: str,
    preferred: time | None,
    infusion_on: date | None = None,
    extra_days: int = 0,
    is_later: bool = False,
) -> tuple[PlannedSlot, ...]:
    """Every prompt of the course of an infusion that ends at `infusion_at`, by due instant, mood first among equals.

    `preferred` is the patient's own time, None for the default; `infusion_on` the infusion's local day as it was when
    recorded (day 0 stays that date when the patient travels), None for the day in `zone`; `extra_days` how much longer
    the daily mood goes on; `is_later` whether an earlier course was running at the infusion. Raises ValueError, with
    the mend, for an unknown zone or an infusion without an offset. Sources: design.md, "Settled details"; clinical.md,
    "Default protocol".
    """
    day_zero = infusion_on or local_day(infusion_at, zone)
    infusion = _Infusion(
        at=infusion_at.astimezone(UTC), day_zero=day_zero, zone=zone, preferred=preferred or DEFAULT_TIME
    )
    return _planned(protocol, infusion, extra_days, is_later)


@lru_cache(maxsize=128)  # recording an infusion asks for its plan twice, once for its end
def _planned(protocol: Protocol, infusion: _Infusion, extra_days: int, is_later: bool) -> tuple[PlannedSlot, ...]:
    slots = [
        planned
        for slot in protocol.slots
        if slot.infusions != ("first" if is_later else "later")
        for planned in _closed(list(_prompts(protocol, slot, infusion, extra_days)))
    ]
    return tuple(sorted(slots, key=in_order))


def last_mood_day(protocol: Protocol, extra_days: int) -> int | None:
    """The last day of the daily mood, when it goes on for `extra_days`; none where no row of daily moods is asked."""
    rows = [slot for slot in protocol.slots if _is_row_of_moods(slot)]
    return max((days_of(protocol, slot, extra_days)[-1] for slot in rows), default=None)


def days_of(protocol: Protocol, slot: Slot, extra_days: int) -> tuple[int, ...]:
    """The days of a slot; those of a row of daily moods that lasts to the end go on at their pace for `extra_days`."""
    last = max((day for each in protocol.slots if _is_row_of_moods(each) for day in each.days), default=0)
    if not _is_row_of_moods(slot) or slot.days[-1] != last:
        return slot.days
    pace = last - slot.days[-2]
    return (*slot.days, *range(last + pace, last + extra_days + 1, pace))


def _is_row_of_moods(slot: Slot) -> bool:
    return len(slot.days) > 1 and "mood" in slot.asks and "phq9" not in slot.asks


def runs_into(infusion_at: datetime, courses: Iterable[Span]) -> bool:
    """Whether one of the courses, each from its infusion to its end, was running already at an infusion."""
    return any(begins_at < infusion_at < ends_at for begins_at, ends_at in courses)


def in_order(planned: PlannedSlot) -> tuple[datetime, bool]:
    """The order in which prompts are asked: by due instant, at the same instant mood first (then as in the file)."""
    return planned.due_at, "mood" not in planned.asks


def window_end(
    protocol: Protocol, planned: tuple[PlannedSlot, ...], *, infusion_at: datetime | None = None
) -> datetime:
    """When the course ends: its last slot has expired and, where the infusion is given, the window has passed too."""
    ends = [each.expires_at for each in planned] + ([infusion_at + protocol.window] if infusion_at else [])
    if not ends:
        raise ValueError("a course without slots has no end of its own: give the infusion")
    return max(ends)


def in_patients_time(planned: PlannedSlot, due_at: datetime, zone: str) -> PlannedSlot:
    """`planned` at another instant, its wall time and its day with it."""
    local = to_local(due_at, zone)
    day = planned.day + (local.date() - planned.local.date()).days
    return replace(planned, due_at=due_at, local=local, day=day)


def clipped(planned: PlannedSlot, end: datetime) -> PlannedSlot:
    """`planned` expiring at `end` at the latest, without a reminder that would come after."""
    expires_at = min(planned.expires_at, end)
    remind_at = planned.remind_at if planned.remind_at and planned.remind_at < expires_at else None
    if (expires_at, remind_at) == (planned.expires_at, planned.remind_at):
        return planned
    return replace(planned, expires_at=expires_at, remind_at=remind_at)


def _prompts(protocol: Protocol, slot: Slot, infusion: _Infusion, extra_days: int) -> Iterator[PlannedSlot]:
    quiet, zone = protocol.quiet_hours, infusion.zone
    for nominal in _nominal(slot, days_of(protocol, slot, extra_days), infusion):
        due_at = next_allowed(nominal.at, zone, quiet)
        if nominal.ends_with_infusion and due_at >= infusion.at:
            continue  # quiet hours leave no time for it before the infusion
        local = to_local(due_at, zone)
        moved_because = DST_GAP if nominal.in_gap else QUIET_HOURS if is_quiet(nominal.at, zone, quiet) else None
        planned = PlannedSlot(
            slot=slot.name,
            key=nominal.key,
            day=(local.date() - infusion.day_zero).days,
            asks=slot.asks,
            optional=slot.optional,
            summary=slot.summary,
            by_day=bool(slot.days),
            local=local,
            due_at=due_at,
            remind_at=None if slot.remind_after is None else next_allowed(due_at + slot.remind_after, zone, quiet),
            expires_at=due_at + slot.expires_after,
            moved_because=moved_because,
            meant=nominal.wall if moved_because else None,
        )
        yield clipped(planned, infusion.at) if nominal.ends_with_infusion else planned


def _nominal(slot: Slot, days: Iterable[int], infusion: _Infusion) -> Iterator[_Nominal]:
    for after in slot.after:
        at = infusion.at + after
        yield _Nominal(key=f"{slot.name}+{int(after.total_seconds())}", at=at, wall=to_local(at, infusion.zone))
    for day in days:
        on = infusion.day_zero + timedelta(days=day)
        for place, at_wall in enumerate(slot.times):
            wall = infusion.preferred if at_wall == PREFERRED else at_wall
            instant, in_gap = resolve(on, wall, infusion.zone)
            yield _Nominal(
                key=f"{slot.name}/{day}/{place}",
                at=instant,
                wall=datetime.combine(on, wall),
                in_gap=in_gap,
                ends_with_infusion=day < 0,
            )


def _closed(prompts: list[PlannedSlot]) -> Iterator[PlannedSlot]:
    """Each prompt of one slot closed when the next one is due; of several at one instant only the first is asked."""
    prompts.sort(key=lambda each: each.due_at)
    for place, prompt in enumerate(prompts):
        if place and prompts[place - 1].due_at == prompt.due_at:
            continue
        later = (each.due_at for each in prompts[place + 1 :] if each.due_at > prompt.due_at)
        yield clipped(prompt, next(later, prompt.expires_at))
