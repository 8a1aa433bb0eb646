"""What the rows need when the clock was set back: that nothing urgent waits until the time comes round again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from store import alerts
from store.database import Transaction
from store.schema import checkin, inbox, outbox

URGENT = ("page", "crisis", "reply")
LEASE = timedelta(seconds=60)  # within so long what a dead process held is taken up, whatever the clock does
UNSETTLED = ("waiting", "sending")


async def set_back(tx: Transaction, by: timedelta, now: datetime) -> None:
    """Let everything be looked at now that was to be tried again or looked at later; silences count on from now."""
    await alerts.look_again(tx, now)  # the ladder moves its own instants
    unsettled = outbox.c.state.in_(UNSETTLED)
    late = (unsettled, outbox.c.lane.in_(URGENT), outbox.c.due_at > now)
    await tx.execute(update(outbox).where(*late).values(due_at=now))
    await tx.execute(
        update(outbox).where(unsettled, outbox.c.leased_until > now + LEASE).values(leased_until=now + LEASE)
    )
    await tx.execute(update(inbox).where(inbox.c.state == "waiting", inbox.c.retry_at > now).values(retry_at=now))
    for row in await tx.rows(select(checkin).where(checkin.c.silence_at > now)):
        moved = {"silence_at": row.silence_at - by, "asked_at": row.asked_at - by if row.asked_at else None}
        await tx.execute(update(checkin).where(checkin.c.id == row.id).values(**moved))
    for topic in ("inbox", *URGENT):
        tx.wake(topic)
