"""Downtime: how long nothing was running, what that means for what people wrote, and who is told."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from rules.permissions import may
from rules.prompting import Outage
from services.clinic import Clinic
from services.outgoing import to_staff
from store import audit, courses, heartbeats, outbox, patients, staff
from store.database import Transaction
from store.set_back import set_back

log = logging.getLogger(__name__)

TICK, FROM, TO = "tick", "outage-from", "outage-to"
SHOWN = 200  # aliases in one message


async def note(clinic: Clinic, now: datetime) -> Outage | None:
    """Called at the start, and when the engine wakes from a sleep: remembers the time in which nothing was running.

    After more than a day clinicians are paged with the patients whose answers Telegram may have dropped.
    """
    async with clinic.database.transaction() as tx:
        last_at = await heed_clock(tx, now)
        await heartbeats.beat(tx, TICK, now)
        if last_at is None:
            return None
        outage = Outage(from_at=last_at, to_at=now)
        if not outage.counts:
            return None
        await heartbeats.beat(tx, FROM, outage.from_at)
        await heartbeats.beat(tx, TO, outage.to_at)
        await _write(tx, outage, now)
        if outage.loses_updates:
            await _page(tx, outage, now)
        return outage


async def heed_clock(tx: Transaction, now: datetime) -> datetime | None:
    """When the tick last ran. Ahead of `now` the clock was set back: then nothing waits for it to catch up."""
    beats = await heartbeats.last(tx)
    last_at, heard_at = beats.get(TICK), beats.get(heartbeats.POLL)
    if last_at is not None and last_at - now >= heartbeats.SET_BACK:
        log.error("the clock was set back", extra={"action": "clock-set-back"})
        await set_back(tx, last_at - now, now)
        if heard_at is not None and heard_at > now:  # or Telegram would pass for silent until the next poll
            await heartbeats.beat(tx, heartbeats.POLL, now)
    return last_at


async def last(tx: Transaction) -> Outage | None:
    """The last outage that was noted."""
    beats = await heartbeats.last(tx)
    return Outage(from_at=beats[FROM], to_at=beats[TO]) if FROM in beats and TO in beats else None


async def _write(tx: Transaction, outage: Outage, now: datetime) -> None:
    detail = {"from": outage.from_at.isoformat(), "to": outage.to_at.isoformat()}
    await audit.record(
        tx, stream=audit.CLINIC_STREAM, actor="engine", action="downtime", subject="engine", now=now, detail=detail
    )


async def _page(tx: Transaction, outage: Outage, now: datetime) -> None:
    ids = {course.patient_id for course in await courses.active(tx) if course.starts_at < outage.to_at}
    aliases = sorted(patient.alias for patient in (await patients.of(tx, ids)).values())
    if not aliases:
        return
    figures: dict[str, Any] = {
        "from": outage.from_at.isoformat(),
        "to": outage.to_at.isoformat(),
        "count": len(aliases),
        "patients": listed(aliases),
    }
    drafts = [
        to_staff(member, "page", "lost-updates", **figures)
        for member in await staff.every(tx)
        if member.reachable and may(member.role, "acknowledge-alert")
    ]
    await outbox.queue(tx, drafts, now)


def listed(aliases: list[str]) -> str:
    """The aliases in a line, the first of very many."""
    shown = ", ".join(aliases[:SHOWN])
    return shown if len(aliases) <= SHOWN else f"{shown}, …"
