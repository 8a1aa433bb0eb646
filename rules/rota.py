"""The rota: who really is on call when, after overrides, swaps and absences, and where nobody is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

LEVELS = ("primary", "backup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Who is on call at a level from an instant up to, not including, another.

    An `override` stands in for the shifts of its level, with `instead_of` for those of that one person only.
    """

    staff: str
    level: str
    from_at: datetime
    to_at: datetime
    override: bool = False
    instead_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A span of time in which somebody is away, whatever the rota says."""

    staff: str
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A span of time in which nobody of a level is on call."""

    level: str
    from_at: datetime
    to_at: datetime


def actual_shifts(
    planned: Sequence[Shift],
    from_at: datetime,
    to_at: datetime,
    *,
    able: Collection[str],
    absences: Sequence[Absence] = (),
) -> tuple[Shift, ...]:
    """Who really is on call between two instants, as plain shifts within them, by their start.

    `planned` is in the order in which it was made: a later swap is about what the earlier ones left. Only those who are
    `able` and not away count, and no primary counts as backup too, for the page that they do not hear must ring at
    somebody else. An override or a swap whose person does not count gives way to what it stood in for.
    """
    spans_of_all = [(each.from_at, each.to_at) for each in planned] + [(each.from_at, each.to_at) for each in absences]
    edges = {from_at, to_at, *(instant for span in spans_of_all for instant in span if from_at < instant < to_at)}
    spans: dict[Shift, list[tuple[datetime, datetime]]] = {}
    for start, end in pairwise(sorted(edges)):
        away = {each.staff for each in absences if each.from_at <= start < each.to_at}
        present = {each for each in able if each not in away}
        for shift in _on_at(planned, start, present):
            known = spans.setdefault(shift, [])
            goes_on = known and known[-1][1] == start
            known.append((known.pop()[0] if goes_on else start, end))
    actual = (
        replace(shift, from_at=start, to_at=end, override=False, instead_of=None)
        for shift, known in spans.items()
        for start, end in known
    )
    return tuple(sorted(actual, key=lambda each: (each.from_at, LEVELS.index(each.level))))


def _on_at(planned: Sequence[Shift], at: datetime, present: Collection[str]) -> Iterator[Shift]:
    """The shifts of every level, the highest first; whoever is on call at one is not on call below it."""
    free = set(present)
    for level in LEVELS:
        on = list(_on(planned, level, at, free))
        free -= {each.staff for each in on}
        yield from on


def _on(planned: Sequence[Shift], level: str, at: datetime, present: Collection[str]) -> Iterator[Shift]:
    """The shifts by which those who are present are on call: overrides if there are any, and swaps upon that."""
    now = [each for each in planned if each.level == level and each.from_at <= at < each.to_at]
    standing_in = [each for each in now if each.override and each.staff in present]
    chosen = [each for each in standing_in if each.instead_of is None] or [each for each in now if not each.override]
    holders = {each.staff: each for each in sorted(chosen, key=lambda each: each.from_at)}
    for each in standing_in:
        if each.instead_of in holders:
            del holders[each.instead_of]
            holders[each.staff] = each
    return (shift for person, shift in holders.items() if person in present)


def on_duty(actual: Sequence[Shift], level: str, at: datetime) -> tuple[str, ...]:
    """Who is on call at a level, by their start, each once."""
    now = (each for each in actual if each.level == level and each.from_at <= at < each.to_at)
    return tuple(dict.fromkeys(each.staff for each in sorted(now, key=lambda each: each.from_at)))


def gaps_of_levels(
    planned: Sequence[Shift], actual: Sequence[Shift], from_at: datetime, to_at: datetime
) -> tuple[Gap, ...]:
    """Where a level is empty that should not be, by the start: the primary always, another from its first shift on.

    A level that `planned` never has is none that the clinic keeps.
    """
    first = {level: min((each.from_at for each in planned if each.level == level), default=to_at) for level in LEVELS}
    kept_from = {level: max(from_at, first[level]) for level in LEVELS} | {LEVELS[0]: from_at}
    found = (gap for level in LEVELS for gap in gaps(actual, kept_from[level], to_at, level=level))
    return tuple(sorted(found, key=lambda each: (each.from_at, LEVELS.index(each.level))))


def gaps(actual: Sequence[Shift], from_at: datetime, to_at: datetime, *, level: str = "primary") -> tuple[Gap, ...]:
    """Where nobody of a level is on call between two instants."""
    found: list[Gap] = []
    covered = from_at
    for shift in sorted((each for each in actual if each.level == level), key=lambda each: each.from_at):
        if covered < shift.from_at < to_at:
            found.append(Gap(level=level, from_at=covered, to_at=shift.from_at))
        covered = max(covered, shift.to_at)
    if covered < to_at:
        found.append(Gap(level=level, from_at=covered, to_at=to_at))
    return tuple(found)


def next_change(actual: Sequence[Shift], at: datetime) -> datetime | None:
    """When somebody next comes on or goes off call."""
    edges = (instant for shift in actual for instant in (shift.from_at, shift.to_at) if instant > at)
    return min(edges, default=None)
