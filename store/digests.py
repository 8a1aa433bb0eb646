"""The digest: which words and notes it holds, and who opened it; what nobody has opened is added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update

from rules.finding import Finding
from rules.tier import Tier
from store import answers
from store.answers import Text
from store.database import Transaction
from store.ids import new_id
from store.schema import answer, digest, finding

NEW_WORDS = (answer.c.words.is_not(None), answer.c.digest_id.is_(None))
NEW_NOTES = (finding.c.alert_id.is_(None), finding.c.digest_id.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest. Until it is opened whatever is new is added to it."""

    id: str
    made_at: datetime
    opened_at: datetime | None
    opened_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A digest with something to read, and how many texts had been in it before."""

    digest: Digest
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A finding as a digest shows it: about a patient or nobody known, on an update or on what time brought."""

    finding: Finding
    at: datetime
    patient_id: str | None
    inbox_id: str | None


async def gather(tx: Transaction, now: datetime) -> Gathered | None:
    """Put whatever is in no digest yet into the one that nobody has opened, a new one if there is none.

    None when there is nothing to read.
    """
    await tx.lock("digest")
    standing = await unopened(tx)
    if standing is None and not await _anything_new(tx):
        return None
    digest_id = standing.id if standing else new_id()
    before = await _texts_in(tx, digest_id)
    if standing is None:
        await tx.execute(insert(digest), {"id": digest_id, "made_at": now})
    await tx.execute(update(answer).where(*NEW_WORDS).values(digest_id=digest_id))
    await tx.execute(update(finding).where(*NEW_NOTES).values(digest_id=digest_id))
    found = await get(tx, digest_id)
    assert found is not None  # noqa: S101 - it was there or was inserted above
    return Gathered(digest=found, before=before)


async def unopened(tx: Transaction) -> Digest | None:
    """The digest that nobody has opened yet."""
    row = await tx.row(select(digest).where(digest.c.opened_at.is_(None)).order_by(digest.c.id).limit(1))
    return Digest(**row._asdict()) if row else None


async def get(tx: Transaction, digest_id: str) -> Digest | None:
    """The digest of an id."""
    row = await tx.row(select(digest).where(digest.c.id == digest_id))
    return Digest(**row._asdict()) if row else None


async def opened(tx: Transaction, digest_id: str, member_id: str, now: datetime) -> None:
    """Note who opened a digest first, and when."""
    first = (digest.c.id == digest_id) & digest.c.opened_at.is_(None)
    await tx.execute(update(digest).where(first).values(opened_at=now, opened_by=member_id))


async def texts_of(tx: Transaction, digest_id: str) -> list[Text]:
    """The words that a digest holds, for a reveal that the caller logs."""
    return await answers.texts(tx, answer.c.digest_id == digest_id)


async def unopened_texts(tx: Transaction) -> list[Text]:
    """The words that no opened digest holds, for a reveal that the caller logs."""
    return await answers.texts(tx, _unopened(answer.c.digest_id))


async def texts_since(tx: Transaction, since: datetime) -> list[Text]:
    """All words since an instant, for a reveal that the caller logs."""
    return await answers.texts(tx, answer.c.stored_at >= since)


async def remarks_of(tx: Transaction, digest_id: str) -> list[Remark]:
    """What was found that no alert shows and that a digest holds."""
    return await _remarks(tx, finding.c.digest_id == digest_id)


async def unopened_remarks(tx: Transaction) -> list[Remark]:
    """What was found that neither an alert shows nor an opened digest holds."""
    return await _remarks(tx, finding.c.alert_id.is_(None), _unopened(finding.c.digest_id))


async def remarks_since(tx: Transaction, since: datetime) -> list[Remark]:
    """What was found since an instant that no alert shows."""
    return await _remarks(tx, finding.c.alert_id.is_(None), finding.c.at >= since)


async def remarks_on(tx: Transaction, inbox_ids: Sequence[str]) -> list[Remark]:
    """What was found in these updates, whether an alert shows it or not."""
    return await _remarks(tx, finding.c.inbox_id.in_(inbox_ids))


def _unopened(digest_id: ColumnElement[str | None]) -> ColumnElement[bool]:
    return or_(digest_id.is_(None), digest_id.in_(select(digest.c.id).where(digest.c.opened_at.is_(None))))


async def _anything_new(tx: Transaction) -> bool:
    words = await tx.row(select(answer.c.id).where(*NEW_WORDS).limit(1))
    return words is not None or await tx.row(select(finding.c.id).where(*NEW_NOTES).limit(1)) is not None


async def _texts_in(tx: Transaction, digest_id: str) -> int:
    row = await tx.row(select(func.count()).select_from(answer).where(answer.c.digest_id == digest_id))
    return int(row[0]) if row else 0


async def _remarks(tx: Transaction, *conditions: Any) -> list[Remark]:
    rows = await tx.rows(select(finding).where(*conditions).order_by(finding.c.at, finding.c.id))
    return [
        Remark(
            finding=Finding(rule=row.rule, tier=Tier.of(row.tier), detail=row.detail),
            at=row.at,
            patient_id=row.patient_id,
            inbox_id=row.inbox_id,
        )
        for row in rows
    ]
