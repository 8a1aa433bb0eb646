"""The day's list for whoever enrols and records: who starts, who ends, who is silent; by alias."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rules.local_time import local_day
from rules.permissions import may
from rules.silence import missed_running
from services import expiring
from services.clinic import Clinic
from services.outgoing import to_staff
from services.turn import Turn
from store import courses, outbox, patients, prompts
from store.database import Transaction

DAY = timedelta(days=1)  # a course ends when its last prompt is over, mostly in the night
SILENT = 1  # prompts missed running, from which somebody is on the list
LOOK_BACK = expiring.LOOK_BACK


async def show(turn: Turn) -> None:
    """/today."""
    if turn.member is None:
        return
    allowed = may(turn.member.role, "caseload")
    params: Mapping[str, Any] = await of_day(turn.clinic, turn.tx, turn.now) if allowed else {}
    await outbox.queue(turn.tx, [to_staff(turn.member, "reply", "today" if allowed else "no-role", **params)], turn.now)


async def of_day(clinic: Clinic, tx: Transaction, now: datetime) -> dict[str, Any]:
    """{on, starts: [{patient, at, linked, agreed}], ends: [{patient, at}], silent: [{patient, missed}], consent}.

    The clinic's day, and of the next 24 hours what ends; `consent` has who agreed to an older version only.
    """
    today = local_day(now, clinic.timezone)
    running = await courses.active(tx)
    last: dict[str, courses.Course] = {course.patient_id: course for course in running}  # of a series the last ends
    people = await patients.of(tx, {course.patient_id for course in running})
    asked = await prompts.asked_of(tx, people.keys(), now - LOOK_BACK)
    older = await patients.still_to_agree(tx, clinic.consent_version, people.keys())
    missed = {each: missed_running(expiring.prompts_of(rows)) for each, rows in asked.items()}
    return {
        "on": today.isoformat(),
        "starts": [
            {
                "patient": people[course.patient_id].alias,
                "at": course.infusion_at.isoformat(),
                "linked": people[course.patient_id].chat_id is not None,
                "agreed": people[course.patient_id].state not in ("enrolled", "linked"),
            }
            for course in running
            if local_day(course.infusion_at, clinic.timezone) == today
        ],
        "ends": [
            {"patient": people[course.patient_id].alias, "at": course.ends_at.isoformat()}
            for course in last.values()
            if course.ends_at <= now + DAY
        ],
        "silent": sorted(
            ({"patient": people[each].alias, "missed": count} for each, count in missed.items() if count >= SILENT),
            key=lambda line: (-line["missed"], line["patient"]),
        ),
        "consent": [people[each].alias for each in sorted(older, key=lambda each: people[each].number)],
    }
