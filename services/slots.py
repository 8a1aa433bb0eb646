"""One patient's plan as staff change it: a check-in skipped or moved, a course that goes on for longer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.local_time import in_words, local_day, next_allowed
from rules.protocol import Protocol
from rules.schedule import STAFF, last_mood_day, place
from services import protocols, scheduling
from services.errors import Refused
from store import audit, checkins, courses
from store.checkins import Checkin
from store.courses import Course
from store.database import Transaction
from store.patients import Patient

LONGEST_EXTENSION = 90
NAMED = 5  # of many dates so many are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """A course that goes on for longer, and the last local day of its daily mood."""

    course: Course
    last_on: date


async def find(tx: Transaction, patient: Patient, name: str, on: date | None) -> Checkin:
    """The patient's check-in of an id, or of a slot's name and, where that is asked on several days, the date there.

    Raises Refused for one that was asked already, is skipped, or is not the only one.
    """
    ahead = [
        row
        for row in await checkins.of_patient(tx, patient.id)
        if row.course_id is not None and row.state == "scheduled" and row.queued_at is None
    ]
    named = [row for row in ahead if name in (row.id, row.slot)]
    found = [row for row in named if name == row.id or on in (None, day_of(patient, row))]
    if len(found) == 1:
        return found[0]
    if found:
        raise _several(patient, name, found)
    if named:
        days = _listed(day_of(patient, row) for row in named)
        raise Refused(f"{patient.alias} has no {name} on {on} that can be changed.", f"{name} is ahead on: {days}")
    known = ", ".join(dict.fromkeys(row.slot for row in ahead)) or "nothing any more"
    raise Refused(f"{patient.alias} has no {name} ahead that can be changed.", f"ahead is: {known}")


def day_of(patient: Patient, row: Checkin) -> date:
    """The patient's date on which a check-in is due, wherever they are now."""
    return local_day(row.due_at, patient.timezone)


def _several(patient: Patient, name: str, found: Sequence[Checkin]) -> Refused:
    sentence = f"{patient.alias} is to be asked {name} {len(found)} times."
    days = dict.fromkeys(day_of(patient, row) for row in found)
    if len(days) > 1:
        return Refused(sentence, f"say which with --on: {_listed(days)}")
    ids = ", ".join(row.id for row in found)
    return Refused(sentence, f"all on {found[0].local_on}, so name one by its id: {ids}")


def _listed(days: Iterable[date]) -> str:
    """A handful of dates, and how many more there are."""
    every = [day.isoformat() for day in days]
    more = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return f"{', '.join(every[:NAMED])}{more}"


async def skip(tx: Transaction, patient: Patient, row: Checkin, *, actor: str, now: datetime) -> None:
    """Do not ask a check-in; nothing asks it later in its stead. Raises Refused."""
    if not await checkins.change_unasked(tx, row.id, state="cancelled", cancelled_because=STAFF):
        raise _asked_meanwhile(patient)
    await _note(tx, patient, "slot-skipped", actor, now, {"checkin": row.id, "key": row.key})


async def move(tx: Transaction, patient: Patient, row: Checkin, *, to: datetime, actor: str, now: datetime) -> datetime:
    """Ask a check-in at another instant, and let it stand there whatever else moves; returns when it expires.

    Raises Refused for what has been, for quiet hours, and for a day that has a daily mood already.
    """
    protocol, course = await _stands_on(tx, patient, row)
    rows = await checkins.of_patient(tx, patient.id)
    _refuse_nonsense(patient, row, to, protocol, course, now)
    _refuse_second_mood(patient, row, to, rows)
    following = [each.due_at for each in rows if each.slot == row.slot and each.due_at > to and each.id != row.id]
    placed = place(
        scheduling.existing_slot(row),
        to,
        zone=patient.timezone,
        quiet=protocol.quiet_hours,
        following=min(following, default=None),
    )
    changed = await checkins.change_unasked(
        tx,
        row.id,
        pinned=True,
        moved_because=STAFF,
        day=(placed.local.date() - course.infusion_on).days,
        local_at=placed.local.strftime("%Y-%m-%dT%H:%M"),
        due_at=placed.due_at,
        remind_at=placed.remind_at,
        expires_at=placed.expires_at,
    )
    if not changed:
        raise _asked_meanwhile(patient)
    await scheduling.reschedule(tx, patient, now)  # the course may end later by it
    await _note(tx, patient, "slot-moved", actor, now, {"checkin": row.id, "key": row.key, "to": to.isoformat()})
    return placed.expires_at


async def extend(tx: Transaction, patient: Patient, *, days: int, actor: str, now: datetime) -> Extended:
    """Let the daily mood of the patient's newest course go on for so many days more. Raises Refused."""
    standing = await courses.active_of(tx, patient.id)
    if not standing:
        raise Refused(f"{patient.alias} is in no course.", "record the next infusion with `fortnight infusion record`")
    course, protocol = standing[-1], await protocols.of_course(tx, standing[-1])
    total = course.extra_days + days
    if days < 1 or total > LONGEST_EXTENSION:
        most = LONGEST_EXTENSION - course.extra_days
        mend = f"give 1 to {most}" if most else f"it goes on for {LONGEST_EXTENSION} more already"
        raise Refused(f"The daily mood cannot go on for so many days more: {days}.", mend)
    last = last_mood_day(protocol, total)
    if last is None or last == last_mood_day(protocol, course.extra_days):
        raise Refused(f"{protocol.id} asks no row of daily moods that could go on.", "publish a longer protocol")
    await courses.extend(tx, course, total)
    await scheduling.reschedule(tx, patient, now)
    await _note(tx, patient, "course-extended", actor, now, {"course": course.id, "days": days})
    extended = (await courses.active_of(tx, patient.id))[-1]
    return Extended(course=extended, last_on=extended.infusion_on + timedelta(days=last))


async def _stands_on(tx: Transaction, patient: Patient, row: Checkin) -> tuple[Protocol, Course]:
    course = next(each for each in await courses.of_patient(tx, patient.id) if each.id == row.course_id)
    return await protocols.of_course(tx, course), course


def _refuse_nonsense(
    patient: Patient, row: Checkin, to: datetime, protocol: Protocol, course: Course, now: datetime
) -> None:
    if to <= now:
        raise Refused("That instant has been.", "give one to come, or `fortnight patient slot skip`")
    if to > course.ends_at + timedelta(days=LONGEST_EXTENSION):
        raise Refused(f"That is more than {LONGEST_EXTENSION} days after the course has ended.", "look at the year")
    if (row.due_at < course.infusion_at) != (to < course.infusion_at):
        side = "before" if row.due_at < course.infusion_at else "after"
        raise Refused(
            f"{row.slot} belongs {side} the infusion.",
            f"give an instant {side} {in_words(course.infusion_at, patient.timezone)}",
        )
    allowed_at = next_allowed(to, patient.timezone, protocol.quiet_hours)
    if allowed_at != to:
        mend = f"the next allowed time is {in_words(allowed_at, patient.timezone)}"
        raise Refused(f"That is in the quiet hours of {patient.alias}.", mend)


def _refuse_second_mood(patient: Patient, row: Checkin, to: datetime, rows: list[Checkin]) -> None:
    day = local_day(to, patient.timezone)
    others = [each for each in rows if each.in_mood_stream and each.id != row.id and each.state != "cancelled"]
    if row.in_mood_stream and any(each.local_on == day for each in others):
        raise Refused(f"{patient.alias} has a daily mood on {day} already.", "skip that one first, or stay on the day")


def _asked_meanwhile(patient: Patient) -> Refused:
    return Refused(f"{patient.alias} has just been asked that.", "see `fortnight patient show`")


async def _note(
    tx: Transaction, patient: Patient, action: str, actor: str, now: datetime, detail: dict[str, object]
) -> None:
    stream = audit.stream_of(patient.id)
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=patient.alias, now=now, detail=detail)
