"""Several courses at once: which prompts of which course are asked when a patient's windows overlap.

- `both`: every course asks all of its own.
- `merge`: one mood stream; milestones of every course stay, but what a newer course asks on the same local day is
  asked once.
- `restart`: one mood stream; a milestone that would come after a newer infusion gives way to the newer course's,
  unless the PHQ-9 would then be missing for longer than the protocol allows.

One mood stream: on each local day the mood prompts of one course only, the newest that has any; but on the very day of
an infusion the older course's, and where one was asked already, that course's.

The PHQ-9 is never starved: walking from the first infusion along the PHQ-9s that were or will be asked, wherever the
next one lies further off than `phq9_every`, the latest one in reach among those that gave way stays (of several on one
day, the newest course's). Courses of infusions at most 14 days apart always leave one in reach, and since only what was
asked and what stands counts, this holds too when infusions become known one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain

from rules.protocol import Protocol
from rules.schedule.planning import PlannedSlot, clipped, in_order

Settled = AbstractSet[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePlan:
    """A course that stands (not ended, not cancelled), with all that its own protocol plans for it.

    `infusion_on` is the local day of its infusion when it was recorded: day 0, wherever the patient travels.
    """

    course: str
    infusion_at: datetime
    infusion_on: date
    planned: tuple[PlannedSlot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A prompt that is over and done with: its course, what it asked, and on which local day."""

    course: str
    asks: tuple[str, ...]
    day_on: date
    in_mood_stream: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A planned slot and the course that it belongs to."""

    course: str
    planned: PlannedSlot


def combine(
    protocol: Protocol,
    courses: Sequence[CoursePlan],
    *,
    asked: Iterable[Asked] = (),
    settled: Settled = frozenset(),
) -> tuple[Prompt, ...]:
    """What is asked over all courses, by due instant: `protocol` (the newest course's) says how they overlap.

    `asked` is what was asked already; `settled` names prompts (course, key) that are not to be asked any more: a
    milestone of theirs still shows that its course asks such a thing.
    """
    ordered = sorted(courses, key=lambda each: each.infusion_at)
    open_ = [each for each in _prompts(ordered) if (each.course, each.planned.key) not in settled]
    if protocol.overlap == "both":
        return _sorted(open_)
    past = tuple(asked)
    stream = _one_stream([each for each in open_ if each.planned.in_mood_stream], ordered, past)
    milestones = [each for each in open_ if not each.planned.in_mood_stream]
    if protocol.overlap == "restart":
        milestones = _restarted(protocol, milestones, ordered, past)
    else:
        milestones = _merged(milestones)
    return _closed(_sorted(chain(stream, milestones)))


def _prompts(courses: Iterable[CoursePlan]) -> Iterable[Prompt]:
    return (Prompt(course=each.course, planned=planned) for each in courses for planned in each.planned)


def _sorted(prompts: Iterable[Prompt]) -> tuple[Prompt, ...]:
    return tuple(sorted(prompts, key=lambda each: in_order(each.planned)))


def _one_stream(stream: Sequence[Prompt], courses: Sequence[CoursePlan], asked: Sequence[Asked]) -> list[Prompt]:
    own_day = {each.course: each.infusion_on for each in courses}
    days: dict[date, list[Prompt]] = defaultdict(list)
    for prompt in stream:
        days[prompt.planned.local.date()].append(prompt)
    taken = {each.day_on: each.course for each in asked if each.in_mood_stream}
    kept = []
    for day, prompts in days.items():
        older = [each for each in prompts if own_day[each.course] != day]
        owner = taken.get(day, (older or prompts)[-1].course)
        kept += [each for each in prompts if each.course == owner]
    return kept


def _merged(milestones: Sequence[Prompt]) -> list[Prompt]:
    return [
        each
        for place, each in enumerate(milestones)
        if not any(_same_day(each, newer) for newer in milestones[place + 1 :] if newer.course != each.course)
    ]


def _same_day(older: Prompt, newer: Prompt) -> bool:
    return older.planned.local.date() == newer.planned.local.date() and _covers(newer.planned, older.planned)


def _covers(newer: PlannedSlot, older: PlannedSlot) -> bool:
    return newer.slot == older.slot or set(older.asks) <= set(newer.asks)


def _restarted(
    protocol: Protocol, milestones: Sequence[Prompt], courses: Sequence[CoursePlan], asked: Sequence[Asked]
) -> list[Prompt]:
    newer = {course.course: courses[place + 1 :] for place, course in enumerate(courses)}
    kept: list[Prompt] = []
    given_way: list[Prompt] = []
    for prompt in milestones:
        (given_way if _gives_way(prompt.planned, newer[prompt.course]) else kept).append(prompt)
    if not given_way:
        return kept
    first_on = courses[0].infusion_on
    return kept + _against_starving(protocol.phq9_every.days, first_on, kept, given_way, asked)


def _gives_way(planned: PlannedSlot, newer: Sequence[CoursePlan]) -> bool:
    return any(
        course.infusion_at <= planned.due_at
        and any(_covers(other, planned) for other in course.planned if not other.in_mood_stream)
        for course in newer
    )


def _against_starving(
    every: int, first_on: date, kept: Sequence[Prompt], given_way: Sequence[Prompt], asked: Sequence[Asked]
) -> list[Prompt]:
    """Those of `given_way` that must stay, so that no two PHQ-9s lie more than `every` local days apart."""
    in_reach = {each.planned.local.date(): each for each in given_way if "phq9" in each.planned.asks}
    standing = {each.planned.local.date() for each in kept if "phq9" in each.planned.asks}
    standing |= {each.day_on for each in asked if "phq9" in each.asks}
    stays, last_on = [], first_on
    for next_on in sorted(day for day in standing if day > first_on):
        while (next_on - last_on).days > every:
            between = sorted(day for day in in_reach if last_on < day < next_on)
            if not between:
                break
            last_on = max((day for day in between if (day - last_on).days <= every), default=between[0])
            stays.append(_mid_way(in_reach[last_on]))
        last_on = next_on
    return stays


def _mid_way(prompt: Prompt) -> Prompt:
    """A prompt without its closing summary: newer courses are still running."""
    return Prompt(course=prompt.course, planned=replace(prompt.planned, summary=False))


def _closed(prompts: tuple[Prompt, ...]) -> tuple[Prompt, ...]:
    """Each prompt closed when the next of its kind is due, of whichever course."""
    following: dict[str, datetime] = {}
    closed = []
    for prompt in reversed(prompts):
        planned = prompt.planned
        end = following.get(planned.slot, planned.expires_at)
        closed.append(Prompt(course=prompt.course, planned=clipped(planned, end)) if end > planned.due_at else prompt)
        following[planned.slot] = planned.due_at
    return tuple(reversed(closed))
