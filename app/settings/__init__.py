"""The settings: every section and key of the configuration with its default, checked as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, PrivateAttr, SecretStr, model_validator

from app.origins import Origins
from app.settings.clinic import ClinicSection
from app.settings.sections import (
    Auditor,
    Backup,
    ConsoleSection,
    DatabaseSection,
    Digest,
    Escalation,
    HealthSection,
    Instruments,
    Links,
    Messages,
    Protocols,
    Readiness,
    RetentionSection,
    Rights,
    Safety,
    SecondChannel,
    SecondReader,
    Telegram,
    Tick,
)
from app.settings.values import Section
from rules.protocol.fields import problem

__all__ = ["ROLES", "DatabaseSection", "HealthSection", "SecondChannel", "Settings", "Telegram", "secrets"]
ROLES = ("all", "bot", "worker", "auditor")  # which parts of the engine a process runs


class Settings(Section):
    """The whole configuration. Relative paths count from the folder of its file."""

    telegram: Telegram
    database: DatabaseSection = DatabaseSection()
    clinic: ClinicSection
    tick: Tick = Tick()
    escalation: Escalation = Escalation()
    second_channel: SecondChannel = SecondChannel()
    auditor: Auditor = Auditor()
    backup: Backup = Backup()
    health: HealthSection = HealthSection()
    protocols: Protocols = Protocols()
    instruments: Instruments = Instruments()
    messages: Messages = Messages()
    links: Links = Links()
    safety: Safety = Safety()
    retention: RetentionSection = RetentionSection()
    rights: Rights = Rights()
    digest: Digest = Digest()
    readiness: Readiness = Readiness()
    second_reader: SecondReader = SecondReader()
    console: ConsoleSection = ConsoleSection()
    _origins: Origins = PrivateAttr(default=Origins())

    def model_post_init(self, context: Any) -> None:
        """Keep where each key was given, for whoever must name the one that is wrong."""
        if isinstance(context, Origins):
            self._origins = context

    def where(self, key: str) -> str:
        """Where a dotted key was given and its name, such as "config.toml:12: protocols.path"."""
        return self._origins.of(tuple(key.split(".")))

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        given = [self.database.key, self.database.key_file, self.database.key_command]
        if sum(each is not None for each in given) > 1:
            raise problem("more than one of key, key_file and key_command is given", mend="keep one", key="database")
        return self


def secrets(settings: BaseModel) -> Iterator[str]:
    """Every secret in the settings, for whoever must hide them."""
    for value in dict(settings).values():
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, SecretStr):
                yield each.get_secret_value()
            elif isinstance(each, BaseModel):
                yield from secrets(each)
