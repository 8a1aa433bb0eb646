"""The sections of the configuration: what each key is, and its default."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from app.settings.values import Duration, LadderOf, Section, WallTime
from rules.ladder import DEFAULT_AMBER, DEFAULT_RED
from rules.protocol.fields import problem
from rules.retention import UPDATES_AT_LEAST, Retention

SHORTEST_SECRET = 16
TELEGRAM = "https://api.telegram.org/bot"


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
        if self.mode == "webhook" and not self.webhook_url:
            raise problem("a webhook needs an address", mend="add webhook_url and webhook_secret", key="webhook_url")
        if self.mode == "webhook" and len(secret) < SHORTEST_SECRET:
            mend = f"add a webhook_secret of {SHORTEST_SECRET} characters or more"
            raise problem("a webhook needs a secret", mend=mend, key="webhook_secret")
        return self


class DatabaseSection(Section):
    """Which database, and the key that it is written with."""

    url: str = "sqlite:///var/fortnight.db"
    key: SecretStr | None = None
    key_file: Path | None = None
    key_command: str | None = None  # whose output is the key, for a vault


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
            mend = "begin its url with http:// or https://, and name a model"
            raise problem("a second reader needs an address and a model", mend=mend, key="url")
        return self


class ConsoleSection(Section):
    """Where the staff's web console listens; 0 takes a free port."""

    host: str = "127.0.0.1"
    port: int = Field(default=8480, ge=0, le=65535)
