"""Shifts as iCalendar: the calendar of another tool taken over into the rota, and one's own shifts as a file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from content.messages import say
from rules.local_time import to_instant
from rules.rota import Shift
from services import oncall, rota
from services.clinic import Clinic
from services.errors import Refused
from services.outgoing import to_staff
from services.turn import Said, Turn
from store import outbox, staff
from store import rota as shifts
from store.database import Transaction
from store.staff import Member

AHEAD = timedelta(days=180)
BEFORE = timedelta(days=31)  # how long ago a shift that goes on may have begun
MAKER = "-//Fortnight//rota//EN"
_ALIAS = re.compile(r"\bS-(\d+)\b", re.ASCII | re.IGNORECASE)
_BACKUP = re.compile(r"\b(?:backup|reserva)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One occurrence in a calendar: what it is called, from when to when."""

    summary: str
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import came to: how many shifts are new, gone and as before, and the events left out."""

    added: int
    removed: int
    kept: int
    skipped: tuple[str, ...]


def read(text: str, zone: str, from_at: datetime, to_at: datetime) -> list[Event]:
    """The events between two instants, each repetition one; days and floating times are those of `zone`.

    Raises Refused for what is no calendar, and for a time whose zone is not known: it might be hours off.
    """
    import icalendar  # both are slow to import, and nothing else needs them
    import recurring_ical_events

    try:
        calendar = icalendar.Calendar.from_ical(text)
        _refuse_unknown_zones(calendar)
        found = recurring_ical_events.of(calendar).between(from_at, to_at)
        events = [
            Event(
                summary=str(each.get("SUMMARY", "")), from_at=_instant(each.start, zone), to_at=_instant(each.end, zone)
            )
            for each in found
            if each.get("STATUS") != "CANCELLED"
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise Refused("That is no iCalendar file that can be read.", "give a file or URL that ends in .ics") from None
    return sorted(events, key=lambda each: (each.from_at, each.summary))


def _refuse_unknown_zones(calendar: Any) -> None:
    for event in calendar.walk("VEVENT"):
        for name in ("DTSTART", "DTEND"):
            zone = event[name].params.get("TZID") if name in event else None
            if zone and getattr(event[name].dt, "tzinfo", None) is None and isinstance(event[name].dt, datetime):
                raise Refused(f"The calendar has times in the zone {zone!r}, which is unknown.", "use IANA names there")


def _instant(at: date, zone: str) -> datetime:
    if not isinstance(at, datetime):
        return to_instant(at, time(0), zone)
    return to_instant(at.date(), at.time(), zone) if at.tzinfo is None else at.astimezone(UTC)


async def take_over(
    tx: Transaction,
    events: Sequence[Event],
    *,
    calendar: str,
    level: str,
    member: Member | None,
    skip: bool,
    actor: str,
    now: datetime,
) -> Imported:
    """Make the events the shifts of a calendar's name, in place of those imported under it before. Raises Refused.

    An event is of `member`, else of whom its summary names by alias or name; of `level` unless it says backup. One that
    names nobody is refused, or left out with `skip`.
    """
    rota.refuse_level(level)
    wanted, unknown = _shifts(events, await staff.every(tx), member, level)
    _refuse(wanted, [] if skip else unknown)
    standing = {_planned(each): each.id for each in await shifts.of_calendar(tx, calendar, now)}
    gone, new = [standing[each] for each in standing.keys() - wanted.keys()], wanted.keys() - standing.keys()
    for shift_id in gone:
        await shifts.cancel(tx, shift_id, now)
    for each in sorted(new, key=lambda each: each.from_at):
        await shifts.add(
            tx,
            staff_id=each.staff,
            level=each.level,
            from_at=each.from_at,
            to_at=each.to_at,
            override=False,
            calendar=calendar,
            now=now,
        )
    detail = {"added": str(len(new)), "removed": str(len(gone))}
    await rota.edited(tx, actor, "calendar-imported", calendar[:48], now, detail)
    return Imported(added=len(new), removed=len(gone), kept=len(wanted) - len(new), skipped=tuple(unknown))


def _shifts(
    events: Sequence[Event], members: Sequence[Member], member: Member | None, level: str
) -> tuple[dict[Shift, None], list[str]]:
    """The shifts that the events mean, each once, and the summaries of those that name nobody. Raises Refused."""
    wanted: dict[Shift, None] = {}
    unknown = []
    for event in events:
        who = member or _meant(event.summary, members)
        if who is None:
            unknown.append(event.summary)
            continue
        rota.refuse_unable(who)
        at_level = "backup" if _BACKUP.search(event.summary) else level
        wanted[Shift(staff=who.id, level=at_level, from_at=event.from_at, to_at=event.to_at)] = None
    return wanted, unknown


def _planned(stored: shifts.StoredShift) -> Shift:
    return Shift(staff=stored.staff_id, level=stored.level, from_at=stored.from_at, to_at=stored.to_at)


def _meant(summary: str, members: Sequence[Member]) -> Member | None:
    """The one member whom a summary names: by alias, else by the longest name that stands in it."""
    numbers = {int(number) for number in _ALIAS.findall(summary)}
    if numbers:
        named = [each for each in members if each.number in numbers]
        return named[0] if len(named) == len(numbers) == 1 else None
    there = [each for each in members if each.name.strip() and each.name.casefold() in summary.casefold()]
    longest = max((len(each.name) for each in there), default=0)
    named = [each for each in there if len(each.name) == longest]
    return named[0] if len(named) == 1 else None


def _refuse(wanted: dict[Shift, None], unknown: Sequence[str]) -> None:
    if unknown:
        said = "1 event names" if len(unknown) == 1 else f"{len(unknown)} events name"
        raise Refused(
            f"{said} nobody, or several, of the staff, the first {unknown[0]!r}.",
            "write an alias such as S-1 or one name into each, give --staff for all, or leave them out with --skip",
        )
    if not wanted:
        raise Refused(
            f"There is no shift in it for the next {AHEAD.days} days, so that nothing is changed.",
            "see that it is the right calendar",
        )


async def own_shifts(tx: Transaction, member: Member, from_at: datetime, to_at: datetime) -> list[Shift]:
    """When a member really is on call: the shifts that end after an instant, with when they began."""
    actual = await oncall.actual_shifts(tx, from_at - BEFORE, to_at)
    return [each for each in actual if each.staff == member.id and each.to_at > from_at]


async def send_own(turn: Turn) -> Said:
    """*My shifts as a calendar*: a file of them, as the rota has them now."""
    member = turn.member
    assert member is not None  # noqa: S101 - the router gives these buttons to staff only
    own = await own_shifts(turn.tx, member, turn.now, turn.now + AHEAD)
    if not own:
        return Said(code="swap_none")
    text = write(turn.clinic, member, own, turn.now)
    await outbox.queue(turn.tx, [to_staff(member, "reply", "own-calendar", calendar=text)], turn.now)
    return Said(code="calendar")


def write(clinic: Clinic, member: Member, own: Sequence[Shift], now: datetime) -> str:
    """A member's shifts as an iCalendar file; the same shift has the same UID whenever it is written."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("PRODID", MAKER)
    calendar.add("VERSION", "2.0")
    for event in _events(icalendar, clinic, member, own, now):
        calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _events(icalendar: Any, clinic: Clinic, member: Member, own: Sequence[Shift], now: datetime) -> Iterator[Any]:
    for shift in own:
        event = icalendar.Event()
        name = f"{member.id}:{shift.level}:{shift.from_at.isoformat()}"
        event.add("UID", f"{hashlib.sha256(name.encode()).hexdigest()[:32]}@fortnight")
        event.add("DTSTAMP", now)
        event.add("DTSTART", shift.from_at)
        event.add("DTEND", shift.to_at)
        event.add("SUMMARY", say(member.language, f"staff.calendar_{shift.level}", clinic=clinic.name))
        yield event
