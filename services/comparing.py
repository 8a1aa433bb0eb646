"""What another version would change for running courses: their check-ins, and the rules by which they are judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from rules.protocol import Difference, Protocol, differences
from rules.schedule import Fit
from services import protocols, scheduling
from services.errors import Refused
from services.scheduling import Outlook
from store import courses, patients, versions
from store.checkins import Checkin
from store.courses import Course
from store.database import Transaction
from store.patients import Patient
from store.versions import ProtocolVersion

OVER = ("ended", "erased")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What another version would do to one check-in of a running course; `change` is added, moved, changed or dropped.

    `changed`: it stays where it is, but asks something else or reminds or expires at another time. `zone` is the
    patient's own.
    """

    patient: str
    zone: str
    course: str
    change: str
    slot: str
    day: int
    from_at: datetime | None = None
    to_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How many running courses stand on a version, and which rules another would change for them all.

    `rules` is None where the version cannot be read any more, so that nobody can tell.
    """

    version: str
    courses: int
    rules: tuple[Difference, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What another version would change for running courses, or has changed where they were moved to it.

    `stands` are the versions from which courses would go, or went; `to` names the other one, unless it is a file.
    """

    to: str | None = None
    stands: tuple[Stand, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def courses(self) -> int:
        """How many courses it is about."""
        return sum(each.courses for each in self.stands)


async def diff(tx: Transaction, protocol_id: str, protocol: Protocol, now: datetime) -> Comparison:
    """What `protocol` would change in every running course that stands on another version of `protocol_id`."""
    changes: list[Change] = []
    people = await running(tx, protocol_id)
    for patient, theirs in people:
        instead: dict[str, Protocol] = {course.id: protocol for course in theirs}
        changes += changes_of(patient, await scheduling.foresee(tx, patient, now, instead=instead))
    stood_on = await versions.of_courses(tx, [course.id for _, theirs in people for course in theirs])
    others = [each for each in stood_on.values() if protocols.readable(each.body) != protocol]
    return Comparison(stands=stands(others, protocol), changes=tuple(changes))


async def running(
    tx: Transaction, protocol_id: str, only: Collection[str] = (), there: ProtocolVersion | None = None
) -> list[tuple[Patient, list[Course]]]:
    """Patients who still take part, with their running courses on some version of a protocol; all, or `only` some.

    Raises Refused for a protocol on which no course ever stood, and for one of `only` who has no course on it, nor one
    that stands `there` already: a move that was cut short goes on with the others.
    """
    standing = await courses.active_on(tx, protocol_id)
    if not standing and not any(each.protocol == protocol_id for each in await versions.every(tx)):
        raise Refused(f"No course has stood on a protocol {protocol_id!r}.", "see `fortnight protocol list`")
    people = await patients.of(tx, {course.patient_id for course in standing})
    taking_part = [each for each in people.values() if each.state not in OVER and (not only or each.id in only)]
    arrived = await courses.active_on(tx, there.protocol) if only and there else []
    moved = {each.patient_id for each in arrived if there and each.protocol_version_id == there.id}
    await _refuse_without_course(tx, protocol_id, set(only) - {each.id for each in taking_part} - moved)
    return [
        (patient, [course for course in standing if course.patient_id == patient.id])
        for patient in sorted(taking_part, key=attrgetter("number"))
    ]


async def _refuse_without_course(tx: Transaction, protocol_id: str, patient_ids: Collection[str]) -> None:
    without = sorted((await patients.of(tx, set(patient_ids))).values(), key=attrgetter("number"))
    if without:
        names = " and ".join(each.alias for each in without)
        has = "have" if len(without) > 1 else "has"
        mend = f"see on which one it stands with `fortnight patient show {without[0].alias}`"
        raise Refused(f"{names} {has} no running course on {protocol_id!r}.", mend)


def stands(stood_on: Iterable[ProtocolVersion], protocol: Protocol) -> tuple[Stand, ...]:
    """What `protocol` changes for courses, given the version of each: told once for each version."""
    counted = Counter(stood_on)
    return tuple(
        Stand(version=protocols.name_of(each), courses=counted[each], rules=_rules(each, protocol))
        for each in sorted(counted, key=attrgetter("protocol", "version"))
    )


def _rules(version: ProtocolVersion, protocol: Protocol) -> tuple[Difference, ...] | None:
    known = protocols.readable(version.body)
    return None if known is None else differences(known, protocol)


def changes_of(patient: Patient, outlook: Outlook) -> list[Change]:
    """What becomes of a patient's check-ins, by the time at which each is or was to be asked."""
    return sorted(_changes(patient, outlook.changes, outlook.rows), key=_when)


def _changes(patient: Patient, changes: Fit, rows: Collection[Checkin]) -> Iterator[Change]:
    by_id: Mapping[str, Checkin] = {row.id: row for row in rows}
    for prompt in changes.add:
        planned = prompt.planned
        yield Change(
            patient=patient.alias,
            zone=patient.timezone,
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
        zone=patient.timezone,
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
