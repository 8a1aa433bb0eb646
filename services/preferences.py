"""A person's own settings, a patient's above all, each said back in their words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time

from rules.forms import LANGUAGES
from rules.local_time import nearest_allowed, zone_named
from rules.protocol import Protocol
from services import charts, protocols, scheduling
from services.outgoing import to_patient, to_staff
from services.turn import Turn
from store import audit, courses, outbox, patients, staff
from store.patients import Patient

_TIME = re.compile(r"(\d{1,2})(?:[:.h]\s?(\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE | re.ASCII)
LONGEST_PLAN = 3000


async def show(turn: Turn, kind: str) -> None:
    """A sentence, or a choice, to the patient."""
    if turn.patient is not None:
        await outbox.queue(turn.tx, [to_patient(turn.patient, "reply", kind)], turn.now)


async def show_mood(turn: Turn) -> None:
    """The mood chart with the infusions marked."""
    if turn.patient is None:
        return
    figures = await charts.mood(turn.tx, turn.patient)
    await outbox.queue(turn.tx, [to_patient(turn.patient, "reply", "chart", **figures)], turn.now)


async def pause(turn: Turn) -> None:
    """No prompts until the patient resumes; safety messages go on."""
    if turn.patient is None or turn.patient.state != "consented":
        await show(turn, "pause-needs-course")
        return
    await patients.change(turn.tx, turn.patient.id, state="paused")
    await _note(turn, "paused")
    await show(turn, "paused")


async def resume(turn: Turn) -> None:
    """Prompts again: what fell due during the pause is laid aside, not fired at once."""
    patient = turn.patient
    if patient is None:
        return
    if patient.state in ("linked", "ended"):  # a new consent is needed: the old one was never given, or taken back
        await show(turn, "consent")
        return
    if patient.state == "paused":
        await patients.change(turn.tx, patient.id, state="consented")
        await scheduling.skip_what_a_pause_swallowed(turn.tx, patient, turn.now)
        await scheduling.reschedule(turn.tx, patient, turn.now)
        await _note(turn, "resumed")
    await show(turn, "resumed")


async def set_time(turn: Turn, text: str) -> None:
    """The wall time of the daily prompt; inside quiet hours it is refused with the nearest allowed one."""
    patient, wall = turn.patient, read_time(text)
    if patient is None:
        return
    if wall is None:
        await show(turn, "time-unclear")
        return
    protocol = await _protocol(turn, patient)
    nearest = nearest_allowed(wall, protocol.quiet_hours)
    if nearest != wall:
        await outbox.queue(turn.tx, [to_patient(patient, "reply", "time-quiet", time=f"{nearest:%H:%M}")], turn.now)
        return
    await patients.change(turn.tx, patient.id, preferred=f"{wall:%H:%M}")
    await _reschedule(turn)
    await outbox.queue(turn.tx, [to_patient(patient, "reply", "time-set", time=f"{wall:%H:%M}")], turn.now)


async def set_timezone(turn: Turn, name: str) -> None:
    """The patient's zone: future prompts move, none is skipped or asked twice."""
    patient = turn.patient
    if patient is None:
        return
    zone = zone_named(name)
    if zone is None:
        await show(turn, "timezone-unclear")
        return
    await patients.change(turn.tx, patient.id, timezone=zone)
    await _reschedule(turn)
    draft = to_patient(patient, "reply", "timezone-set", zone=zone.replace("_", " "))
    await outbox.queue(turn.tx, [draft], turn.now)


async def set_language(turn: Turn, name: str) -> None:
    """English or Spanish."""
    if turn.patient is None:
        return
    language = LANGUAGES.get(name.strip().lower())
    if language is None:
        await show(turn, "language-ask")
        return
    await patients.change(turn.tx, turn.patient.id, language=language)
    turn.patient = await patients.get(turn.tx, turn.patient.id)
    await show(turn, "language-set")


async def set_own_language(turn: Turn, name: str) -> None:
    """The same for a staff member; without a language that we know they are asked which."""
    member, language = turn.member, LANGUAGES.get(name.strip().lower())
    if member is None:
        return
    if language is not None:
        await staff.change(turn.tx, member.id, language=language)
        await audit.record(
            turn.tx,
            stream=audit.CLINIC_STREAM,
            actor=f"staff:{member.id}",
            action="staff-language",
            subject=member.alias,
            now=turn.now,
            detail={"language": language},
        )
        turn.member = replace(member, language=language)
    kind = "language-set" if language else "language-ask"
    await outbox.queue(turn.tx, [to_staff(turn.member or member, "reply", kind, role=member.role)], turn.now)


async def write_plan(turn: Turn, plan: str) -> None:
    """Keep the patient's own safety plan, to show it with every crisis reply."""
    if turn.patient is None:
        return
    await patients.write_plan(turn.tx, turn.patient.id, plan[:LONGEST_PLAN])
    await _note(turn, "plan-written")
    await show(turn, "plan-saved")


async def show_plan(turn: Turn) -> None:
    """Show the patient their own safety plan."""
    if turn.patient is None:
        return
    plan = await patients.plan_of(turn.tx, turn.patient.id)
    if plan is None:
        await show(turn, "plan-none")
        return
    await outbox.queue(turn.tx, [to_patient(turn.patient, "reply", "plan-shown", plan=plan)], turn.now)


def read_time(text: str) -> time | None:
    """A time of day as people type it: "9:30", "9.30", "9", "7pm"; none when it is no time."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return time(hour, minute) if hour < 24 and minute < 60 else None


async def _protocol(turn: Turn, patient: Patient) -> Protocol:
    standing = await courses.active_of(turn.tx, patient.id)
    if standing:
        return await protocols.of_course(turn.tx, standing[-1])
    return turn.clinic.protocols.get(None)


async def _reschedule(turn: Turn) -> None:
    assert turn.patient is not None  # noqa: S101 - the callers looked
    turn.patient = await patients.get(turn.tx, turn.patient.id)
    assert turn.patient is not None  # noqa: S101 - it was there a line ago
    await scheduling.reschedule(turn.tx, turn.patient, turn.now)
    await _note(turn, "schedule-changed")


async def _note(turn: Turn, action: str) -> None:
    assert turn.patient is not None  # noqa: S101 - the callers looked
    await audit.record(
        turn.tx,
        stream=audit.stream_of(turn.patient.id),
        actor=f"patient:{turn.patient.id}",
        action=action,
        subject=turn.patient.alias,
        now=turn.now,
    )
