"""The digest: once a clinic day all that was written reaches a clinician, and stays unread until it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from rules.digest import Entry, messages
from rules.permissions import may
from rules.tier import Tier
from services import oncall, written
from services.clinic import Clinic
from services.outgoing import to_staff
from services.turn import Said, Turn
from store import audit, digests, heartbeats, outbox
from store.database import Transaction
from store.digests import Digest
from store.outbox import Draft
from store.staff import Member

BEAT = "digest"
LONG_AGO = timedelta(days=400)
ROOM = 3600  # of the 3,900 that a message may have; the rest is its head


async def tell_due(clinic: Clinic, now: datetime) -> None:
    """At the hour of the digest: tell whoever is in charge what there is to read; nothing when there is nothing.

    As long as nobody can be told it stays due.
    """
    async with clinic.database.reading() as tx:
        if not await _is_due(clinic, tx, now) or not await oncall.in_charge(tx, now):
            return
    async with clinic.database.transaction() as tx:
        await tx.lock(BEAT)
        if not await _is_due(clinic, tx, now):
            return
        await heartbeats.beat(tx, BEAT, now)
        gathered = await digests.gather(tx, now)
        if gathered is None:
            return
        entries = await written.in_digest(tx, gathered.digest)
        for member in await oncall.in_charge(tx, now):
            await outbox.queue(tx, _told(clinic, member, gathered, entries), now)
        if clinic.digest_words:
            await written.log(tx, entries, "engine", "words-sent", now)


def due_after(clinic: Clinic, after: datetime) -> datetime | None:
    """When the next digest is due."""
    return clinic.hours.next_at(_hour(clinic), after)


async def tell_next(tx: Transaction, now: datetime) -> None:
    """Whoever was to be told cannot be reached any more: the digest is due again, for the next in line."""
    await heartbeats.beat(tx, BEAT, now - LONG_AGO)


async def show(turn: Turn) -> None:
    """`/digest`: what is unread now."""
    member = turn.member
    if member is None:
        return
    if not may(member.role, "read-digest"):
        await outbox.queue(turn.tx, [to_staff(member, "reply", "no-role")], turn.now)
        return
    gathered = await digests.gather(turn.tx, turn.now)
    if gathered is None:
        await outbox.queue(turn.tx, [to_staff(member, "reply", "digest-none")], turn.now)
        return
    entries = await written.in_digest(turn.tx, gathered.digest)
    await outbox.queue(turn.tx, _told(turn.clinic, member, gathered, entries), turn.now)
    if turn.clinic.digest_words:
        await written.log(turn.tx, entries, f"staff:{member.id}", "revealed", turn.now)


async def open_pressed(turn: Turn, digest_id: str) -> Said:
    """*Open the digest*: its words, to somebody who may read them; from now on it is read."""
    digest, member = await _pressed(turn, digest_id), turn.member
    if digest is None or member is None:
        return Said(code="refused")
    entries = await written.in_digest(turn.tx, digest)
    await written.log(turn.tx, entries, f"staff:{member.id}", "revealed", turn.now)
    await digests.opened(turn.tx, digest.id, member.id, turn.now)
    await outbox.queue(turn.tx, _words(member, entries), turn.now)
    return Said(code="digest")


async def read_pressed(turn: Turn, digest_id: str) -> Said:
    """*I have read it*, under a digest whose words came along."""
    digest, member = await _pressed(turn, digest_id), turn.member
    if digest is None or member is None:
        return Said(code="refused")
    await digests.opened(turn.tx, digest.id, member.id, turn.now)
    return Said(code="digest_read")


async def _is_due(clinic: Clinic, tx: Transaction, now: datetime) -> bool:
    told_at = (await heartbeats.last(tx)).get(BEAT)
    due_at = clinic.hours.last_at(_hour(clinic), now)
    return due_at is not None and (told_at is None or told_at < due_at)


def _hour(clinic: Clinic) -> time:
    return clinic.digest_at or clinic.hours.hours.start


async def _pressed(turn: Turn, digest_id: str) -> Digest | None:
    """The digest, if whoever pressed may read it; that somebody may not is logged."""
    await turn.tx.lock(BEAT)
    if turn.member is None or may(turn.member.role, "read-digest"):
        return await digests.get(turn.tx, digest_id)
    actor, stream = f"staff:{turn.member.id}", audit.CLINIC_STREAM
    await audit.record(turn.tx, stream=stream, actor=actor, action="reveal-refused", subject=BEAT, now=turn.now)
    return None


def _told(clinic: Clinic, member: Member, gathered: digests.Gathered, entries: Sequence[Entry]) -> list[Draft]:
    """What a clinician is told: how many; and with `digest.words_in_telegram` the words too."""
    params: dict[str, Any] = {
        "row": gathered.digest.id,
        "tiers": {tier.word: sum(entry.tier is tier for entry in entries) for tier in Tier},
        "patients": len({entry.patient for entry in entries if entry.patient}),
        "carried": gathered.before,
        "words": clinic.digest_words,
    }
    return [to_staff(member, "reply", "digest", **params), *(_words(member, entries) if clinic.digest_words else ())]


def _words(member: Member, entries: Sequence[Entry]) -> list[Draft]:
    """The words, in as many messages as they need."""
    cut = messages(entries, ROOM)
    return [
        to_staff(member, "reply", "digest-words", number=number, of=len(cut), entries=[_shown(entry) for entry in each])
        for number, each in enumerate(cut, 1)
    ]


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "patient": entry.patient,
        "at": entry.at.isoformat(),
        "tier": entry.tier.word,
        "words": entry.words,
        "reasons": list(entry.reasons),
        "goes_on": entry.goes_on,
    }
