"""Protocols: the shelf of files, and the immutable versions that courses stand on."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from rules.protocol import Protocol, parse
from services.errors import Refused
from store import courses
from store.database import Transaction
from store.types import canonical


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
            raise Refused(f"There is no protocol {protocol_id!r}.", f"use one of: {known}")
        return canonical(list(self.texts[protocol_id]))


async def pin(tx: Transaction, shelf: Shelf, protocol_id: str | None, now: datetime) -> courses.ProtocolVersion:
    """The version that a new course stands on: stored on first use, unchanged ever after."""
    name = protocol_id or shelf.default
    return await courses.publish(tx, protocol=name, body=shelf.body(name), now=now)


async def of_course(tx: Transaction, course: courses.Course) -> Protocol:
    """The protocol that a course stands on."""
    version = await courses.version(tx, course.protocol_version_id)
    assert version is not None  # noqa: S101 - a foreign key
    return read_body(version.body)


async def of_courses(tx: Transaction, course_ids: Collection[str]) -> dict[str, Protocol]:
    """The protocols that courses stand on, by the course's id."""
    return {course_id: read_body(body) for course_id, body in (await courses.bodies_of(tx, course_ids)).items()}


@lru_cache(maxsize=64)
def read_body(body: str) -> Protocol:
    """The protocol that a stored version says."""
    bases: dict[str, Protocol] = {}
    protocol: Protocol | None = None
    for text in json.loads(body):
        protocol = parse(text, "stored version", bases=bases)
        bases[protocol.id] = protocol
    assert protocol is not None  # noqa: S101 - a body has at least one text
    return protocol
