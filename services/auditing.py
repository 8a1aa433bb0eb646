"""Reads the audit for those who check it: a stream's rows, and whether its chain holds."""

from __future__ import annotations

from typing import Any

from services import people, records
from store import audit
from store.audit import first_break, streams
from store.database import Transaction

__all__ = ["entries", "first_break", "streams"]


async def entries(tx: Transaction, about: str | None) -> list[dict[str, Any]]:
    """The rows about a patient, of an alias or an id, or about staff and settings; oldest first. Raises Refused."""
    patient = await people.patient(tx, about, erased=True) if about else None
    return [
        {
            "seq": entry.seq,
            "at": records.stamp(entry.at),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "detail": dict(entry.detail),
        }
        for entry in await audit.read(tx, audit.stream_of(patient.id if patient else None))
    ]
