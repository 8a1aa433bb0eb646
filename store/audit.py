"""The audit: an append-only row for everything that counts, in a keyed hash chain per stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, union, update

from store.database import Transaction
from store.keys import signature
from store.schema import audit, audit_head
from store.types import canonical

CLINIC_STREAM = "clinic"
GENESIS = "0" * 64

_HEAD = select(audit_head).where(audit_head.c.stream == bindparam("of_stream"))
_APPEND, _BEGIN = insert(audit), insert(audit_head)
_GO_ON = update(audit_head).where(audit_head.c.stream == bindparam("of_stream"))


def stream_of(patient_id: str | None) -> str:
    """A patient's own stream, or the clinic's."""
    return f"patient:{patient_id}" if patient_id else CLINIC_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a stream."""

    stream: str
    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    mac: str


async def record(
    tx: Transaction,
    *,
    stream: str,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append a row to a stream. `detail` holds ids and codes, never a patient's words or anybody's name."""
    await tx.lock(f"audit:{stream}")
    head = await tx.row(_HEAD, {"of_stream": stream})
    seq = head.seq + 1 if head else 1
    values: dict[str, Any] = {
        "stream": stream,
        "seq": seq,
        "at": now,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": dict(detail or {}),
    }
    values["mac"] = chain_mac(await tx.keyring.chain_key(tx), head.mac if head else GENESIS, values)
    await tx.execute(_APPEND, values)
    new_head = {"seq": seq, "mac": values["mac"]}
    if head is None:
        await tx.execute(_BEGIN, {"stream": stream, **new_head})
    else:
        await tx.execute(_GO_ON, {"of_stream": stream, **new_head})


def chain_mac(key: bytes, before: str, row: Mapping[str, Any]) -> str:
    """The keyed hash of a row and of the row before it."""
    fields = {name: row[name] for name in ("stream", "seq", "actor", "action", "subject", "detail")}
    return signature(key, canonical({**fields, "at": row["at"].astimezone(UTC).isoformat(), "before": before}))


async def read(tx: Transaction, stream: str) -> list[Entry]:
    """A stream from its beginning."""
    rows = await tx.rows(select(audit).where(audit.c.stream == stream).order_by(audit.c.seq))
    return [Entry(**row._asdict()) for row in rows]


async def last(tx: Transaction, stream: str, action: str, subject: str) -> Entry | None:
    """The last row of a stream in which something was done to a subject."""
    about = (audit.c.stream == stream, audit.c.action == action, audit.c.subject == subject)
    row = await tx.row(select(audit).where(*about).order_by(audit.c.seq.desc()).limit(1))
    return Entry(**row._asdict()) if row else None


async def first_break(tx: Transaction, stream: str, anchored: Mapping[int, str] | None = None) -> int | None:
    """The first row of a stream that does not follow from the one before it, or is not the one that was anchored
    (number → hash); none when the chain, its head and its anchors hold.
    """
    key, before, expected, anchors = await tx.keyring.chain_key(tx), GENESIS, 1, anchored or {}
    for row in await tx.rows(select(audit).where(audit.c.stream == stream).order_by(audit.c.seq)):
        mac = chain_mac(key, before, row._asdict())
        if row.seq != expected or row.mac != mac or anchors.get(expected, mac) != mac:
            return expected
        before, expected = row.mac, expected + 1
    whole = await _head(tx, stream) == (expected - 1, before) and max(anchors, default=0) < expected
    return None if whole else expected


async def heads(tx: Transaction) -> dict[str, tuple[int, str]]:
    """The end of every stream: its last number and hash."""
    return {row.stream: (row.seq, row.mac) for row in await tx.rows(select(audit_head))}


async def _head(tx: Transaction, stream: str) -> tuple[int, str]:
    row = await tx.row(_HEAD, {"of_stream": stream})
    return (row.seq, row.mac) if row else (0, GENESIS)


async def streams(tx: Transaction) -> list[str]:
    """Every stream there is, one whose head was taken away too."""
    query = union(select(audit_head.c.stream), select(audit.c.stream)).order_by("stream")
    return [row.stream for row in await tx.rows(query)]
