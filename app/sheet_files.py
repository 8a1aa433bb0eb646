"""The sheet of a preview as files: a page to print, and events for a calendar program."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Calendar, Event

from app.sheet import Sheet
from content.messages import say
from content.pages import page

SHORT = timedelta(minutes=15)


def as_html(shown: Sheet) -> str:
    """The sheet as a page that needs nothing else, to look at or to print."""
    weeks = [(say(shown.language, "preview.week", day=days[0].on), days) for days in shown.weeks]
    return page("preview", sheet=shown, weeks=weeks)


def as_ical(shown: Sheet, now: datetime) -> str:
    """The sheet as an iCalendar file: an event for each time at which something is asked, and for each infusion."""
    calendar = Calendar()
    calendar.add("prodid", "-//Fortnight//preview//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", shown.title)
    entries = [entry for week in shown.weeks for day in week for entry in day.entries]
    for place, entry in enumerate(entries):
        event, slots = Event(), ", ".join(entry.slots)
        event.add("uid", f"{shown.key}-{entry.due_at:%Y%m%dT%H%M%SZ}-{place}@fortnight")
        event.add("summary", say(shown.language, "preview.event", slots=slots) if entry.titles else slots)
        event.add("dtstamp", now)
        event.add("dtstart", entry.due_at)
        event.add("dtend", entry.due_at + SHORT)
        about = [", ".join(entry.titles), *(shown.notes[number - 1] for number in entry.notes)]
        event.add("description", "\n".join(line for line in about if line))
        calendar.add_component(event)
    return str(calendar.to_ical().decode())
