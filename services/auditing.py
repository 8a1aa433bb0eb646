"""Reads the audit for those who check it: a stream's rows, and whether its chain holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services import people, records
from services.anchoring import Anchored
from store import audit, staff
from store.audit import first_break, streams
from store.database import Transaction


async def breaks(tx: Transaction, stream: str, against: Sequence[Anchored]) -> int | None:
    """The first row of a stream that does not hold by itself or against any of several anchors."""
    found = [await first_break(tx, stream, anchored.get(stream, {})) for anchored in against or [{}]]
    return min((seq for seq in found if seq is not None), default=None)


async def all_streams(tx: Transaction, against: Sequence[Anchored]) -> list[str]:
    """Every stream there is or was."""
    return sorted({*await streams(tx), *(stream for anchored in against for stream in anchored)})


async def entries(tx: Transaction, about: str | None) -> list[dict[str, Any]]:
    """The rows about a patient, of an alias or an id, or about staff and settings; oldest first. Raises Refused."""
    patient = await people.patient(tx, about, erased=True) if about else None
    known = {f"staff:{member.id}": member.alias for member in await staff.every(tx)}
    known |= {f"patient:{patient.id}": patient.alias} if patient else {}
    return [
        {
            "seq": entry.seq,
            "at": records.stamp(entry.at),
            "actor": entry.actor,
            "who": known.get(entry.actor, entry.actor),
            "action": entry.action,
            "subject": entry.subject,
            "detail": dict(entry.detail),
        }
        for entry in await audit.read(tx, audit.stream_of(patient.id if patient else None))
    ]
