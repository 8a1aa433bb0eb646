"""A preview as a sheet: weeks of days with what is asked on them, and in words why something moved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from content.messages import say
from rules.durations import format_duration
from rules.instrument import Instrument
from rules.local_time import format_hours, to_local
from rules.protocol import Protocol, as_data
from rules.schedule import PreviewRow, clock_changes

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is asked at one time: slots by name, instruments by title; `notes` are the numbers of those about it.

    An infusion's end is an entry without instruments.
    """

    at: datetime
    due_at: datetime
    slots: tuple[str, ...]
    titles: tuple[str, ...] = ()
    notes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A local day, with its entries in order."""

    on: date
    weekday: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Whole weeks from Monday to Sunday, what stands above them, and the notes below, numbered from 1.

    `key` is the same for the same protocol, text and all, infusions and zone, and for no others.
    """

    key: str
    language: str
    title: str
    heads: tuple[str, ...]
    weeks: tuple[tuple[Day, ...], ...]
    notes: tuple[str, ...]


def sheet(
    protocol: Protocol,
    rows: Sequence[PreviewRow],
    infusions: Sequence[datetime],
    *,
    zone: str,
    language: str,
    instruments: Mapping[str, Instrument],
) -> Sheet:
    """The sheet of a preview, in a language."""
    notes: list[str] = []
    entries = sorted(
        [*_infusions(infusions, zone, language), *_entries(rows, language, instruments, notes)],
        key=lambda entry: entry.due_at,
    )
    first, last = entries[0].at.date(), entries[-1].at.date()
    changes = [_clocks(language, *change) for change in clock_changes(first, last, zone)]
    return Sheet(
        key=_key(protocol, infusions, zone),
        language=language,
        title=say(language, "preview.title", protocol=protocol.title),
        heads=(say(language, "preview.head", zone=zone), _quiet(protocol, language)),
        weeks=tuple(_weeks(first - first.weekday() * DAY, last, entries, language)),
        notes=(*notes, *changes, *_jitter(protocol, language)),
    )


def still_to_come(rows: Sequence[PreviewRow], infusions: Sequence[datetime], now: datetime) -> tuple[PreviewRow, ...]:
    """The rows without those before an infusion of now or later whose time has passed: nobody can be asked them."""
    by_place = sorted(infusions)
    return tuple(row for row in rows if not row.due_at < now <= by_place[row.course])


def _key(protocol: Protocol, infusions: Sequence[datetime], zone: str) -> str:
    content = json.dumps([as_data(protocol), [at.isoformat() for at in sorted(infusions)], zone], sort_keys=True)
    return f"{protocol.id}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _jitter(protocol: Protocol, language: str) -> list[str]:
    return [say(language, "preview.jitter", by=format_duration(protocol.jitter))] if protocol.jitter else []


def _entries(
    rows: Sequence[PreviewRow], language: str, instruments: Mapping[str, Instrument], notes: list[str]
) -> Iterator[Entry]:
    for due_at, group in groupby(rows, key=lambda row: row.due_at):
        together = list(group)
        first = len(notes) + 1
        notes += [_moved(row, language) for row in together if row.moved_because]
        asks = dict.fromkeys(name for row in together for name in row.asks)
        yield Entry(
            at=together[0].local,
            due_at=due_at,
            slots=tuple(row.slot for row in together),
            titles=tuple(instruments[name].titles[language] if name in instruments else name for name in asks),
            notes=tuple(range(first, len(notes) + 1)),
        )


def _infusions(infusions: Sequence[datetime], zone: str, language: str) -> Iterator[Entry]:
    for number, at in enumerate(sorted(infusions), start=1):
        yield Entry(at=to_local(at, zone), due_at=at, slots=(say(language, "preview.infusion", number=number),))


def _weeks(monday: date, last: date, entries: Sequence[Entry], language: str) -> Iterator[tuple[Day, ...]]:
    weekdays = say(language, "preview.weekdays").split()
    on: dict[date, list[Entry]] = {}
    for entry in entries:
        on.setdefault(entry.at.date(), []).append(entry)
    while monday <= last:
        days = [monday + n * DAY for n in range(7)]
        yield tuple(
            Day(on=day, weekday=name, entries=tuple(on.get(day, ()))) for day, name in zip(days, weekdays, strict=True)
        )
        monday += 7 * DAY


def _moved(row: PreviewRow, language: str) -> str:
    key = f"preview.moved_{str(row.moved_because).replace('-', '_')}"
    meant = row.meant or row.local
    shown = f"{meant:%H:%M}" if meant.date() == row.local.date() else f"{meant:%Y-%m-%d %H:%M}"
    return say(language, key, slot=row.slot, day=row.local.date(), meant=shown, at=f"{row.local:%H:%M}")


def _clocks(language: str, day: date, by: timedelta) -> str:
    key = "preview.clocks_forward" if by > timedelta(0) else "preview.clocks_back"
    return say(language, key, day=day, by=format_duration(abs(by)))


def _quiet(protocol: Protocol, language: str) -> str:
    if protocol.quiet_hours is None:
        return say(language, "preview.no_quiet")
    start, end = format_hours(protocol.quiet_hours)
    return say(language, "preview.quiet", start=start, end=end)
