"""`fortnight protocol`: what there is, whether a file is right, what it would ask when, and the schema for editors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from app import config, database, sheet, sheet_files, wiring
from app.cli.agenda import agenda
from app.cli.desk import bare
from app.cli.options import INSTANT, Language, instant
from app.cli.printing import Shown, table, written
from app.clock import SystemClock
from content import instruments, protocols
from content.files import text_of
from rules.durations import format_duration
from rules.local_time import parse_wall_time
from rules.protocol import Caution, Problem, Protocol, ProtocolError, line_in, losing, schema, standing_in, warnings
from rules.schedule import PreviewRow
from rules.schedule import preview as preview_of
from services import versions
from services.errors import Refused
from store.errors import StoreError

group = typer.Typer(
    help="Protocols: list, validate, preview, diff, publish, move, forecast, schema.", no_args_is_help=True
)
LIST = {
    "id": "protocol",
    "title": "title",
    "window": "window",
    "slots": "slots",
    "version": "version",
    "draft": "file differs",
    "running": "running",
}
SHIPPED = "the shipped protocol"
PROBLEMS = {"line": "line", "key": "key", "problem": "what", "mend": "mend"}
FileArgument = Annotated[Path, typer.Argument(help="A protocol file.")]


@group.command("list")
@bare
async def list_all(path: Path | None) -> Shown:
    """List the protocols: the shipped ones, those of protocols.path and the published ones, with the version in force.

    Example: fortnight protocol list
    """
    known, stored = _known(path), await _stored(path)
    lines = [
        {
            "id": each.protocol.id,
            "title": each.protocol.title,
            "window": format_duration(each.protocol.window),
            "slots": [slot.name for slot in each.protocol.slots],
            "version": each.version,
            "draft": each.draft,
            "running": each.running,
        }
        for each in versions.shelved(known, stored)
    ]
    return Shown(document=lines, people=table(lines, LIST, empty="There is none."))


@group.command("validate")
@bare
async def validate(path: Path | None, file: FileArgument) -> Shown:
    """Say everything that is wrong in a protocol file, by line, and what is unwise in it; exit 1 if it cannot be used.

    Example: fortnight protocol validate mine.toml
    """
    try:
        protocol = protocols.read(file, bases=_known(path))
    except ProtocolError as error:
        own = [each for each in error.problems if _is_about(each, file)]
        if not own:  # another file of protocols.path is broken
            raise
        problems = [{"line": each.line, "key": each.key, "problem": each.sentence, "mend": each.mend} for each in own]
        document = {"valid": False, "problems": problems, "warnings": []}
        return Shown(document=document, people=table(problems, PROBLEMS, empty=""), code=1)
    known = protocols.shipped().get(protocol.id)
    lost = losing(protocol, known, SHIPPED) if known else ()
    cautions = cautions_of(file, protocol, lost)
    columns = {**PROBLEMS, "problem": "unwise"}
    people = table(cautions, columns, empty=f"{protocol.id} is right, and nothing in it is unwise.")
    return Shown(document={"valid": True, "id": protocol.id, "problems": [], "warnings": cautions}, people=people)


@group.command("preview")
@bare
async def preview(
    path: Path | None,
    protocol: Annotated[str, typer.Argument(help="The id of a protocol, or a file.")],
    at: Annotated[list[str], typer.Option("--at", help=f"The end of each infusion, once for each: {INSTANT}")],
    timezone: Annotated[str, typer.Option("--timezone", help="The patient's zone, such as Europe/Madrid.")],
    preferred: Annotated[str | None, typer.Option("--preferred", help="The patient's own time, such as 09:30.")] = None,
    language: Annotated[Language, typer.Option("--language", help="Of the calendar.")] = Language.en,
    html: Annotated[Path | None, typer.Option("--html", help="Write the calendar to this file, to print.")] = None,
    ical: Annotated[Path | None, typer.Option("--ical", help="Write it to this file, for a calendar program.")] = None,
) -> Shown:
    """Show as a calendar what a patient would be asked when, after one infusion or several, and what moved and why.

    Example: fortnight protocol preview ketamine-14d --at 2026-11-02T14:30+01:00 --timezone Europe/Madrid
    """
    now = SystemClock().now()
    infusions, asked = [instant(each, now) for each in at], await named(protocol, path)
    rows = sheet.still_to_come(_preview(asked, infusions, timezone, preferred), infusions, now)
    shown = sheet.sheet(asked, rows, infusions, zone=timezone, language=language.value, instruments=instruments.load())
    if html:
        written(html, sheet_files.as_html(shown))
    if ical:
        written(ical, sheet_files.as_ical(shown, now))
    return Shown(document=[_document(row) for row in rows], people=agenda(shown))


@group.command("schema")
@bare
async def show_schema(path: Path | None) -> Shown:
    """Print the JSON Schema of protocol files, for editors.

    Example: fortnight protocol schema > protocol.schema.json
    """
    with suppress(config.ConfigError):  # a clinic whose configuration is being mended gets what is shipped
        if config.is_there(path, config.environment()):
            wiring.use_instruments(*config.load(path, config.environment()))
    document = schema(instruments=instruments.load())
    return Shown(document=document, people=Text(json.dumps(document, indent=2)))


def _is_about(problem: Problem, file: Path) -> bool:
    return Path(problem.source).resolve() == file.resolve()


def cautions_of(file: Path, protocol: Protocol, more: Iterable[Caution] = ()) -> list[dict[str, Any]]:
    """What is unwise in a file that was read as `protocol`, each with its line; `more` is what else is."""
    text, shipped = text_of(file), protocols.shipped()
    stands_in = protocol.id in shipped and protocol != shipped[protocol.id]
    return [
        {
            "line": line_in(text, protocol, each.key, each.or_key),
            "key": each.key,
            "problem": each.sentence,
            "mend": each.mend,
        }
        for each in ([standing_in(protocol)] if stands_in else []) + [*more, *warnings(protocol)]
    ]


async def _stored(path: Path | None) -> dict[str, versions.Stored]:
    """What the clinic's database knows of protocols; nothing where there is none yet."""
    if not config.is_there(path, config.environment()):
        return {}
    settings, folder = config.load(path, config.environment())
    try:
        opened = await database.open_ready(settings.database, folder)
    except StoreError:
        return {}
    try:
        async with opened.reading() as tx:
            return await versions.stored(tx)
    finally:
        await opened.close()


def _preview(
    protocol: Protocol, infusions: list[datetime], timezone: str, preferred: str | None
) -> tuple[PreviewRow, ...]:
    try:
        wall = parse_wall_time(preferred) if preferred else None
        return preview_of(protocol, infusions, zone=timezone, preferred=wall)
    except ValueError as error:
        sentence, _, mend = str(error).rpartition(": ")
        raise Refused(f"{sentence}.", mend) from None


def _document(row: PreviewRow) -> dict[str, Any]:
    return {
        "slot": row.slot,
        "course": row.course,
        "local": row.local.isoformat(),
        "due_at": row.due_at.isoformat(),
        "moved_because": row.moved_because,
    }


async def named(name: str, path: Path | None) -> Protocol:
    """The protocol of an id as new courses get it, or the one in a file."""
    files = _known(path)
    known = {each.protocol.id: each.protocol for each in versions.shelved(files, await _stored(path))}
    if name in known:
        return known[name]
    file = Path(name)
    if file.is_file():  # noqa: ASYNC240 - nothing else runs beside a command
        return protocols.read(file, bases=files)
    raise Refused(f"There is no protocol {name!r}.", f"use one of: {', '.join(sorted(known))}, or name a file")


def _known(path: Path | None) -> dict[str, Protocol]:
    """The clinic's protocols; where there is no configuration, the shipped ones."""
    if not config.is_there(path, config.environment()):
        return protocols.shipped()
    settings, folder = config.load(path, config.environment())
    return wiring.known_protocols(settings, folder)
