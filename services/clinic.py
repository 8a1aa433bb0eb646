"""The clinic as the use cases know it: its database, its settings, its rules and its content, wired by the root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from content.messages import CONSENT
from rules.clinic_hours import ClinicHours
from rules.instrument import Instrument
from rules.ladder import Ladder
from rules.retention import Retention
from rules.screening import RuleSet
from rules.tier import Tier
from services.protocols import Shelf
from store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """Everything that a use case needs besides the transaction and the time."""

    database: Database
    name: str
    timezone: str
    region: str
    hours: ClinicHours
    call_within: Mapping[str, str]  # by language
    caller: Mapping[str, str]  # who will call, by language
    ladders: Mapping[Tier, Ladder]
    load_screening: Callable[[], RuleSet]  # read when the first text is: most commands of the desk read none
    instruments: Mapping[str, Instrument]
    protocols: Shelf
    link_valid: timedelta = timedelta(days=14)
    strangers: str = "page"
    second_channel: bool = False
    page_bot: bool = False
    digest_at: time | None = None  # wall time on clinic days; none for the opening
    digest_words: bool = False
    answer_within: timedelta = timedelta(minutes=15)  # to the question at a shift's start whether somebody is there
    drill_every: timedelta | None = None  # how long a clinician may go without being asked; none for no schedule
    retention: Retention = field(default_factory=Retention)
    two_persons: bool = False  # whether erasing or moving needs an admin's agreement in the chat
    consent_version: str = CONSENT
    bulk_limit: int = field(default=50)

    @property
    def screening(self) -> RuleSet:
        """The rules that every text is screened by."""
        return self.load_screening()

    @property
    def button_key(self) -> bytes:
        """The key that signs what a button carries."""
        return self.database.keyring.button_key
