"""A preview in the terminal: week by week, a line for each time at which something is asked."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from app.sheet import Day, Entry, Sheet
from content.messages import say


def agenda(shown: Sheet) -> Group:
    """The sheet as lines, the numbered notes about what moved below."""
    lines = [Text(shown.title, style="bold"), *(Text(head) for head in shown.heads)]
    for days in shown.weeks:
        lines.append(Text(f"\n{say(shown.language, 'preview.week', day=days[0].on)}", style="bold"))
        lines += [line for day in days for line in _lines(day)]
    notes = [Text(f"{number}. {note}") for number, note in enumerate(shown.notes, start=1)]
    return Group(*lines, *([Text("")] if notes else []), *notes)


def _lines(day: Day) -> Iterator[Text]:
    for place, entry in enumerate(day.entries):
        head = f"{day.weekday} {day.on.day:2}" if place == 0 else ""
        yield Text.assemble(f"  {head:8}", (f"{entry.at:%H:%M}  ", "bold"), *_what(entry))


def _what(entry: Entry) -> Iterator[str | tuple[str, str]]:
    slots = ", ".join(entry.slots)
    yield slots if entry.titles else (slots, "cyan")
    if entry.notes:
        yield (f"  [{', '.join(map(str, entry.notes))}]", "yellow")
