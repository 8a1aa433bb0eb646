"""Calendars: repetitions, zones and both edges of summer time read as they are meant; whom an event names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from rules.local_time import to_local
from services import calendars, rota
from services.calendars import Event
from services.clinic import Clinic
from services.errors import Refused
from store import rota as shifts
from tests.builders import add_member

MADRID, DAY = "Europe/Madrid", timedelta(days=1)
FROM, TO = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def ics(*events: str) -> str:
    inner = "\n".join(f"BEGIN:VEVENT\n{each}\nEND:VEVENT" for each in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{inner}\nEND:VCALENDAR\n".replace("\n", "\r\n")


def event(summary: str, from_at: datetime, days: int = 1) -> Event:
    return Event(summary=summary, from_at=from_at, to_at=from_at + days * DAY)


def test_a_weekly_event_hands_over_at_the_same_wall_time_over_both_edges() -> None:
    weekly = (
        "UID:1\nSUMMARY:S-1\nDTSTART;TZID=Europe/Madrid:20260302T080000\n"
        "DTEND;TZID=Europe/Madrid:20260309T080000\nRRULE:FREQ=WEEKLY;COUNT=39"
    )
    events = calendars.read(ics(weekly), MADRID, FROM, TO)
    assert len(events) == 39
    assert {to_local(each.from_at, MADRID).strftime("%a %H:%M") for each in events} == {"Mon 08:00"}
    assert all(one.to_at == two.from_at for one, two in pairwise(events))
    lengths = {(each.to_at - each.from_at) // timedelta(hours=1) for each in events}
    assert lengths == {167, 168, 169}


def test_whole_days_and_floating_times_are_those_of_the_clinic() -> None:
    day = "UID:1\nSUMMARY:a\nDTSTART;VALUE=DATE:20260401\nDTEND;VALUE=DATE:20260402"
    floating = "UID:2\nSUMMARY:b\nDTSTART:20260403T080000\nDTEND:20260403T200000"
    first, second = calendars.read(ics(day, floating), MADRID, FROM, TO)
    assert (first.from_at, first.to_at) == (datetime(2026, 3, 31, 22, tzinfo=UTC), datetime(2026, 4, 1, 22, tzinfo=UTC))
    assert second.from_at == datetime(2026, 4, 3, 6, tzinfo=UTC)


def test_moved_and_cancelled_repetitions_are_as_the_calendar_says() -> None:
    daily = "UID:1\nSUMMARY:S-1\nDTSTART:20260401T080000Z\nDTEND:20260401T090000Z\nRRULE:FREQ=DAILY;COUNT=3"
    moved = "UID:1\nSUMMARY:S-2\nRECURRENCE-ID:20260402T080000Z\nDTSTART:20260402T100000Z\nDTEND:20260402T110000Z"
    off = "UID:1\nSUMMARY:S-1\nRECURRENCE-ID:20260403T080000Z\nDTSTART:20260403T080000Z\nSTATUS:CANCELLED"
    events = calendars.read(ics(daily, moved, off), MADRID, FROM, TO)
    assert [(each.summary, each.from_at.day, each.from_at.hour) for each in events] == [("S-1", 1, 8), ("S-2", 2, 10)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        ics("UID:1\nSUMMARY:no start"),
        ics("UID:1\nSUMMARY:x\nDTSTART:yesterday"),
        ics("UID:1\nSUMMARY:x\nDTSTART:20260401T080000Z\nRRULE:FREQ=BANANA"),
    ],
)
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no iCalendar file"):
        calendars.read(text, MADRID, FROM, TO)


def test_a_time_in_an_unknown_zone_is_refused_rather_than_read_hours_off() -> None:
    odd = "UID:1\nSUMMARY:S-1\nDTSTART;TZID=Nowhere/Land:20260401T080000\nDTEND;TZID=Nowhere/Land:20260401T090000"
    with pytest.raises(Refused, match="Nowhere/Land"):
        calendars.read(ics(odd), MADRID, FROM, TO)


async def imported(clinic: Clinic, now: datetime, *events: Event, skip: bool = False) -> calendars.Imported:
    async with clinic.database.transaction() as tx:
        return await calendars.take_over(
            tx, events, calendar="imported", level="primary", member=None, skip=skip, actor="cli", now=now
        )


async def test_an_event_names_its_person_by_alias_or_by_the_longest_name(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        one = await add_member(clinic, tx, now, name="Clinician One")
        other = await add_member(clinic, tx, now, name="Clinician One of the night")
    await imported(
        clinic,
        now,
        event("on call: s-1", now),
        event("clinician one of the NIGHT (Backup)", now),
        event("Clinician One", now + DAY),
    )
    async with clinic.database.reading() as tx:
        found = {(each.staff_id, each.level, each.from_at) for each in await shifts.between(tx, now, now + 9 * DAY)}
    assert found == {(one.id, "primary", now), (other.id, "backup", now), (one.id, "primary", now + DAY)}


@pytest.mark.parametrize("summary", ["Team meeting", "S-1 and S-2", "S-9", ""])
async def test_an_event_that_names_nobody_or_two_is_refused_or_left_out(
    clinic: Clinic, now: datetime, summary: str
) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, name="Clinician One")
        await add_member(clinic, tx, now, name="Clinician Two")
    both = (event("S-1", now), event(summary, now))
    with pytest.raises(Refused, match="names nobody"):
        await imported(clinic, now, *both)
    done = await imported(clinic, now, *both, skip=True)
    assert (done.added, done.skipped) == (1, (summary,))


async def test_importing_again_changes_only_what_differs(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, name="Clinician One")
        by_hand = await rota.add(
            tx, member, level="backup", from_at=now, to_at=now + DAY, override=False, actor="cli", now=now
        )
    first = (event("S-1", now), event("S-1", now + DAY))
    assert (await imported(clinic, now, *first)).added == 2
    again = await imported(clinic, now, *first)
    assert (again.added, again.removed, again.kept) == (0, 0, 2)
    moved = await imported(clinic, now, first[0], event("S-1", now + 2 * DAY))
    assert (moved.added, moved.removed, moved.kept) == (1, 1, 1)
    async with clinic.database.reading() as tx:
        assert by_hand in [each.id for each in await shifts.between(tx, now, now + DAY)]


async def test_an_empty_calendar_takes_nobody_off_the_rota(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, name="Clinician One")
    await imported(clinic, now, event("S-1", now))
    with pytest.raises(Refused, match="nothing is changed"):
        await imported(clinic, now)
    async with clinic.database.reading() as tx:
        assert len(await shifts.between(tx, now, now + DAY)) == 1


async def test_a_coordinator_in_a_calendar_is_refused(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, name="Front Desk", role="coordinator")
    with pytest.raises(Refused, match="cannot take an alert"):
        await imported(clinic, now, event("Front Desk", now))


async def test_what_is_written_reads_back_as_it_was_and_holds_no_name(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, on_call="primary", days=3)
        own = await calendars.own_shifts(tx, member, now, now + 30 * DAY)
    text = calendars.write(clinic, member, own, now)
    (back,) = calendars.read(text, MADRID, now, now + 30 * DAY)
    assert (back.from_at, back.to_at) == (now, now + 3 * DAY)
    assert "primary" in back.summary
    assert member.name not in text
    assert text == calendars.write(clinic, member, own, now)
