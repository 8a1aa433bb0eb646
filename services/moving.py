"""Moving running courses to another version where two must agree: asked for, agreed in the chat, asked for again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from services import protocols, second_person, versions
from services.clinic import Clinic
from services.turn import Said, Turn
from services.versions import Change
from store import audit
from store.types import canonical

ACTION = "move-protocol"
ASKED, AGREED = "move-asked", "move-agreed"


async def move(
    clinic: Clinic, protocol_id: str, *, to: str | None, only: Collection[str], reason: str, actor: str, now: datetime
) -> list[Change] | None:
    """Move as `versions.move` does; none where an admin was asked instead, and has to agree to this very move first.

    Raises Refused.
    """
    if clinic.two_persons and not await _agreed(clinic, protocol_id, to, only, reason, actor, now):
        return None
    return await versions.move(clinic, protocol_id, to=to, only=only, reason=reason, actor=actor, now=now)


async def agree_pressed(turn: Turn, name: str) -> Said:
    """The button by which an admin agrees, within a day of being asked; whoever asked then asks once more."""
    asked = await second_person.standing(turn.tx, audit.CLINIC_STREAM, ASKED, name, turn.now)
    refusal = second_person.refusal(turn.member, ACTION, asked)
    if refusal is not None or turn.member is None:
        return Said(code=refusal or "refused")
    await audit.record(
        turn.tx,
        stream=audit.CLINIC_STREAM,
        actor=f"staff:{turn.member.id}",
        action=AGREED,
        subject=name,
        now=turn.now,
    )
    return Said(code="move_agreed")


async def _agreed(
    clinic: Clinic, protocol_id: str, to: str | None, only: Collection[str], reason: str, actor: str, now: datetime
) -> bool:
    """Whether an admin has agreed to this move lately; they are asked if not."""
    reason = versions.reason_in(reason)
    async with clinic.database.transaction() as tx:
        version = await protocols.pin(tx, clinic.protocols, to or protocol_id, now)
        people = [each for each, _ in await versions.running(tx, protocol_id) if not only or each.id in only]
        detail: dict[str, Any] = {
            "protocol": protocol_id,
            "to": versions.name_of(version),
            "patients": sorted(only),
            "reason": reason,
        }
        name = hashlib.sha256(canonical([detail, version.id]).encode()).hexdigest()[:32]  # of this very move
        if await second_person.standing(tx, audit.CLINIC_STREAM, AGREED, name, now):
            return True
        figures = {"protocol": protocol_id, "to": detail["to"], "reason": reason, "count": str(len(people))}
        await second_person.ask(tx, ACTION, "move-ask", now, row=name, **figures)
        stream = audit.CLINIC_STREAM
        await audit.record(tx, stream=stream, actor=actor, action=ASKED, subject=name, now=now, detail=detail)
    return False
