"""One-time deep links: random, hashed at rest, expiring, used once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from store.database import Transaction
from store.ids import new_id
from store.schema import link

CODE_BYTES = 16  # 22 characters: far within the 64 of a deep link


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that may be opened."""

    id: str
    kind: str
    subject_id: str


async def issue(tx: Transaction, *, kind: str, subject_id: str, now: datetime, valid: timedelta) -> str:
    """Revoke the subject's links of this kind and issue a new one; returns its code, which is stored nowhere."""
    same = (link.c.kind == kind) & (link.c.subject_id == subject_id) & link.c.used_at.is_(None)
    await tx.execute(update(link).where(same, link.c.revoked_at.is_(None)).values(revoked_at=now))
    code = secrets.token_urlsafe(CODE_BYTES)
    values = {
        "id": new_id(),
        "code_hash": _hash(code),
        "kind": kind,
        "subject_id": subject_id,
        "created_at": now,
        "expires_at": now + valid,
    }
    await tx.execute(insert(link), values)
    return code


async def open_once(tx: Transaction, code: str, now: datetime) -> Link | None:
    """Use a code up; none when it is unknown, used, revoked or expired."""
    good = (link.c.code_hash == _hash(code)) & link.c.used_at.is_(None) & link.c.revoked_at.is_(None)
    row = await tx.row(select(link).where(good, link.c.expires_at > now))
    if row is None:
        return None
    used = await tx.execute(update(link).where(link.c.id == row.id, link.c.used_at.is_(None)).values(used_at=now))
    return Link(id=row.id, kind=row.kind, subject_id=row.subject_id) if used.rowcount == 1 else None


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
