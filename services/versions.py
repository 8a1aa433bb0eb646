"""Versions of protocols: put in force by staff, and moved to with a reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from rules.protocol import Protocol
from services import comparing, protocols, scheduling
from services.clinic import Clinic
from services.comparing import Change, Comparison
from services.errors import Refused
from services.protocols import name_of
from store import audit, courses, patients, versions
from store.database import Transaction
from store.types import canonical
from store.versions import ProtocolVersion

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the database knows of a protocol: the version that staff put in force, and how many courses run on any."""

    in_force: ProtocolVersion | None = None
    running: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A protocol as new courses get it, and the number of the version that staff put in force, if they did.

    `draft`: its file says something else, which counts only once it is published.
    """

    protocol: Protocol
    version: int | None
    draft: bool
    running: int


async def publish(tx: Transaction, protocol: Protocol, *, actor: str, now: datetime) -> ProtocolVersion:
    """Store a protocol as an immutable version on which new courses stand from now on; running ones stay on theirs."""
    body = canonical([protocols.written(protocol)])
    kept = await versions.keep(tx, protocol=protocol.id, body=body, now=now)
    await versions.put_in_force(tx, kept.id, now)
    await audit.record(
        tx,
        stream=audit.CLINIC_STREAM,
        actor=actor,
        action="protocol-published",
        subject=protocol.id,
        now=now,
        detail={"version": kept.version},
    )
    return kept


async def stored(tx: Transaction) -> dict[str, Stored]:
    """What the database knows of each protocol that ever had a version."""
    in_force = await versions.in_force(tx)
    return {
        name: Stored(in_force=in_force.get(name), running=len(await courses.active_on(tx, name)))
        for name in {each.protocol for each in await versions.every(tx)}
    }


def shelved(files: Mapping[str, Protocol], known: Mapping[str, Stored]) -> list[Shelved]:
    """Each protocol that a new course may stand on, by its id."""
    lines = []
    for name in sorted({*files, *(name for name, each in known.items() if each.in_force)}):
        each = known.get(name, Stored())
        protocol = protocols.read_body(each.in_force.body) if each.in_force else files[name]
        version, draft = each.in_force.version if each.in_force else None, files.get(name, protocol) != protocol
        lines.append(Shelved(protocol=protocol, version=version, draft=draft, running=each.running))
    return lines


async def move(
    clinic: Clinic, protocol_id: str, *, to: str | None, only: Collection[str], reason: str, actor: str, now: datetime
) -> Comparison:
    """Put running courses of a protocol (of the patients `only`, by id, of all if empty) on the version that new
    courses of `to`, or of the same protocol, stand on. What was asked is not asked again. Raises Refused.

    One transaction a patient, so that no page waits for many of them; cut short and repeated, it goes on.
    """
    reason = reason_in(reason)
    async with clinic.database.transaction() as tx:
        version = await protocols.pin(tx, clinic.protocols, to or protocol_id, now)
        people = [patient.id for patient, _ in await comparing.running(tx, protocol_id, only, there=version)]
    protocol, left, changes = protocols.read_body(version.body), list[ProtocolVersion](), list[Change]()
    for patient_id in people:
        async with clinic.database.transaction(gives_way=True) as tx:
            await tx.lock(f"patient:{patient_id}")
            theirs = await _move(tx, patient_id, protocol_id, version, reason, actor, now)
            left += theirs
            changes += await _rescheduled(tx, patient_id, now) if theirs else []
    return Comparison(to=name_of(version), stands=comparing.stands(left, protocol), changes=tuple(changes))


async def _move(
    tx: Transaction, patient_id: str, protocol_id: str, to: ProtocolVersion, reason: str, actor: str, now: datetime
) -> list[ProtocolVersion]:
    """Put a patient's courses on a version; for each that was moved, the one that it stood on."""
    patient = await patients.get(tx, patient_id)
    stands_on = await versions.of_courses(tx, [each.id for each in await courses.active_of(tx, patient_id)])
    moving = {key: was for key, was in stands_on.items() if was.protocol == protocol_id and was.id != to.id}
    if patient is None:
        return []
    for course_id, was in moving.items():
        await courses.stand_on(tx, course_id, to.id)
        detail = {"course": course_id, "from": name_of(was), "to": name_of(to), "reason": reason}
        stream, action = audit.stream_of(patient.id), "protocol-moved"
        await audit.record(tx, stream=stream, actor=actor, action=action, subject=patient.alias, now=now, detail=detail)
    return list(moving.values())


async def _rescheduled(tx: Transaction, patient_id: str, now: datetime) -> list[Change]:
    patient = await patients.get(tx, patient_id)
    assert patient is not None  # noqa: S101 - whose courses were moved just now
    outlook = await scheduling.foresee(tx, patient, now)
    await scheduling.carry_out(tx, patient, outlook)
    return comparing.changes_of(patient, outlook)


def reason_in(typed: str) -> str:
    """A reason as it is kept. Raises Refused for none, or a long one."""
    if not 0 < len(typed.strip()) <= LONGEST_REASON:
        raise Refused("A move needs a reason.", f'say why in at most {LONGEST_REASON} characters: --reason "…"')
    return typed.strip()
