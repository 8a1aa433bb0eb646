"""What every command does around its one service call: read the configuration, open the database, commit, then show."""

from __future__ import annotations

import asyncio
import enum
import inspect
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from app import config, database, telegram_name, wiring
from app.cli import entry, operators
from app.cli.printing import Complaint, Shown, complain, show
from app.clock import SystemClock
from app.config import ConfigError
from app.settings import Settings
from rules.local_time import to_local
from rules.protocol import ProtocolError
from services.clinic import Clinic
from services.errors import Refused
from store.database import Transaction
from store.errors import StoreError

ACTOR = f"cli:{operators.account()}"  # who the audit says it was
TRACEBACK = "FORTNIGHT_TRACEBACK"
P = ParamSpec("P")
Bound = Callable[[Any], Awaitable[Shown]]
Around = Callable[[Settings, Path, Bound], Awaitable[Shown]]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration file (or FORTNIGHT_CONFIG).", show_default=False)
]


class How(enum.Enum):
    """What a command does in the database."""

    READS, WRITES, LINKS = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a command works with: the clinic, an open transaction, the time."""

    settings: Settings
    folder: Path
    clinic: Clinic
    tx: Transaction
    now: datetime
    bot_name: str | None = None
    actor: str = ACTOR  # the member whose account gives the command, or the account

    def local(self, at: datetime, zone: str | None = None) -> str:
        """An instant as people read it, by the clocks of a zone; of the clinic's, if none."""
        where = zone or self.clinic.timezone
        return f"{to_local(at, where):%a %Y-%m-%d %H:%M} ({where})"


@dataclass(slots=True)
class Everywhere:
    """The options that may stand before the command, too."""

    as_json: bool = False
    config: Path | None = None


def reading(use: Callable[Concatenate[Desk, P], Awaitable[Shown]]) -> Callable[P, None]:
    """A command that only looks."""
    return _command(use, partial(in_database, how=How.READS))


def writing(use: Callable[Concatenate[Desk, P], Awaitable[Shown]]) -> Callable[P, None]:
    """A command whose service call writes; its result is shown once it has committed."""
    return _command(use, partial(in_database, how=How.WRITES))


def linking(use: Callable[Concatenate[Desk, P], Awaitable[Shown]]) -> Callable[P, None]:
    """A command that writes and gives a link, for which it is told the bot's name."""
    return _command(use, partial(in_database, how=How.LINKS))


def configured(use: Callable[Concatenate[tuple[Settings, Path], P], Awaitable[Shown]]) -> Callable[P, None]:
    """A command that needs the configuration (and its folder) but no database."""
    return _command(use, lambda settings, folder, bound: bound((settings, folder)))


def bare(use: Callable[Concatenate[Path | None, P], Awaitable[Shown]]) -> Callable[P, None]:
    """A command that needs nothing; it is handed the path of the configuration, if one was named."""
    return _command(use, None)


async def in_database(settings: Settings, folder: Path, bound: Bound, *, how: How) -> Shown:
    """Do it in one transaction of the configured database."""
    opened = await database.open_ready(settings.database, folder)
    try:
        clinic = wiring.build_clinic(settings, folder, opened)
        name = await telegram_name.of_bot(settings.telegram, opened) if how is How.LINKS else None
        async with opened.reading() if how is How.READS else opened.transaction() as tx:
            now = SystemClock().now()
            return await bound(Desk(settings=settings, folder=folder, clinic=clinic, tx=tx, now=now, bot_name=name))
    finally:
        await opened.close()


def _command(use: Callable[..., Awaitable[Shown]], around: Around | None) -> Callable[..., None]:
    """The plain function that typer sees: the command's own options, then --json and --config."""

    def command(**given: Any) -> None:
        context = given.pop("context")
        everywhere = _everywhere(context, given.pop("as_json"), given.pop("config_path"))
        actor = ACTOR

        def bound(desk: Any) -> Awaitable[Shown]:
            return use(replace(desk, actor=actor) if isinstance(desk, Desk) else desk, **given)

        async def run() -> Shown:
            nonlocal actor
            if around is None:
                return await bound(everywhere.config)
            settings, folder = config.load(everywhere.config, config.environment())
            actor = await entry.checked(settings, folder, entry.name_of(context))
            return await around(settings, folder, bound)

        try:
            shown = asyncio.run(run())
        except Exception as error:
            complaint = complaint_of(error)
            complain(complaint, as_json=everywhere.as_json)
            raise typer.Exit(complaint.code) from None
        show(shown, as_json=everywhere.as_json)
        raise typer.Exit(shown.code)

    command.__doc__, command.__name__ = use.__doc__, use.__name__
    command.__signature__ = _signature(use)  # type: ignore[attr-defined]
    return command


def _everywhere(context: typer.Context, as_json: bool, path: Path | None) -> Everywhere:
    above = context.obj if isinstance(context.obj, Everywhere) else Everywhere()
    return Everywhere(as_json=as_json or above.as_json, config=path or above.config)


def _signature(use: Callable[..., Any]) -> inspect.Signature:
    own = list(inspect.signature(use, eval_str=True).parameters.values())[1:]
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        inspect.Parameter("as_json", keyword, annotation=JsonOption, default=False),
        inspect.Parameter("config_path", keyword, annotation=ConfigOption, default=None),
    ]
    return inspect.Signature([each.replace(kind=keyword) for each in own] + added)


def complaint_of(error: Exception) -> Complaint:
    """What to tell of an error; one that nobody foresaw by its kind and place, since its words may be a patient's."""
    if isinstance(error, Refused):
        return Complaint(error=str(error), mend=error.mend, code=2)
    if isinstance(error, ConfigError):
        return Complaint(error=str(error), mend=error.mend, code=2)
    if isinstance(error, ProtocolError):
        mends = "; ".join(dict.fromkeys(problem.mend for problem in error.problems))
        return Complaint(error=str(error), mend=mends, code=2)
    if isinstance(error, StoreError):
        return Complaint(error=str(error), mend=error.mend)
    if config.environment().get(TRACEBACK):
        raise error
    place = traceback.extract_tb(error.__traceback__)[-1]
    sentence = f"Something failed that should not: {type(error).__name__} in {place.name}, line {place.lineno}."
    return Complaint(error=sentence, mend=f"report it, with what {TRACEBACK}=1 prints")
