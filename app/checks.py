"""What `fortnight check` looks at: the configuration, the database, Telegram, the people, the running engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from app import config, database, installation, telegram_name, wiring
from app.config import ConfigError
from app.settings import Settings
from content import instruments
from content.crisis_lines import unchecked
from content.files import told
from content.readiness import sentence_and_mend
from content.wordings import hard_to_read
from rules.local_time import to_local
from rules.protocol import Problem as Placed
from rules.protocol import ProtocolError
from services import anchoring, backups, belonging, readiness, watching
from services.clinic import Clinic
from services.downtime import TICK
from services.readiness import Problem
from store import heartbeats
from store.errors import StoreError

INSTANTS = ("from", "to", "since")  # figures that are instants, or say that there is none
AUDITED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A problem in a sentence, and what mends it."""

    problem: str
    mend: str


async def everything(path: Path | None, now: datetime) -> list[Found]:
    """Every problem, the first ones first: those behind it may be its consequences."""
    try:
        settings, folder = config.load(path, config.environment())
    except ConfigError as error:
        return [Found(problem=sentence, mend=mend) for sentence, mend in error.problems]
    broken = _of_protocols(settings, folder)
    return [
        *broken,
        *await _of_database(settings, folder, now, can_ask=not broken),
        *await _of_telegram(settings),
        *_of_contents(settings, folder, now),
        *([] if settings.auditor.ping_url else [_said(Problem(code="no-ping"), settings)]),
    ]


async def is_running(path: Path | None, now: datetime) -> list[Found]:
    """Cheap enough for every half a minute: whether the poll and the tick have shown a sign of life lately."""
    settings, folder = config.load(path, config.environment())
    opened = await database.open_ready(settings.database, folder)
    try:
        async with opened.reading() as tx:
            beats = await heartbeats.last(tx)
    finally:
        await opened.close()
    late = {name: beats.get(name) for name in (watching.POLL, TICK)}
    return [
        _said(
            Problem(code="engine-stopped", figures={"part": name, "since": at.isoformat() if at else "ever"}), settings
        )
        for name, at in late.items()
        if at is None or not heartbeats.is_lively(at, now)
    ]


def _of_protocols(settings: Settings, folder: Path) -> list[Found]:
    """What is wrong in files without which `run` refuses to start: the clinic's own protocols and instruments."""
    try:
        wiring.shelf(settings, folder)
    except ConfigError as error:
        return [Found(problem=sentence, mend=mend) for sentence, mend in error.problems]
    except ProtocolError as error:
        return [_placed(each) for each in error.problems]
    return []


async def _of_database(settings: Settings, folder: Path, now: datetime, *, can_ask: bool) -> list[Found]:
    try:
        opened = await database.open_ready(settings.database, folder)
    except StoreError as error:
        return [Found(problem=str(error), mend=error.mend)]
    try:
        await belonging.refuse_foreign(opened, installation.of(settings.telegram, folder))
        if opened.is_sqlite:
            await anchoring.refuse_behind(opened, database.anchors_path(settings.database, folder))
        clinic = wiring.build_clinic(settings, folder, opened)
        if not can_ask:
            clinic = replace(clinic, protocols=wiring.shipped_shelf())
        return [_said(each, settings) for each in await _of_people(clinic, settings, now)]
    except StoreError as error:
        return [Found(problem=str(error), mend=error.mend)]
    finally:
        await opened.close()


async def _of_people(clinic: Clinic, settings: Settings, now: datetime) -> list[Problem]:
    async with clinic.database.reading() as tx:
        found = await readiness.problems(clinic, tx, now)
        beats = await heartbeats.last(tx)
    audited_at, backed_up_at = beats.get(watching.AUDITOR), beats.get(backups.MADE)
    if settings.auditor.ping_url and (audited_at is None or audited_at < now - AUDITED):
        found.append(Problem(code="no-auditor"))
    if backed_up_at is None and settings.backup.folder is None:
        found.append(Problem(code="no-backups"))
    elif backed_up_at is not None and backed_up_at < now - 2 * settings.backup.every:
        found.append(Problem(code="old-backup", figures={"since": backed_up_at.isoformat()}))
    return found


async def _of_telegram(settings: Settings) -> list[Found]:
    answer = await telegram_name.ask(settings.telegram)
    codes = {"refused": "token-refused", "unreachable": "telegram-unreachable"}
    return [_said(Problem(code=codes[answer.state]), settings)] if answer.state in codes else []


def _of_contents(settings: Settings, folder: Path, now: datetime) -> list[Found]:
    """What may stand, but had better not: in the clinic's own wordings, licences and crisis lines."""
    found: list[Found] = []
    try:
        wiring.refuse_missing("messages", settings.messages.path, settings, folder)
    except ConfigError as error:
        found += [Found(problem=sentence, mend=mend) for sentence, mend in error.problems]
    own = wiring.known_wordings(settings, folder)
    found += [_placed(each) for each in (*own.problems, *hard_to_read(own))]
    asked = wiring.known_instruments(settings, folder)
    there = {*instruments.shipped(), *asked.instruments}
    unknown = [repr(each) for each in settings.instruments.licensed if each not in there]
    if unknown and not asked.problems:  # else it may be the id of a file that is broken
        figures = {"where": settings.where("instruments.licensed"), "names": ", ".join(unknown)}
        found.append(_said(Problem(code="licensed-unknown", figures=figures), settings))
    return [*found, *_of_lines(settings, now)]


def _of_lines(settings: Settings, now: datetime) -> list[Found]:
    on = settings.clinic.crisis_lines_checked_on
    why = unchecked(on, to_local(now, settings.clinic.timezone).date())
    figures = {"region": settings.clinic.region, "on": on.isoformat() if on else ""}
    return [_said(Problem(code=f"crisis-lines-{why}", figures=figures), settings)] if why else []


def _placed(problem: Placed) -> Found:
    sentence, mend = told(problem)
    return Found(problem=sentence, mend=mend)


def _said(problem: Problem, settings: Settings) -> Found:
    local = {name: _local(value, settings) for name, value in problem.figures.items() if name in INSTANTS}
    sentence, mend = sentence_and_mend(problem.code, **{**problem.figures, **local})
    return Found(problem=sentence, mend=mend)


def _local(instant: str, settings: Settings) -> str:
    """An instant as the clinic's clocks show it."""
    try:
        return f"{to_local(datetime.fromisoformat(instant), settings.clinic.timezone):%Y-%m-%d %H:%M}"
    except ValueError:
        return instant
