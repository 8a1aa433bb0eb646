"""The opening list: when the clinic opens, whoever is in charge is told which alerts wait."""

from __future__ import annotations

from datetime import datetime

from services import oncall, worklists
from services.clinic import Clinic
from services.outgoing import to_staff
from store import heartbeats, outbox
from store.database import Transaction

BEAT = "opening"


async def tell_due(clinic: Clinic, now: datetime) -> None:
    """Once each opening: tell whoever is in charge what is open; nothing when nothing is.

    As long as nobody can be told it stays due.
    """
    async with clinic.database.reading() as tx:
        if not await _is_due(clinic, tx, now):
            return
    async with clinic.database.transaction() as tx:
        await tx.lock(BEAT)
        people = await oncall.in_charge(tx, now)
        if not people or not await _is_due(clinic, tx, now):
            return
        await heartbeats.beat(tx, BEAT, now)
        lines = await worklists.alert_lines(tx)
        if lines:
            await outbox.queue(tx, [to_staff(member, "reply", "opening", alerts=lines) for member in people], now)


def due_after(clinic: Clinic, after: datetime) -> datetime | None:
    """When the clinic opens next."""
    return clinic.hours.next_at(clinic.hours.hours.start, after)


async def _is_due(clinic: Clinic, tx: Transaction, now: datetime) -> bool:
    told_at = (await heartbeats.last(tx)).get(BEAT)
    opened_at = clinic.hours.last_at(clinic.hours.hours.start, now)
    return clinic.hours.is_open(now) and opened_at is not None and (told_at is None or told_at < opened_at)
