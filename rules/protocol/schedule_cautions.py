"""What is unwise in when and how often a protocol asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from itertools import pairwise

from rules.durations import format_duration
from rules.local_time import Hours
from rules.protocol.caution import Caution
from rules.protocol.fields import PREFERRED
from rules.protocol.values import Protocol, Slot

DEFAULT_TIME = time(10)  # of a patient who chose none
TOO_CLOSE = timedelta(hours=1)
PHQ9_RECALL = timedelta(days=14)
WAKING_FROM, WAKING_TO = time(6), time(23)
LONGEST_OPEN = timedelta(days=7)
WIDEST_JITTER = timedelta(hours=1)
LONGEST_QUIET, SHORTEST_NIGHT = timedelta(hours=12), timedelta(hours=6)
_DAY = timedelta(days=1)


def of_schedule(protocol: Protocol) -> Iterator[Caution]:
    """What is unwise in when and how often a protocol asks: each pair of slots, and each slot, told once a kind."""
    yield from _crowded(protocol)
    yield from _inside_recall(protocol)
    yield from _quiet_day(protocol)
    yield from _at_night(protocol)
    yield from _before_every_infusion(protocol)
    yield from _asked_twice(protocol)
    yield from _open_for_long(protocol)
    yield from _wide_jitter(protocol)


def prompts(protocol: Protocol) -> int:
    """How many prompts one course sends at the most: what is asked at one time is one."""
    placed = (
        {offset for slot in protocol.slots if bool(slot.days) == by_day for offset in _offsets(slot)}
        for by_day in (True, False)
    )
    return sum(len(each) for each in placed)


def _offsets(slot: Slot) -> list[timedelta]:
    """How long after the infusion (`after`) or after its local midnight (`days`) a slot is asked."""
    return sorted([*slot.after, *(day * _DAY + _since_midnight(at) for day in slot.days for at in slot.times)])


def _since_midnight(at: time | str) -> timedelta:
    wall = DEFAULT_TIME if isinstance(at, str) else at
    return timedelta(hours=wall.hour, minutes=wall.minute)


def _crowded(protocol: Protocol) -> Iterator[Caution]:
    """Prompts at one time are one check-in; within an hour of each other they are two interruptions."""
    told: set[tuple[str, str]] = set()
    for placed_by_day in (True, False):
        slots = [(place, each) for place, each in enumerate(protocol.slots) if bool(each.days) == placed_by_day]
        asked = sorted((offset, place) for place, slot in slots for offset in _offsets(slot))
        for (first_at, first), (next_at, following) in pairwise(asked):
            pair = protocol.slots[first].name, protocol.slots[following].name
            if timedelta(0) < next_at - first_at < TOO_CLOSE and pair not in told:
                told.add(pair)
                yield Caution(
                    code="crowded",
                    key=f"slot.{following}",
                    sentence=f"{pair[1]!r} comes less than an hour after {pair[0]!r}",
                    mend="ask both at the same time: they are then one check-in",
                )


def _inside_recall(protocol: Protocol) -> Iterator[Caution]:
    asked = sorted(
        (offset // _DAY * _DAY if slot.days else offset, place)
        for place, slot in enumerate(protocol.slots)
        if "phq9" in (*slot.asks, *slot.optional)
        for offset in _offsets(slot)
    )
    told: set[int] = set()
    before: timedelta | None = None
    for at, place in asked:
        again = before is not None and at - before < protocol.phq9_every
        if (again or timedelta(0) <= at < PHQ9_RECALL) and place not in told:
            told.add(place)
            name = protocol.slots[place].name
            yield Caution(
                code="phq9-recall",
                key=f"slot.{place}.asks",
                sentence=f"{name!r} asks PHQ-9 too soon after the infusion or the PHQ-9 before it",
                mend="PHQ-9 recalls two weeks: keep it at day 14, or read the score as outside its validation",
            )
        before = at


def _at_night(protocol: Protocol) -> Iterator[Caution]:
    for place, slot in enumerate(protocol.slots):
        walls = [at for at in slot.times if isinstance(at, time)] if slot.days else []
        own_time = bool(slot.days) and PREFERRED in slot.times
        if protocol.quiet_hours and any(at in protocol.quiet_hours for at in walls):
            yield _quiet(place, slot, "is asked in quiet hours")
        elif protocol.quiet_hours and own_time and DEFAULT_TIME in protocol.quiet_hours:
            yield _quiet(place, slot, f"is asked at {DEFAULT_TIME:%H:%M} of who chose no time, in quiet hours")
        elif any(not WAKING_FROM <= at < WAKING_TO for at in walls):
            yield _night(place, slot, "at")
        elif any(after >= TOO_CLOSE for after in slot.after) and not _sleeps(protocol):
            yield _night(place, slot, "after")


def _sleeps(protocol: Protocol) -> bool:
    """Whether the quiet hours cover the night, so that nothing can fall into it or be moved into it."""
    quiet = protocol.quiet_hours
    return quiet is not None and all(time(hour) in quiet for hour in (WAKING_TO.hour, *range(WAKING_FROM.hour)))


def _before_every_infusion(protocol: Protocol) -> Iterator[Caution]:
    for place, slot in enumerate(protocol.slots):
        if slot.days and slot.days[0] < 0 and slot.infusions != "first":
            yield Caution(
                code="baseline-again",
                key=f"slot.{place}.days",
                sentence=f"{slot.name!r} is asked before every infusion of a series, when relief may have set in",
                mend='give it infusions = "first": the baseline is then the one before the treatment',
            )


def _asked_twice(protocol: Protocol) -> Iterator[Caution]:
    if protocol.overlap == "both":
        yield Caution(
            code="asked-twice",
            key="overlap",
            sentence="where two courses overlap, each asks its own daily question, often at the same minute",
            mend='write "restart" or "merge", which ask for the mood once a day',
        )


def _open_for_long(protocol: Protocol) -> Iterator[Caution]:
    for place, slot in enumerate(protocol.slots):
        if slot.expires_after > LONGEST_OPEN:
            yield Caution(
                code="open-for-long",
                key=f"slot.{place}.expires_after",
                sentence=f"the silence after {slot.name!r} is found only after {format_duration(slot.expires_after)}",
                mend=f"write {format_duration(LONGEST_OPEN)} at most",
            )


def _wide_jitter(protocol: Protocol) -> Iterator[Caution]:
    if protocol.jitter > WIDEST_JITTER:
        yield Caution(
            code="wide-jitter",
            key="jitter",
            sentence=f"a question may come {format_duration(protocol.jitter)} after its time",
            mend=f"write {format_duration(WIDEST_JITTER)} at most; 1m is enough to spread them",
        )


def _quiet_day(protocol: Protocol) -> Iterator[Caution]:
    quiet = protocol.quiet_hours
    if quiet is None or (lasting := _length(quiet)) <= LONGEST_QUIET:
        return
    start, end = f"{quiet.start:%H:%M}", f"{quiet.end:%H:%M}"
    turned = f', such as ["{end}", "{start}"] for a night' if _DAY - lasting >= SHORTEST_NIGHT else ""
    yield Caution(
        code="quiet-day",
        key="quiet_hours",
        sentence=f"quiet hours from {start} to {end} cover most of the day, and what falls into them moves to {end}",
        mend=f"write where the quiet begins and then where it ends{turned}",
    )


def _length(hours: Hours) -> timedelta:
    return (_since_midnight(hours.end) - _since_midnight(hours.start)) % _DAY


def _quiet(place: int, slot: Slot, when: str) -> Caution:
    return Caution(
        code="in-quiet-hours",
        key=f"slot.{place}.at",
        or_key="quiet_hours",
        sentence=f"{slot.name!r} {when}, so it moves to their end",
        mend="write a time outside `quiet_hours`, or other `quiet_hours`",
    )


def _night(place: int, slot: Slot, key: str) -> Caution:
    return Caution(
        code="at-night",
        key=f"slot.{place}.{key}",
        or_key="quiet_hours",
        sentence=f"{slot.name!r} may be asked while people sleep",
        mend="write a time between 06:00 and 23:00, or let `quiet_hours` cover the night",
    )
