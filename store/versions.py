"""Versions of protocols: texts that never change once a course may stand on them, and which of them is in force."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from store.database import Transaction
from store.ids import new_id
from store.schema import course, protocol_version

_OF_ID = select(protocol_version).where(protocol_version.c.id == bindparam("id"))
_SAME = select(protocol_version).where(
    protocol_version.c.protocol == bindparam("protocol"), protocol_version.c.hash == bindparam("digest")
)
_IN_FORCE = (
    select(protocol_version)
    .where(protocol_version.c.in_force_at.is_not(None))
    .order_by(protocol_version.c.in_force_at, protocol_version.c.version)
)
_OF_COURSES = (
    select(protocol_version, course.c.id.label("course_id"))
    .join(course, protocol_version.c.id == course.c.protocol_version_id)
    .where(course.c.id.in_(bindparam("course_ids", expanding=True)))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolVersion:
    """A protocol as it was stored; `body` is its TOML text, `in_force_at` when staff last published it, if they did."""

    id: str
    protocol: str
    version: int
    body: str
    in_force_at: datetime | None = None


async def keep(tx: Transaction, *, protocol: str, body: str, now: datetime) -> ProtocolVersion:
    """Store a protocol as a version, or give the version that has this very text."""
    await tx.lock(f"protocol:{protocol}")
    digest = hashlib.sha256(body.encode()).hexdigest()
    table = protocol_version
    same = await tx.row(_SAME, {"protocol": protocol, "digest": digest})
    if same is not None:
        return _version(same)
    last = await tx.row(select(func.max(table.c.version)).where(table.c.protocol == protocol))
    values: dict[str, Any] = {
        "id": new_id(),
        "protocol": protocol,
        "version": ((last[0] if last else None) or 0) + 1,
        "hash": digest,
        "body": body,
        "published_at": now,
    }
    await tx.execute(insert(table), values)
    return ProtocolVersion(id=values["id"], protocol=protocol, version=values["version"], body=body)


async def put_in_force(tx: Transaction, version_id: str, now: datetime) -> None:
    """Let new courses of its protocol stand on a version, from now on."""
    await tx.execute(update(protocol_version).where(protocol_version.c.id == version_id).values(in_force_at=now))


async def in_force(tx: Transaction) -> dict[str, ProtocolVersion]:
    """The version that staff published last of each protocol of which they published any, by the protocol's id."""
    return {row.protocol: _version(row) for row in await tx.rows(_IN_FORCE)}


async def get(tx: Transaction, version_id: str) -> ProtocolVersion | None:
    """The protocol version of an id."""
    row = await tx.row(_OF_ID, {"id": version_id})
    return None if row is None else _version(row)


async def every(tx: Transaction) -> list[ProtocolVersion]:
    """Every version of every protocol, in order."""
    query = select(protocol_version).order_by(protocol_version.c.protocol, protocol_version.c.version)
    return [_version(row) for row in await tx.rows(query)]


async def of_courses(tx: Transaction, course_ids: Collection[str]) -> dict[str, ProtocolVersion]:
    """The protocol version that each course stands on, by the course's id."""
    rows = await tx.rows(_OF_COURSES, {"course_ids": list(course_ids)})
    return {row.course_id: _version(row) for row in rows}


def _version(row: Any) -> ProtocolVersion:
    return ProtocolVersion(
        id=row.id, protocol=row.protocol, version=row.version, body=row.body, in_force_at=row.in_force_at
    )
