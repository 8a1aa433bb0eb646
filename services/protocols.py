"""Protocols: the shelf of files, and the immutable versions that courses stand on."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import tomlkit

from rules.ladder import Ladder
from rules.protocol import Protocol, ProtocolError, as_data, parse
from rules.tier import Tier
from services.errors import Refused
from store import courses, versions
from store.courses import Course
from store.database import Transaction
from store.types import canonical
from store.versions import ProtocolVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The protocols that may be used for new courses: id → the texts it is made of, what it extends first."""

    texts: Mapping[str, tuple[str, ...]]
    default: str

    def get(self, protocol_id: str | None) -> Protocol:
        """The protocol of an id, the default one for none; raises Refused."""
        return read_body(self.body(protocol_id or self.default))

    def body(self, protocol_id: str) -> str:
        """What is stored as a version of a protocol; raises Refused for an unknown id."""
        if protocol_id not in self.texts:
            known = ", ".join(sorted(self.texts))
            raise Refused.of("no-protocol", f"use one of: {known}", protocol=repr(protocol_id), known=known)
        return canonical(list(self.texts[protocol_id]))


_READ: dict[str, Protocol] = {}  # versions by their id: there are few, and none ever changes


async def pin(tx: Transaction, shelf: Shelf, protocol_id: str | None, now: datetime) -> ProtocolVersion:
    """The version that a new course stands on: the one that staff published last, or else the shelf's, which is stored
    on first use and unchanged ever after. Raises Refused for an id that neither knows."""
    name = protocol_id or shelf.default
    published = await versions.in_force(tx)
    if name in published:
        return published[name]
    if name not in shelf.texts:
        known = ", ".join(sorted({*shelf.texts, *published}))
        raise Refused.of("no-protocol", f"use one of: {known}", protocol=repr(name), known=known)
    return await versions.keep(tx, protocol=name, body=shelf.body(name), now=now)


async def of_course(tx: Transaction, course: Course) -> Protocol:
    """The protocol that a course stands on."""
    known = _READ.get(course.protocol_version_id)
    if known is None:
        version = await versions.get(tx, course.protocol_version_id)
        assert version is not None  # noqa: S101 - a foreign key
        known = _READ[version.id] = read_body(version.body)
    return known


async def of_courses(tx: Transaction, course_ids: Collection[str]) -> dict[str, Protocol]:
    """The protocols that courses stand on, by the course's id."""
    return {course_id: read_body(each.body) for course_id, each in (await versions.of_courses(tx, course_ids)).items()}


async def ladder_of(tx: Transaction, patient_id: str, tier: Tier) -> Ladder | None:
    """The ladder that the protocol of the patient's newest course has of its own for a tier."""
    standing = await courses.active_of(tx, patient_id)
    return (await of_course(tx, standing[-1])).escalation.ladder(tier) if standing else None


async def unreadable(tx: Transaction) -> list[str]:
    """The versions, by name and number, that new or running courses stand on and this code cannot read any more."""
    return sorted(name_of(each) for each in await _used(tx) if readable(each.body) is None)


async def in_use(tx: Transaction, shelf: Shelf) -> list[Protocol]:
    """Every protocol that new or running courses stand on, or that a new course would bring from the shelf."""
    stored = [readable(each.body) for each in await _used(tx)]
    return [*(shelf.get(each) for each in shelf.texts), *(each for each in stored if each is not None)]


async def _used(tx: Transaction) -> list[ProtocolVersion]:
    running = await versions.of_courses(tx, [course.id for course in await courses.active(tx)])
    return list({each.id: each for each in (*(await versions.in_force(tx)).values(), *running.values())}.values())


def name_of(version: ProtocolVersion) -> str:
    """A version as people read it: ketamine-14d 2."""
    return f"{version.protocol} {version.version}"


def readable(body: str) -> Protocol | None:
    """The protocol that a stored version says; none where this code cannot read it any more."""
    try:
        return read_body(body)
    except (ProtocolError, ValueError):
        return None


def written(protocol: Protocol) -> str:
    """A protocol as a text that is whole without those that it extends."""
    return tomlkit.dumps(as_data(protocol))


@lru_cache(maxsize=64)
def read_body(body: str) -> Protocol:
    """The protocol that a stored version says."""
    bases: dict[str, Protocol] = {}
    protocol: Protocol | None = None
    for text in json.loads(body):
        protocol = parse(text, "stored version", bases=bases, instruments=_asked(text))
        bases[protocol.id] = protocol
    assert protocol is not None  # noqa: S101 - a body has at least one text
    return protocol


def _asked(text: str) -> set[str]:
    """The instruments that a version asks: it stands, whatever is on the shelf today."""
    slots = tomllib.loads(text).get("slot", ())
    return {name for slot in slots for key in ("asks", "optional") for name in slot.get(key, ())}
