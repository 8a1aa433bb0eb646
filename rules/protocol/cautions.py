"""What a protocol may say, but had better not: told to staff before they publish it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from itertools import pairwise

from rules.durations import format_duration
from rules.protocol.values import Protocol, Slot

TOO_CLOSE = timedelta(hours=1)
PHQ9_RECALL = timedelta(days=14)
WAKING_FROM, WAKING_TO = time(6), time(23)
LONGEST_WAIT = timedelta(hours=12)  # clinical.md: imminent risk is reviewed within twelve hours
_HIGHEST = {"item9_questions": 3, "item9_red": 3, "phq9_rise": 27, "phq9_rise_red": 27, "phq9_red_score": 27} | {
    "mood_fall": 10,
    "rebound_rise": 10,
}
_WAITS = ("item9_amber_after", "item9_red_after", "mood_amber_after", "mood_red_after", "note_silence")
_DAY = timedelta(days=1)
_DEFAULT = timedelta(hours=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Something allowed but unwise: a stable code, the key it is about, what, and what mends it."""

    code: str
    key: str
    sentence: str
    mend: str


def warnings(protocol: Protocol) -> tuple[Caution, ...]:
    """All that is unwise in `protocol`: each pair of slots, and each slot, told once a kind.

    Judged on the protocol's own figures, with the default preferred time; quiet hours move prompts afterwards.
    """
    return (
        *_crowded(protocol),
        *_inside_recall(protocol),
        *_at_night(protocol),
        *_before_every_infusion(protocol),
        *_slow_red(protocol),
        *_asked_twice(protocol),
        *_out_of_reach(protocol),
        *_slow_questions(protocol),
    )


def _offsets(slot: Slot) -> list[timedelta]:
    """How long after the infusion (`after`) or after its local midnight (`days`) a slot is asked."""
    return sorted([*slot.after, *(day * _DAY + _since_midnight(at) for day in slot.days for at in slot.times)])


def _since_midnight(at: time | str) -> timedelta:
    return _DEFAULT if isinstance(at, str) else timedelta(hours=at.hour, minutes=at.minute)


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
        if protocol.quiet_hours and any(at in protocol.quiet_hours for at in walls):
            yield Caution(
                code="in-quiet-hours",
                key=f"slot.{place}.at",
                sentence=f"{slot.name!r} is asked in quiet hours, so it moves to their end",
                mend="write a time outside `quiet_hours`",
            )
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


def _slow_red(protocol: Protocol) -> Iterator[Caution]:
    red = protocol.escalation.red
    if red is not None and red.steps[0].after:
        yield Caution(
            code="slow-red",
            key="escalation.red.steps",
            sentence="a red alert pages nobody at once",
            mend='let the first step be after = "0s"',
        )


def _asked_twice(protocol: Protocol) -> Iterator[Caution]:
    if protocol.overlap == "both":
        yield Caution(
            code="asked-twice",
            key="overlap",
            sentence="where two courses overlap, each asks its own daily question, often at the same minute",
            mend='write "restart" or "merge", which ask for the mood once a day',
        )


def _out_of_reach(protocol: Protocol) -> Iterator[Caution]:
    for name, most in _HIGHEST.items():
        if (value := getattr(protocol.thresholds, name)) > most:
            yield Caution(
                code="out-of-reach",
                key=f"thresholds.{name}",
                sentence=f"no answer reaches {name} = {value}, so it never finds anything",
                mend=f"write {most} at most",
            )


def _slow_questions(protocol: Protocol) -> Iterator[Caution]:
    for name in _WAITS:
        if (wait := getattr(protocol.thresholds, name)) > LONGEST_WAIT:
            yield Caution(
                code="slow-questions",
                key=f"thresholds.{name}",
                sentence=f"a risky answer, and then silence, waits {format_duration(wait)} before anybody is paged",
                mend=f"write {format_duration(LONGEST_WAIT)} at most",
            )


def _night(place: int, slot: Slot, key: str) -> Caution:
    return Caution(
        code="at-night",
        key=f"slot.{place}.{key}",
        sentence=f"{slot.name!r} may be asked while people sleep",
        mend="write a time between 06:00 and 23:00, or let `quiet_hours` cover the night",
    )
