"""Makes the clinic that the use cases know out of the configuration, the content and an open database."""

from __future__ import annotations

from pathlib import Path

from app.config import ConfigError
from app.late import Late
from app.settings import Settings
from content import crisis_lines, instruments, messages, protocols, screening, wordings
from content.files import told
from content.wordings import Wordings
from rules.protocol import Protocol
from rules.retention import Retention
from rules.tier import Tier
from services.clinic import Clinic
from services.protocols import Shelf, written
from store.database import Database


def build_clinic(settings: Settings, folder: Path, database: Database) -> Clinic:
    """The clinic of a configuration; from now on its own wordings, lines and instruments are used.

    What cannot be used of those is left out. The protocols are read when they are first needed, as `shelf` does.
    """
    say_its_own(settings, folder)
    instruments.use(known_instruments(settings, folder).instruments)
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
        protocols=Shelf(texts=Late(lambda: shelf(settings, folder).texts), default=settings.protocols.default),
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

    Raises ProtocolError, and ConfigError for an instrument, or for a default of which there is no file.
    """
    texts = {name: (written(each),) for name, each in known_protocols(settings, folder).items()}
    default = settings.protocols.default
    if default not in texts:
        sentence = f"{settings.where('protocols.default')}: there is no file of {default!r}."
        raise ConfigError([(sentence, f"use one of: {', '.join(sorted(texts))}")])
    return Shelf(texts=texts, default=default)


def shipped_shelf() -> Shelf:
    """The protocols that come with the product, for whoever looks at the rest while the clinic's own are broken."""
    texts = {name: (written(each),) for name, each in protocols.shipped().items()}
    return Shelf(texts=texts, default="ketamine-14d")


def say_its_own(settings: Settings, folder: Path) -> Wordings:
    """From now on the clinic's own wordings and crisis lines are used; returns the wordings, unfit ones among them."""
    own = known_wordings(settings, folder)
    messages.use(own.texts)
    crisis_lines.use(settings.clinic.own_lines)
    return own


def known_wordings(settings: Settings, folder: Path) -> Wordings:
    """The clinic's own wordings, those that can be said; none where their folder is missing."""
    own = settings.messages.path
    return wordings.read(folder / own) if own else Wordings()


def known_instruments(settings: Settings, folder: Path) -> instruments.Own:
    """The clinic's own instruments, those that can be asked; none where their folder is missing."""
    own = settings.instruments
    return instruments.read_folder(folder / own.path, own.licensed) if own.path else instruments.Own()


def known_protocols(settings: Settings, folder: Path) -> dict[str, Protocol]:
    """The shipped protocols and those of the clinic's own folder. Raises ProtocolError, ConfigError."""
    use_instruments(settings, folder)
    refuse_missing("protocols", settings.protocols.path, settings, folder)
    own = settings.protocols.path
    return protocols.load(folder / own if own else None)


def use_instruments(settings: Settings, folder: Path) -> None:
    """From now on the clinic's own instruments are in use beside the shipped ones. Raises ConfigError."""
    refuse_missing("instruments", settings.instruments.path, settings, folder)
    own = known_instruments(settings, folder)
    if own.problems:
        raise ConfigError([told(each) for each in own.problems])
    instruments.use(own.instruments)


def refuse_missing(section: str, path: Path | None, settings: Settings, folder: Path) -> None:
    """Raise ConfigError for a folder of the clinic's own that is not there."""
    if path is not None and not (folder / path).is_dir():
        where = settings.where(f"{section}.path")
        raise ConfigError([(f"{where}: there is no folder {folder / path}.", "make it, or mend its name there")])
