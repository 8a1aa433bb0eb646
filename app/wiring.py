"""Makes the clinic that the use cases know out of the configuration, the content and an open database."""

from __future__ import annotations

from pathlib import Path

from app.config import ConfigError
from app.settings import Settings
from content import instruments, messages, protocols, screening, wordings
from content.wordings import Wordings
from rules.protocol import Protocol
from rules.retention import Retention
from rules.tier import Tier
from services.clinic import Clinic
from services.protocols import Shelf, written
from store.database import Database


def build_clinic(settings: Settings, folder: Path, database: Database) -> Clinic:
    """The clinic of a configuration; from now on its own wordings are said.

    Raises ProtocolError for a protocol file that cannot be used, ConfigError for an instrument.
    """
    messages.use(known_wordings(settings, folder).texts)
    use_instruments(settings, folder)
    return Clinic(
        database=database,
        name=settings.clinic.name,
        timezone=settings.clinic.timezone,
        region=settings.clinic.region,
        hours=settings.clinic.opening,
        consent_version=settings.clinic.consent_version,
        call_within=settings.clinic.call_within,
        caller=settings.clinic.caller,
        ladders={Tier.RED: settings.escalation.red, Tier.AMBER: settings.escalation.amber},
        load_screening=screening.load,
        instruments=instruments.load(),
        protocols=shelf(settings, folder),
        link_valid=settings.links.valid,
        strangers=settings.safety.strangers,
        second_channel=bool(settings.second_channel.urls),
        digest_at=settings.digest.at,
        digest_words=settings.digest.words_in_telegram,
        answer_within=settings.readiness.answer_within,
        drill_every=settings.readiness.drill_every or None,
        retention=Retention(**dict(settings.retention)),
        two_persons=settings.rights.two_persons,
        page_bot=settings.telegram.page_token is not None,
    )


def shelf(settings: Settings, folder: Path) -> Shelf:
    """The protocols that new courses may stand on, each as a text that is whole without the files it extends.

    Raises ProtocolError, and ConfigError for a default of which there is no file.
    """
    texts = {name: (written(each),) for name, each in known_protocols(settings, folder).items()}
    default = settings.protocols.default
    if default not in texts:
        sentence = f"protocols.default names {default!r}, of which there is no file."
        raise ConfigError([(sentence, f"use one of: {', '.join(sorted(texts))}")])
    return Shelf(texts=texts, default=default)


def known_wordings(settings: Settings, folder: Path) -> Wordings:
    """The clinic's own wordings, those that can be said."""
    own = settings.messages.path
    return wordings.read(folder / own if own else None)


def known_protocols(settings: Settings, folder: Path) -> dict[str, Protocol]:
    """The shipped protocols and those of the clinic's own folder. Raises ProtocolError."""
    own = settings.protocols.path
    use_instruments(settings, folder)
    return protocols.load(folder / own if own else None)


def use_instruments(settings: Settings, folder: Path) -> None:
    """From now on the clinic's own instruments are in use beside the shipped ones. Raises ConfigError."""
    section = settings.instruments
    try:
        instruments.use(instruments.read_folder(folder / section.path if section.path else None, section.licensed))
    except ValueError as error:
        sentence, _, mend = str(error).rpartition(": ")
        raise ConfigError([(f"{sentence}.", mend)]) from None
