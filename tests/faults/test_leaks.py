"""Row 60: markers are planted in every place that may not be seen, all is driven, and everything is looked through."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app import logging as lines
from app import metrics
from bot.router import FOR_STAFF
from sandbox import faults
from services import backups, export, figures, people
from store.database import Database
from store.errors import StoreError
from store.schema import metadata
from tests.bot.stories import without_table
from tests.bot.updates import message
from tests.faults.test_odd_updates import poison
from tests.world import Phone, World, opened
from tests.world.clinic import TOKEN

NAME, PHONE, PLAN, WORDS = "Zyxwvu", "+34 611 222 333", "quetzalcoatl", "marzipan"
SECRETS = (NAME, PHONE, PLAN, WORDS, "Patient One", TOKEN)


@pytest.fixture
async def world(database: Database, now: datetime, tmp_path: Path) -> AsyncIterator[World]:
    """A clinic on each database: on PostgreSQL the plain columns are what an intruder reads."""
    async with opened(database, now, tmp_path) as world:
        yield world


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that the engine writes while the test runs, as it sets its logging up itself."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    lines.set_up(as_json=True, secrets=[TOKEN])
    seen = io.StringIO()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(seen)
    yield seen
    root.handlers[:] = before
    root.setLevel(level)


async def live(world: World) -> None:
    """Every flow that a marker can take, the errors too."""
    clinician, backup = await world.clinician(), await world.clinician("Backup", on_call="backup")
    patient = await world.patient(phone=PHONE, collateral=NAME)
    await world.infusion(patient)
    await patient.says(f"/plan {PLAN}")
    await patient.says(f"I want to kill myself with {WORDS}")
    await patient.sends("photo", f"{WORDS} again")
    poison(world.telegram, patient.user_id, f"{WORDS} kill myself {PHONE}")
    await world.settle()
    for label in ("Acknowledge", "Show details", "Called the patient", "Close with outcome", "Reached, and safe"):
        await clinician.presses(label)
    await clinician.says(f"She spoke of {WORDS}.")
    world.telegram.faults.add(faults.failing(400, f"Bad Request: {WORDS}").on("sendMessage", times=2))
    world.telegram.faults.add(faults.failing(502).on("getUpdates", times=1))
    await patient.says(f"I will kill myself, {WORDS}")
    await backup.says("/alerts")
    await clinician.says("/digest")
    async with world.transaction() as tx:
        found = await people.patient(tx, patient.alias)
        await export.of_patient(world.clinic, tx, found, actor="cli", now=world.now)
    for each in world.phones:
        each.reads()


async def at_the_desk(world: World) -> None:
    """What staff type in the chat, and what else stands where an attacker would look."""
    desk, clinician = await world.member("Coordinator", role="coordinator"), world.phones[0]
    await desk.says(f"/enrol {NAME}")
    await desk.presses("Europe/Madrid")
    await desk.presses("Español")
    await desk.says(PHONE)
    await desk.presses("Yes")
    await desk.says(f"/enrol {NAME}")
    await desk.presses("Cancel")
    for command in FOR_STAFF:
        await desk.says(f"/{command} {NAME}")
        await clinician.says(f"/{command} {WORDS}")
    for phone in world.phones:
        phone.reads()


async def goes_wrong(world: World, patient: Phone) -> None:
    """Errors at every border, each with a marker in hand: the database, Telegram, a group, a stranger, odd updates."""
    stranger = world._phone("nobody", "stranger", patient=True, language="en")
    said = await patient.says(f"{WORDS} in the morning")
    await patient.edits(said, f"I will kill myself, {WORDS}")
    await patient.sends("voice", f"{WORDS} {PHONE}")
    await stranger.says(f"I want to kill myself with {WORDS}, call {PHONE}")
    await patient.says(f"/start {WORDS}-and-more-of-that")
    for table in ("outbox", "finding", "answer", "inbox"):
        async with without_table(world.clinic.database, table):
            patient.app().say(f"{WORDS} {table}: I want to die")
            poison(world.telegram, patient.user_id, f"{WORDS} {table}: kill myself")
            with suppress(StoreError):
                await world.come_to_rest()
            with suppress(StoreError):
                await world.tick.run_due(world.now)
        await world.advance(timedelta(minutes=1))
    world.telegram.faults.add(faults.failing(400, f"Bad Request: {WORDS} {TOKEN}").on("sendMessage", times=3))
    world.telegram.faults.add(faults.failing(401, f"Unauthorized: {WORDS}").on("getUpdates", times=2))
    await patient.says(f"I cannot go on, {WORDS}")
    world.spill.keep([message(1, patient.user_id, WORDS)])
    for phone in world.phones:
        phone.reads()


async def rows_of(world: World) -> dict[str, str]:
    """Every row of every table as whoever reads the database sees it, without the key."""
    async with world.clinic.database.reading() as tx:
        tables = {table.name: await tx.rows(select(table)) for table in metadata.sorted_tables}
    return {f"table {name}": repr([tuple(row) for row in rows]) for name, rows in tables.items()}


async def test_row_60_no_marker_is_in_a_log_a_button_a_page_a_table_a_metric_or_a_file(
    world: World, log: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    await live(world)
    await at_the_desk(world)
    patient = next(each for each in world.phones if each.is_patient)
    await goes_wrong(world, patient)
    await backups.take(world.clinic.database, tmp_path / "whole.backup", world.now)
    try:
        raise RuntimeError(f"{WORDS} {PHONE} {TOKEN}")
    except RuntimeError:
        logging.getLogger("tests").exception("failed", extra={"action": "failed"})
    logged = log.getvalue()
    assert {"failed", "handler-failed", "receive-failed", "emergency-page"} <= actions_in(logged)
    texts = "\n".join(sent.text for each in world.phones for sent in world.telegram.sent(TOKEN, each.user_id))
    assert WORDS in texts  # behind Show details: it was there to be found
    assert PHONE in texts
    seen = {"the log": logged, "the second channel": "\n".join(world.pager.texts)}
    seen |= await rows_of(world)
    async with world.clinic.database.reading() as tx:
        seen["the metrics"] = metrics.exposition(await figures.gather(world.clinic, tx, world.now)).decode()
    for phone in world.phones:
        for sent in world.telegram.sent(TOKEN, phone.user_id):
            markup = sent.message.get("reply_markup", {}).get("inline_keyboard", [])
            data = [button.get("callback_data", "") for row in markup for button in row]
            assert all(len(each.encode()) <= 64 for each in data)
            seen[f"buttons of {phone.alias} {sent.message.get('message_id')}"] = "\n".join(data)
            kind = world.kinds.get((TOKEN, phone.user_id, int(sent.message.get("message_id", 0))))
            if kind in ("page", "emergency", "digest", "staff-help", "alerts", "caseload"):
                seen[f"{kind} {sent.message.get('message_id')}"] = sent.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    if world.clinic.database.is_sqlite:
        files += [Path(str(world.clinic.database.engine.url.database))]
    assert {path.suffix for path in files} >= {".backup", ".spill"}
    for path in files:
        seen[path.name] = path.read_bytes().decode("latin-1")
    found = {place: [secret for secret in SECRETS if secret in text] for place, text in seen.items()}
    assert not {place: secrets for place, secrets in found.items() if secrets}


def actions_in(logged: str) -> set[str]:
    """The keys of what was logged."""
    return {json.loads(line).get("action", "") for line in logged.splitlines()}
