"""What time brings by itself: courses end, the engine shows that it is alive."""

from __future__ import annotations

from datetime import datetime

from services import digest, downtime, drills, opening
from services.clinic import Clinic
from store import alerts, audit, courses, heartbeats, inbox, outbox, patients, prompts


async def end_courses(clinic: Clinic, now: datetime) -> int:
    """End the courses whose window is over; alerts stay. Returns how many."""
    async with clinic.database.reading() as tx:
        if not await courses.ended(tx, now):
            return 0
    async with clinic.database.transaction() as tx:
        over = await courses.ended(tx, now)
        people = await patients.of(tx, {course.patient_id for course in over})
        for course in over:
            await courses.set_state(tx, course.id, "ended")
            patient = people[course.patient_id]
            stream, detail = audit.stream_of(patient.id), {"course": course.id}
            await audit.record(
                tx, stream=stream, actor="engine", action="course-ended", subject=patient.alias, now=now, detail=detail
            )
    return len(over)


async def beat(clinic: Clinic, now: datetime) -> None:
    """Show that the tick runs."""
    async with clinic.database.transaction() as tx:
        await downtime.heed_clock(tx, now)
        await heartbeats.beat(tx, downtime.TICK, now)


async def next_due_at(clinic: Clinic, after: datetime) -> datetime | None:
    """When anything next falls due by itself, strictly after an instant: what is due by then was done, or waits."""
    async with clinic.database.reading() as tx:
        instants = [
            await prompts.next_at(tx, after),
            await alerts.next_due_at(tx, after),
            await outbox.next_due_at(tx, after),
            await inbox.next_retry_at(tx, after),
            await courses.next_end_at(tx, after),
            digest.due_after(clinic, after),
            opening.due_after(clinic, after),
            await drills.next_due_at(clinic, tx, after),
        ]
    return min((at for at in instants if at is not None), default=None)
