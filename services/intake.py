"""Takes updates in: stored before they are confirmed, screened before all else, one transaction each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from rules.screening import screen
from services import heeding
from services.clinic import Clinic
from services.turn import Incoming, Turn
from store import audit, failpoints, heartbeats, inbox, locks, patients, staff
from store.errors import UnreachableDatabase
from store.inbox import Received, Waiting

__all__ = [
    "Received",
    "UnreachableDatabase",
    "Waiting",
    "bury",
    "handle",
    "lay_aside",
    "only_poller",
    "receive",
    "try_again",
    "waiting",
]

Route = Callable[[Turn], Awaitable[None]]
ATTEMPTS = 4  # within seven seconds: what stands behind it in its chat is not screened before
FIRST_WAIT = timedelta(seconds=1)
CODE_LENGTH = 16
FOR_PATIENTS = {"start", "help", "now", "mood", "time", "timezone", "language", "plan", "pause", "resume", "stop"}
FOR_STAFF = {"enrol", "infusion", "today", "oncall", "alerts", "digest", "caseload", "drill"}
MENU = frozenset(FOR_PATIENTS | FOR_STAFF)


def only_poller(clinic: Clinic, bot: str) -> AbstractAsyncContextManager[locks.StillHeld]:
    """Wait until no other process polls a bot, and keep others from it; raises UnreachableDatabase."""
    return locks.sole_holder(clinic.database, f"poller:{bot}")


async def receive(clinic: Clinic, batch: Sequence[Received], now: datetime) -> int:
    """Commit a batch of raw updates; only then may the poll confirm them. Returns how many were new."""
    if batch:
        failpoints.reached("after-getupdates")
    async with clinic.database.transaction() as tx:
        await heartbeats.beat(tx, heartbeats.POLL, now)
        new = await inbox.add(tx, batch, now)
    if batch:
        failpoints.reached("after-inbox-commit")
    return new


async def waiting(clinic: Clinic, now: datetime, limit: int = 500) -> list[Waiting]:
    """What is still to be handled, the oldest of every chat first."""
    async with clinic.database.reading() as tx:
        return await inbox.waiting(tx, now, limit)


async def handle(clinic: Clinic, row: Waiting, incoming: Incoming, route: Route, now: datetime) -> Turn | None:
    """Handle one update: screening, alert, answer, page, reply and the row's completion commit together or not at all.

    None when another process has handled it already.
    """
    screenings = tuple(screen(text, clinic.screening) for text in to_screen(incoming))
    async with clinic.database.transaction() as tx:
        await tx.lock(f"chat:{incoming.user_id or incoming.chat_id}")
        if not await inbox.take(tx, row.id, now):
            return None
        patient = await patients.by_user(tx, incoming.user_id) if incoming.user_id else None
        member = await staff.by_user(tx, incoming.user_id) if incoming.user_id else None
        turn = Turn(clinic=clinic, tx=tx, now=now, incoming=incoming, inbox_id=row.id, patient=patient, member=member)
        turn.screenings = screenings
        await heeding.heed(turn)
        if patient is None or not patient.synthetic:  # who is no person is answered nothing
            await route(turn)
    if "page" in tx.wakes:
        failpoints.reached("alert-committed")
    return turn


def to_screen(incoming: Incoming) -> list[str]:
    """The texts to screen: all of them, but not the code of a link, nor a bare command out of Telegram's menu."""
    return [text for text in incoming.texts if not _is_link(text) and not _is_menu(text)]


def _is_link(text: str) -> bool:
    command, _, payload = text.partition(" ")
    plain = payload.replace("-", "").replace("_", "")
    return command.startswith("/start") and len(payload) >= CODE_LENGTH and plain.isascii() and plain.isalnum()


def _is_menu(text: str) -> bool:
    """Whether it is no more than a command that the bot knows: "/help" says nothing about anybody."""
    return text.startswith("/") and text[1:].strip().partition("@")[0] in MENU


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
        await heeding.heed(turn)
        await inbox.fail(tx, row.id, error, now, None)
        detail = {"error": error, "update": row.update_id}
        await audit.record(
            tx, stream=audit.CLINIC_STREAM, actor="engine", action="dead-letter", subject=row.id, now=now, detail=detail
        )
        tx.wake("dead-letter")


async def bury(clinic: Clinic, row: Waiting, error: str, now: datetime) -> None:
    """Dead-letter an update of which not even the texts could be screened here: the last resort has seen them."""
    async with clinic.database.transaction() as tx:
        await inbox.fail(tx, row.id, error, now, None)
        tx.wake("dead-letter")
