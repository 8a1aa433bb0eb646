"""The settings: every section and key of the configuration with its default, checked as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    model_validator,
)

from content.crisis_lines import regions
from content.messages import CONSENT
from rules.clinic_hours import ClinicHours, parse_clinic_hours
from rules.durations import parse_duration
from rules.ladder import DEFAULT_AMBER, DEFAULT_RED, Ladder
from rules.ladder import parse as parse_ladder
from rules.local_time import parse_wall_time
from rules.retention import UPDATES_AT_LEAST, Retention

ROLES = ("all", "bot", "worker", "auditor")  # which parts of the engine a process runs
SHORTEST_SECRET = 16
TELEGRAM = "https://api.telegram.org/bot"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone: write an IANA name such as Europe/Madrid") from None
    return name


def _region(name: str) -> str:
    if name.upper() not in regions():
        raise ValueError(f"{name!r} has no crisis lines here: use one of {', '.join(regions())}")
    return name.upper()


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
WallTime = Annotated[time, BeforeValidator(parse_wall_time)]
Zone = Annotated[str, AfterValidator(_zone)]
Region = Annotated[str, AfterValidator(_region)]
LadderOf = Annotated[Ladder, PlainValidator(parse_ladder)]


class Section(BaseModel):
    """A table of the file. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Telegram(Section):
    """How to reach Telegram. `page_token` is an optional second bot, for pages only."""

    token: SecretStr
    base_url: str = TELEGRAM
    page_token: SecretStr | None = None
    mode: Literal["polling", "webhook"] = "polling"
    poll_timeout: Duration = timedelta(seconds=25)
    bulk_rate: float = Field(default=25.0, gt=0)  # messages a second; Telegram allows a bot about 30
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(default=8443, ge=0, le=65535)

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Self:
        secret = self.webhook_secret.get_secret_value() if self.webhook_secret else ""
        if self.mode == "webhook" and (not self.webhook_url or len(secret) < SHORTEST_SECRET):
            raise ValueError(
                f"a webhook needs webhook_url and a webhook_secret of {SHORTEST_SECRET} characters or more"
            )
        return self


class DatabaseSection(Section):
    """Which database, and the key that it is written with."""

    url: str = "sqlite:///var/fortnight.db"
    key: SecretStr | None = None
    key_file: Path | None = None
    key_command: str | None = None  # whose output is the key, for a vault


CALL_WITHIN = {"en": "within the hour", "es": "en la próxima hora"}
CALLER = {"en": "A clinician", "es": "Una persona del equipo clínico"}


def _words(value: object) -> object:
    if isinstance(value, dict) and set(value) != set(CALL_WITHIN):
        raise ValueError("a language is missing or unknown: give en and es, or one text for all")
    return dict.fromkeys(CALL_WITHIN, value) if isinstance(value, str) else value


Words = Annotated[dict[str, str], BeforeValidator(_words)]


class ClinicSection(Section):
    """The clinic: its name in messages, its zone, the hours in which it is staffed, the region of its crisis lines."""

    name: str = Field(min_length=1, max_length=80)
    timezone: Zone
    region: Region = "US"
    days: str = "mon-fri"
    hours: tuple[str, str] = ("09:00", "17:00")
    holidays: tuple[str, ...] = ()
    caller: Words = CALLER  # by language; a plain text stands for all
    call_within: Words = CALL_WITHIN
    languages: tuple[Literal["en", "es"], ...] = ("en", "es")
    consent_version: str = Field(default=CONSENT, pattern=r"^[A-Za-z0-9.-]{1,16}$")

    @property
    def opening(self) -> ClinicHours:
        """The hours as the rules know them."""
        return parse_clinic_hours(self.days, self.hours, self.timezone, self.holidays)

    @model_validator(mode="after")
    def _opens(self) -> Self:
        self.opening  # noqa: B018 - raises ValueError with the mend
        return self


class Tick(Section):
    """How often the engine looks at what is due; `lease`: how long a process may hold a row before another takes it."""

    interval: Duration = timedelta(seconds=2)
    lease: Duration = timedelta(seconds=30)


class Escalation(Section):
    """The ladders for the two tiers that page."""

    red: LadderOf = DEFAULT_RED
    amber: LadderOf = DEFAULT_AMBER


class SecondChannel(Section):
    """Apprise URLs through which pages and the operator's alarms go besides Telegram."""

    urls: tuple[SecretStr, ...] = ()
    timeout: Duration = timedelta(seconds=20)


class Auditor(Section):
    """The dead-man URLs, pinged only while all is on track; how often a synthetic patient tries the whole path."""

    ping_url: SecretStr | None = None
    second_ping_url: SecretStr | None = None
    interval: Duration = timedelta(minutes=1)
    synthetic_every: Duration = timedelta(hours=1)  # nothing: never


class Backup(Section):
    """The folder that backups are written to, how often, and how long each is kept. Without a folder none are made."""

    folder: Path | None = None
    every: Annotated[Duration, Field(ge=timedelta(minutes=10))] = timedelta(days=1)
    keep: Annotated[Duration, Field(ge=timedelta(days=1))] = timedelta(days=30)


class HealthSection(Section):
    """Where health and metrics are answered over HTTP; nowhere without a port, and 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65535)


class Protocols(Section):
    """A folder of protocol files beside the shipped ones, and the one used when none is named."""

    path: Path | None = None
    default: str = "ketamine-14d"


class Instruments(Section):
    """A folder of the clinic's own instruments, and those among them whose licence it says that it holds."""

    path: Path | None = None
    licensed: tuple[str, ...] = ()


class Messages(Section):
    """A folder of the clinic's own wordings, LANGUAGE.toml each, of which whatever is unfit is left out."""

    path: Path | None = None


class Links(Section):
    """One-time links."""

    valid: Duration = timedelta(days=14)


class Safety(Section):
    """What a clinic may decide about messages from people whom it does not know."""

    strangers: Literal["page", "worklist"] = "page"


class RetentionSection(Section):
    """How long each kind of record is kept. Without `patients` nobody is erased unless somebody asks for it."""

    updates: Annotated[Duration, Field(ge=UPDATES_AT_LEAST)] = UPDATES_AT_LEAST
    dead_letters: Duration = Retention().dead_letters
    messages: Annotated[Duration, Field(ge=timedelta(days=30))] = Retention().messages
    links: Duration = Retention().links
    patients: Annotated[Duration, Field(ge=timedelta(days=30))] | None = None


class Rights(Section):
    """Whether two persons must agree before a patient is erased, or running courses move to another version."""

    two_persons: bool = False


class Digest(Section):
    """When the words that patients wrote reach a clinician, and whether they stand in the message itself."""

    at: WallTime | None = None
    words_in_telegram: bool = False


class Readiness(Section):
    """How soon whoever comes on call must say that they can be reached, and how often clinicians are drilled."""

    answer_within: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=15)
    drill_every: Duration = timedelta(days=7)  # nothing for never


class SecondReader(Section):
    """An optional language model run by the clinic, which may raise what the screening saw in a text. Off by default.

    Only when it is configured does a patient's text leave for it.
    """

    url: str | None = None
    model: str | None = None
    key: SecretStr | None = None
    timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(seconds=10))] = timedelta(seconds=10)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.url is not None and (not self.model or not self.url.startswith(("http://", "https://"))):
            raise ValueError("a second reader needs a url that begins with http:// or https://, and a model")
        return self


class ConsoleSection(Section):
    """Where the staff's web console listens; 0 takes a free port."""

    host: str = "127.0.0.1"
    port: int = Field(default=8480, ge=0, le=65535)


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

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        given = [self.database.key, self.database.key_file, self.database.key_command]
        if sum(each is not None for each in given) > 1:
            raise ValueError("more than one of database.key, key_file and key_command is given: keep one of them")
        return self


def secrets(settings: BaseModel) -> Iterator[str]:
    """Every secret in the settings, for whoever must hide them."""
    for value in dict(settings).values():
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, SecretStr):
                yield each.get_secret_value()
            elif isinstance(each, BaseModel):
                yield from secrets(each)
