"""Moving running courses to another version where two must agree: asked for, agreed in the chat, asked for again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from services import comparing, protocols, second_person, versions
from services.clinic import Clinic
from services.comparing import Comparison, Stand
from services.turn import Said, Turn
from store import audit
from store import versions as stored
from store.database import Transaction
from store.types import canonical
from store.versions import ProtocolVersion

ACTION = "move-protocol"
ELSEWHERE = "config.toml"  # where a protocol has no ladder of its own, the configuration's holds
ASKED, AGREED = "move-asked", "move-agreed"


async def move(
    clinic: Clinic, protocol_id: str, *, to: str | None, only: Collection[str], reason: str, actor: str, now: datetime
) -> Comparison | None:
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
        people = await comparing.running(tx, protocol_id, only, there=version)
        detail: dict[str, Any] = {
            "protocol": protocol_id,
            "to": protocols.name_of(version),
            "patients": sorted(only),
            "reason": reason,
        }
        name = hashlib.sha256(canonical([detail, version.id]).encode()).hexdigest()[:32]  # of this very move
        if await second_person.standing(tx, audit.CLINIC_STREAM, AGREED, name, now):
            return True
        rules = await _rules(tx, [course.id for _, theirs in people for course in theirs], version)
        figures = {"protocol": protocol_id, "to": detail["to"], "reason": reason, "count": str(len(people))}
        figures["rules"] = rules
        await second_person.ask(tx, ACTION, "move-ask", now, row=name, **figures)
        stream = audit.CLINIC_STREAM
        await audit.record(tx, stream=stream, actor=actor, action=ASKED, subject=name, now=now, detail=detail)
    return False


async def _rules(tx: Transaction, course_ids: Collection[str], to: ProtocolVersion) -> str:
    """Each rule that the move would change, once a version, as short as one who agrees can read it; "" for none."""
    stood_on = [each for each in (await stored.of_courses(tx, course_ids)).values() if each.id != to.id]
    stands = comparing.stands(stood_on, protocols.read_body(to.body))
    return "\n".join(line for each in stands for line in _lines(each))


def _lines(stand: Stand) -> Iterator[str]:
    if stand.rules is None:
        yield f"{stand.version} ({stand.courses}): ?"
    for rule in stand.rules or ():
        before, after = rule.before or ELSEWHERE, rule.after or ELSEWHERE
        yield f"{stand.version} ({stand.courses}): {rule.name} {before} → {after}"
