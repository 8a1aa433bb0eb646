"""Takes updates in: stored before they are confirmed, screened before anything else, handled in one transaction each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from rules.screening import screen
from services import safety
from services.clinic import Clinic
from services.turn import Incoming, Turn
from store import audit, heartbeats, inbox, patients, staff
from store.inbox import Received, Waiting

__all__ = ["Received", "Waiting", "handle", "lay_aside", "receive", "try_again", "waiting"]

Route = Callable[[Turn], Awaitable[None]]
ATTEMPTS = 6
FIRST_WAIT = timedelta(seconds=1)
CODE_LENGTH = 16


async def receive(clinic: Clinic, batch: Sequence[Received], now: datetime) -> int:
    """Commit a batch of raw updates; only then may the poll confirm them. Returns how many were new."""
    async with clinic.database.transaction() as tx:
        await heartbeats.beat(tx, "poll", now)
        return await inbox.add(tx, batch, now)


async def waiting(clinic: Clinic, now: datetime, limit: int = 500) -> list[Waiting]:
    """What is still to be handled, oldest first."""
    async with clinic.database.reading() as tx:
        return await inbox.waiting(tx, now, limit)


async def handle(clinic: Clinic, row: Waiting, incoming: Incoming, route: Route, now: datetime) -> Turn | None:
    """Handle one update: screening, alert, answer, page, reply and the row's completion commit together or not at all.

    None when another process has handled it already.
    """
    async with clinic.database.transaction() as tx:
        await tx.lock(f"chat:{incoming.user_id or incoming.chat_id}")
        if not await inbox.take(tx, row.id, now):
            return None
        patient = await patients.by_user(tx, incoming.user_id) if incoming.user_id else None
        member = await staff.by_user(tx, incoming.user_id) if incoming.user_id else None
        turn = Turn(
            clinic=clinic, tx=tx, now=now, incoming=incoming, inbox_id=row.id, patient=patient, member=member
        )
        turn.screenings = tuple(screen(text, clinic.screening) for text in to_screen(incoming))
        await safety.heed(turn)
        await route(turn)
    return turn


def to_screen(incoming: Incoming) -> list[str]:
    """The texts to screen: all of them, but not the code of a link."""
    return [text for text in incoming.texts if not _is_link(text)]


def _is_link(text: str) -> bool:
    command, _, payload = text.partition(" ")
    plain = payload.replace("-", "").replace("_", "")
    return command.startswith("/start") and len(payload) >= CODE_LENGTH and plain.isascii() and plain.isalnum()


async def try_again(clinic: Clinic, row: Waiting, error: str, now: datetime) -> bool:
    """Count a failed attempt; True when there will be no other and the update is to be laid aside."""
    if row.attempts + 1 >= ATTEMPTS:
        return True
    async with clinic.database.transaction() as tx:
        await inbox.fail(tx, row.id, error, now, FIRST_WAIT * 2**row.attempts)
    return False


async def lay_aside(clinic: Clinic, row: Waiting, incoming: Incoming, error: str, now: datetime) -> None:
    """Dead-letter an update that cannot be handled, and screen every text in it all the same."""
    async with clinic.database.transaction() as tx:
        patient = await patients.by_user(tx, incoming.user_id) if incoming.user_id else None
        member = await staff.by_user(tx, incoming.user_id) if incoming.user_id else None
        turn = Turn(
            clinic=clinic,
            tx=tx,
            now=now,
            incoming=replace(incoming, kind="other"),
            inbox_id=row.id,
            patient=patient,
            member=member,
        )
        turn.screenings = tuple(screen(text, clinic.screening) for text in to_screen(incoming))
        await safety.heed(turn)
        await inbox.fail(tx, row.id, error, now, None)
        detail = {"error": error, "update": row.update_id}
        await audit.record(
            tx, stream=audit.CLINIC_STREAM, actor="engine", action="dead-letter", subject=row.id, now=now, detail=detail
        )
        tx.wake("dead-letter")
