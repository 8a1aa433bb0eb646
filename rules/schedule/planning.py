"""The slots of one course: what is asked when, in the patient's own time, outside quiet hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from rules.local_time import is_quiet, local_day, next_allowed, resolve, to_local
from rules.protocol import PREFERRED, Protocol, Slot

DEFAULT_TIME = time(10)
DST_GAP, QUIET_HOURS, LATE = "dst-gap", "quiet-hours", "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSlot:
    """One prompt of a course.

    `key` names it within its course whatever zone, preference or a moved infusion does to its time; `day` counts local
    days since the infusion's (0); `local` is naive wall time in the patient's zone, the instants are UTC;
    `moved_because` is a code (DST_GAP, QUIET_HOURS, LATE), None where it stands as the protocol says.
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

    @property
    def in_mood_stream(self) -> bool:
        """Whether it is one of the daily mood prompts, of which a patient gets one stream however many courses run."""
        return self.by_day and "mood" in self.asks and "phq9" not in self.asks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nominal:
    """Where the protocol puts a prompt before quiet hours have a say."""

    key: str
    at: datetime
    in_gap: bool


def plan(
    protocol: Protocol, *, infusion_at: datetime, zone: str, preferred: time | None, infusion_on: date | None = None
) -> tuple[PlannedSlot, ...]:
    """Every prompt of the course of an infusion that ends at `infusion_at`, by due instant, mood first among equals.

    `preferred` is the patient's own time, None for the default; `infusion_on` the infusion's local day as it was when
    recorded (day 0 stays that date when the patient travels), None for the day in `zone`. Raises ValueError, with the
    mend, for an unknown zone or an infusion without an offset. Sources: design.md, "Settled details"; clinical.md,
    "Default protocol".
    """
    day_zero = infusion_on or local_day(infusion_at, zone)
    slots = [
        planned
        for slot in protocol.slots
        for planned in _closed(list(_prompts(protocol, slot, infusion_at, zone, preferred or DEFAULT_TIME, day_zero)))
    ]
    return tuple(sorted(slots, key=in_order))


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
    return replace(planned, expires_at=expires_at, remind_at=remind_at)


def _prompts(
    protocol: Protocol, slot: Slot, infusion_at: datetime, zone: str, preferred: time, day_zero: date
) -> Iterator[PlannedSlot]:
    quiet = protocol.quiet_hours
    for nominal in _nominal(slot, infusion_at, zone, preferred, day_zero):
        due_at = next_allowed(nominal.at, zone, quiet)
        local = to_local(due_at, zone)
        yield PlannedSlot(
            slot=slot.name,
            key=nominal.key,
            day=(local.date() - day_zero).days,
            asks=slot.asks,
            optional=slot.optional,
            summary=slot.summary,
            by_day=bool(slot.days),
            local=local,
            due_at=due_at,
            remind_at=None if slot.remind_after is None else next_allowed(due_at + slot.remind_after, zone, quiet),
            expires_at=due_at + slot.expires_after,
            moved_because=DST_GAP if nominal.in_gap else QUIET_HOURS if is_quiet(nominal.at, zone, quiet) else None,
        )


def _nominal(slot: Slot, infusion_at: datetime, zone: str, preferred: time, day_zero: date) -> Iterator[_Nominal]:
    infusion_at = infusion_at.astimezone(UTC)
    for after in slot.after:
        yield _Nominal(key=f"{slot.name}+{int(after.total_seconds())}", at=infusion_at + after, in_gap=False)
    for day in slot.days:
        for place, at in enumerate(slot.times):
            wall = preferred if at == PREFERRED else at
            instant, in_gap = resolve(day_zero + timedelta(days=day), wall, zone)
            yield _Nominal(key=f"{slot.name}/{day}/{place}", at=instant, in_gap=in_gap)


def _closed(prompts: list[PlannedSlot]) -> Iterator[PlannedSlot]:
    """Each prompt of one slot closed when the next one is due; of several at one instant only the first is asked."""
    prompts.sort(key=lambda each: each.due_at)
    for place, prompt in enumerate(prompts):
        if place and prompts[place - 1].due_at == prompt.due_at:
            continue
        later = (each.due_at for each in prompts[place + 1 :] if each.due_at > prompt.due_at)
        yield clipped(prompt, next(later, prompt.expires_at))
