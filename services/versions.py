"""Versions of protocols: put in force by staff, compared with what running courses ask, and moved to with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from rules.protocol import Protocol
from rules.schedule import Fit
from services import protocols, scheduling
from services.clinic import Clinic
from services.errors import Refused
from store import audit, courses, patients, versions
from store.checkins import Checkin
from store.courses import Course
from store.database import Transaction
from store.patients import Patient
from store.types import canonical
from store.versions import ProtocolVersion

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What another version would do to one check-in of a running course; `change` is added, moved, changed or dropped.

    `changed`: it stays where it is, but asks something else or reminds or expires at another time.
    """

    patient: str
    course: str
    change: str
    slot: str
    day: int
    from_at: datetime | None = None
    to_at: datetime | None = None


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


async def diff(tx: Transaction, protocol_id: str, protocol: Protocol, now: datetime) -> list[Change]:
    """What `protocol` would change in every running course that stands on some version of `protocol_id`."""
    found: list[Change] = []
    for patient, theirs in await running(tx, protocol_id):
        instead: dict[str, Protocol] = {course.id: protocol for course in theirs}
        outlook = await scheduling.foresee(tx, patient, now, instead=instead)
        found += sorted(_changes(patient, outlook.changes, outlook.rows), key=_when)
    return found


async def move(
    clinic: Clinic, protocol_id: str, *, to: str | None, only: Collection[str], reason: str, actor: str, now: datetime
) -> list[Change]:
    """Put running courses of a protocol (of the patients `only`, by id, of all if empty) on the version that new
    courses of `to`, or of the same protocol, stand on. What was asked is not asked again. Raises Refused.

    One transaction a patient, so that no page waits for many of them; cut short and repeated, it goes on.
    """
    reason = reason_in(reason)
    async with clinic.database.transaction() as tx:
        version = await protocols.pin(tx, clinic.protocols, to or protocol_id, now)
        people = [patient.id for patient, _ in await running(tx, protocol_id)]
    found: list[Change] = []
    for patient_id in people:
        if not only or patient_id in only:
            async with clinic.database.transaction(gives_way=True) as tx:
                await tx.lock(f"patient:{patient_id}")
                found += await _move(tx, patient_id, protocol_id, version, reason, actor, now)
    return found


async def _move(
    tx: Transaction, patient_id: str, protocol_id: str, to: ProtocolVersion, reason: str, actor: str, now: datetime
) -> list[Change]:
    patient = await patients.get(tx, patient_id)
    stands_on = await versions.of_courses(tx, [each.id for each in await courses.active_of(tx, patient_id)])
    moving = {key: was for key, was in stands_on.items() if was.protocol == protocol_id and was.id != to.id}
    if patient is None or not moving:
        return []
    for course_id, was in moving.items():
        await courses.stand_on(tx, course_id, to.id)
        detail = {"course": course_id, "from": name_of(was), "to": name_of(to), "reason": reason}
        stream, action = audit.stream_of(patient.id), "protocol-moved"
        await audit.record(tx, stream=stream, actor=actor, action=action, subject=patient.alias, now=now, detail=detail)
    outlook = await scheduling.foresee(tx, patient, now)
    await scheduling.carry_out(tx, patient, outlook)
    return sorted(_changes(patient, outlook.changes, outlook.rows), key=_when)


def reason_in(typed: str) -> str:
    """A reason as it is kept. Raises Refused for none, or a long one."""
    if not 0 < len(typed.strip()) <= LONGEST_REASON:
        raise Refused("A move needs a reason.", f'say why in at most {LONGEST_REASON} characters: --reason "…"')
    return typed.strip()


def name_of(version: ProtocolVersion) -> str:
    """A version as people read it: ketamine-14d 2."""
    return f"{version.protocol} {version.version}"


async def running(tx: Transaction, protocol_id: str) -> list[tuple[Patient, list[Course]]]:
    """Patients who still take part, with their running courses on some version of a protocol. Raises Refused."""
    standing = await courses.active_on(tx, protocol_id)
    if not standing and not any(each.protocol == protocol_id for each in await versions.every(tx)):
        raise Refused(f"No course has stood on a protocol {protocol_id!r}.", "see `fortnight protocol list`")
    people = await patients.of(tx, {course.patient_id for course in standing})
    taking_part = [each for each in people.values() if each.state not in ("ended", "erased")]
    return [
        (patient, [course for course in standing if course.patient_id == patient.id])
        for patient in sorted(taking_part, key=attrgetter("number"))
    ]


def _changes(patient: Patient, changes: Fit, rows: Collection[Checkin]) -> Iterator[Change]:
    by_id: Mapping[str, Checkin] = {row.id: row for row in rows}
    for prompt in changes.add:
        planned = prompt.planned
        yield Change(
            patient=patient.alias,
            course=prompt.course,
            change="added",
            slot=planned.slot,
            day=planned.day,
            to_at=planned.due_at,
        )
    for each in changes.move:
        to_at = each.planned.due_at
        change = "moved" if to_at != by_id[each.id].due_at else "changed"
        yield _of_row(patient, by_id[each.id], change, to_at)
    for row_id in changes.cancel:
        yield _of_row(patient, by_id[row_id], "dropped", None)


def _of_row(patient: Patient, row: Checkin, change: str, to_at: datetime | None) -> Change:
    return Change(
        patient=patient.alias,
        course=row.course_id or "",
        change=change,
        slot=row.slot,
        day=row.day,
        from_at=row.due_at,
        to_at=to_at,
    )


def _when(change: Change) -> tuple[datetime, str]:
    at = change.to_at or change.from_at
    assert at is not None  # noqa: S101 - whatever is dropped stood somewhere
    return at, change.slot
