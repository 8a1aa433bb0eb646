"""Identities: given by the application before the insert, since encryption binds a value to its row."""

from __future__ import annotations

from typing import NewType

from uuid6 import uuid7

PatientId = NewType("PatientId", str)
StaffId = NewType("StaffId", str)
CourseId = NewType("CourseId", str)
CheckinId = NewType("CheckinId", str)
AlertId = NewType("AlertId", str)
InboxId = NewType("InboxId", str)
OutboxId = NewType("OutboxId", str)


def new_id() -> str:
    """A UUIDv7 as 32 hexadecimal digits: unique anywhere, and later ones sort later."""
    return uuid7().hex
