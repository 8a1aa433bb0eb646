"""Identities: given by the application before the insert, since encryption binds a value to its row."""

from __future__ import annotations

from typing import NewType

from uuid6 import uuid8

PatientId = NewType("PatientId", str)
StaffId = NewType("StaffId", str)
CourseId = NewType("CourseId", str)
CheckinId = NewType("CheckinId", str)
AlertId = NewType("AlertId", str)
InboxId = NewType("InboxId", str)
OutboxId = NewType("OutboxId", str)

SYNTHETIC = PatientId("0" * 32)  # the synthetic patient, by whom the auditor tries the whole path
SYNTHETIC_CHAT = 2**62  # that patient's user and chat, larger than any of Telegram's: what goes there goes to nobody


def new_id() -> str:
    """A UUID as 32 hexadecimal digits: unique anywhere, and later ones sort later, after a restart too.

    It is UUIDv7 with nanoseconds, which the library calls version 8; its version 7 gives one id a millisecond, so that
    a burst runs ahead of the clock and a restarted process behind it.
    """
    return uuid8().hex
