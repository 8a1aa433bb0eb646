"""From what is planned to what changes in the rows: recorded, moved or cancelled infusions, new zones, new times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from rules.local_time import Hours, next_allowed
from rules.protocol import Protocol
from rules.schedule.overlap import Asked, CoursePlan, Prompt, combine
from rules.schedule.planning import LATE, PlannedSlot, clipped, in_patients_time

NEAR = timedelta(hours=12)
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingSlot:
    """A slot's row as it stands; `key` and `course` as they were planned, `day_on` the local date on which it is due.

    `done`: asked, expired, missed, skipped by staff or passed over in a pause, so never planned again. `pinned`: staff
    gave it its time, so it stays there. A row that an overlap cancelled is not an existing slot: it may come back.
    """

    id: str
    course: str
    key: str
    asks: tuple[str, ...]
    optional: tuple[str, ...] = ()
    summary: bool = False
    day_on: date
    due_at: datetime
    remind_at: datetime | None
    expires_at: datetime
    in_mood_stream: bool
    done: bool
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An existing slot and where it is to stand instead."""

    id: str
    planned: PlannedSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What is to change: rows to add, to move, to cancel; `lapsed` would have been asked but were over before `now`."""

    add: tuple[Prompt, ...] = ()
    move: tuple[Move, ...] = ()
    cancel: tuple[str, ...] = ()
    lapsed: tuple[Prompt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """The first instant from `now` on at which a prompt whose time has passed may be asked."""

    now: datetime
    first_at: datetime
    zone: str
    quiet: Hours | None

    def leaves(self, row: ExistingSlot) -> bool:
        """Whether a row stays where it is: over, or asked as soon as may be."""
        if row.expires_at <= self.now or row.due_at == self.first_at:
            return True
        return row.due_at <= self.now == self.first_at

    def late(self, planned: PlannedSlot, expires_at: datetime) -> PlannedSlot | None:
        """`planned` asked at the opening, None if it has expired by then."""
        if expires_at <= self.first_at:
            return None
        remind_at = planned.remind_at and self.first_at + (planned.remind_at - planned.due_at)
        return clipped(
            replace(
                in_patients_time(planned, self.first_at, self.zone),
                remind_at=remind_at and next_allowed(remind_at, self.zone, self.quiet),
                expires_at=expires_at,
                moved_because=LATE,
            ),
            expires_at,
        )


def fit(
    protocol: Protocol,
    existing: Sequence[ExistingSlot],
    courses: Sequence[CoursePlan],
    *,
    zone: str,
    now: datetime,
    moved: AbstractSet[str] = frozenset(),
) -> Fit:
    """What must change so that the rows are what `courses`, all that stand, ask together.

    One function for every event: record, postpone or cancel an infusion, a new zone, a new preferred time, another
    protocol: plan each standing course afresh and fit. What a course that stands no more had left is cancelled; what is
    done stays done, nothing is asked twice, not even under the new name that another protocol has for it. What is past
    due but not over is asked once, all of it at the first allowed instant from `now` (code LATE).

    `moved` are the courses whose infusion has just been given another time: their rows stand as if it had been recorded
    at that time, so that what would be over by then lapses.
    """
    firm = [each for each in existing if each.done or each.pinned]
    settled = frozenset((each.course, each.key) for each in firm)
    settled |= {key for each in firm for key in _renamed(each, courses)}
    rows = {(each.course, each.key): each for each in existing if not each.done and not each.pinned}
    asked = [_asked(each) for each in firm]
    kept = {key: row for key, row in rows.items() if row.course not in moved}
    over = frozenset(key for key, planned in _by_key(courses).items() if planned.expires_at <= now) - kept.keys()
    wanted = combine(protocol, courses, asked=asked, settled=settled | over)
    opening = _opening(protocol, zone, now)
    placed = {_key(each): _placed(each, kept.get(_key(each)), wanted, opening) for each in wanted}
    new = [each for each in wanted if _key(each) not in rows]
    missed = [each for each in combine(protocol, courses, asked=asked, settled=settled) if _key(each) in over]
    return Fit(
        add=tuple(Prompt(course=each.course, planned=at) for each in new if (at := placed[_key(each)])),
        move=_moves(rows, placed),
        cancel=tuple(row.id for key, row in rows.items() if placed.get(key) is None),
        lapsed=(*missed, *(each for each in new if placed[_key(each)] is None)),
    )


def passed_over(existing: Sequence[ExistingSlot], *, now: datetime) -> tuple[str, ...]:
    """The slots that a pause which ends `now` swallowed: they are done, none of them is asked afterwards."""
    return tuple(each.id for each in existing if not each.done and each.due_at <= now)


def _opening(protocol: Protocol, zone: str, now: datetime) -> _Opening:
    quiet = protocol.quiet_hours
    return _Opening(now=now, first_at=next_allowed(now, zone, quiet), zone=zone, quiet=quiet)


def _key(prompt: Prompt) -> _Key:
    return prompt.course, prompt.planned.key


def _by_key(courses: Sequence[CoursePlan]) -> dict[_Key, PlannedSlot]:
    return {(each.course, planned.key): planned for each in courses for planned in each.planned}


def _renamed(row: ExistingSlot, courses: Sequence[CoursePlan]) -> Iterator[_Key]:
    """The prompts that ask again what `row` did, where its protocol has none of its name any more."""
    for course in courses:
        if course.course != row.course or any(planned.key == row.key for planned in course.planned):
            continue
        for planned in course.planned:
            near = planned.local.date() == row.day_on or abs(planned.due_at - row.due_at) < NEAR
            if near and (set(planned.asks) <= set(row.asks) or (planned.in_mood_stream and row.in_mood_stream)):
                yield course.course, planned.key


def _asked(row: ExistingSlot) -> Asked:
    return Asked(course=row.course, asks=row.asks, day_on=row.day_on, in_mood_stream=row.in_mood_stream)


def _moves(rows: Mapping[_Key, ExistingSlot], placed: Mapping[_Key, PlannedSlot | None]) -> tuple[Move, ...]:
    pairs = ((row, placed.get(key)) for key, row in rows.items())
    return tuple(
        Move(id=row.id, planned=planned)
        for row, planned in pairs
        if planned is not None and _what(planned) != _what(row)
    )


def _what(each: ExistingSlot | PlannedSlot) -> tuple[object, ...]:
    return each.due_at, each.remind_at, each.expires_at, each.asks, each.optional, each.summary


def _placed(
    prompt: Prompt, row: ExistingSlot | None, wanted: Sequence[Prompt], opening: _Opening
) -> PlannedSlot | None:
    """Where a wanted prompt is to stand, None if it lapses.

    A new daily mood lapses if it expires before it can be asked; a new milestone that only quiet hours hold back is
    asked when they end. An existing prompt lapses only if the next of its kind is due by then: a change of zone or of
    preference skips none.
    """
    planned = prompt.planned
    if planned.due_at >= opening.now:
        return planned
    if row is None and (planned.in_mood_stream or opening.first_at == opening.now):
        return opening.late(planned, planned.expires_at)
    if row and opening.leaves(row):
        return replace(planned, due_at=row.due_at, remind_at=row.remind_at, expires_at=row.expires_at)
    following = min((each.planned.due_at for each in wanted if _follows(each, prompt)), default=None)
    expires_at = opening.first_at + (planned.expires_at - planned.due_at)
    return opening.late(planned, min(expires_at, following or expires_at))


def _follows(other: Prompt, prompt: Prompt) -> bool:
    return other.planned.slot == prompt.planned.slot and other.planned.due_at > prompt.planned.due_at
