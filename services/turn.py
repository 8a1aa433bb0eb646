"""One update being handled: who sent what, inside the transaction that everything it causes shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rules.permissions import Refused
from rules.screening import Screening
from services.clinic import Clinic
from store.database import Transaction
from store.ids import InboxId
from store.patients import Patient
from store.staff import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An update, read. `kind`: message, edit, press, blocked, unblocked, migrated, other.

    `texts` is everything in it that a person may have written, for the screening; `text` the message itself.
    `at` is when Telegram says that it was sent; `media` the sort of a message that cannot be read.
    """

    kind: str
    user_id: int | None
    chat_id: int | None
    private: bool
    language: str = "en"
    text: str | None = None
    texts: tuple[str, ...] = ()
    media: str | None = None
    data: str | None = None
    press_id: str | None = None
    message_id: int | None = None
    at: datetime | None = None
    new_chat_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How the press of a button is answered on the spot: the key of a short sentence, and its figures."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


def not_theirs(verdict: Refused) -> Said:
    """The answer to somebody who may not press a button of an alert: never in their role, or not this alert's."""
    return Said(code="refused" if verdict.reason == "role" else "not_concerned")


@dataclass(slots=True, kw_only=True)
class Turn:
    """The update, the people it concerns, and what the screening saw in it."""

    clinic: Clinic
    tx: Transaction
    now: datetime
    incoming: Incoming
    inbox_id: InboxId
    patient: Patient | None
    member: Member | None
    screenings: tuple[Screening, ...] = ()
    toast: str | None = None  # what the press of a button is answered with, on the spot
    replied: bool = field(default=False)  # whether the crisis or the gentle question has spoken already

    @property
    def said_at(self) -> datetime:
        """When the person said it: never later than now."""
        return min(self.incoming.at or self.now, self.now)
