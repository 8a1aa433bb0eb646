"""Row 59: a copy of the database, or another bot's token, starts no engine that could page real people."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app import config, database, installation, recovery
from app.clock import SystemClock
from services import backups
from tests.faults.process import Engine, until
from tests.faults.stage import HELP, TOKEN, Person, Stage

pytestmark = pytest.mark.process
OTHER_TOKEN = "200:another"


async def owned(stage: Stage, folder: Path) -> Person:
    """The clinic as `fortnight migrate` and a first run leave it: of one installation and one bot; its clinician."""
    clinician = await stage.clinician()
    await database.migrate(*config.load(folder / "config.toml", {}))
    engine = await stage.engine()
    stage.telegram.client(clinician.user_id, TOKEN).say("/alerts")
    await until(lambda: bool(stage.telegram.sent(TOKEN, clinician.user_id)))
    await engine.kill()
    return clinician


def elsewhere(stage: Stage, folder: Path) -> Path:
    """Another folder with the same configuration, and a copy of the database where it is a file."""
    there = folder / "elsewhere"
    there.mkdir()
    shutil.copytree(folder / "protocols", there / "protocols")
    text = (folder / "config.toml").read_text()
    if stage.clinic.database.is_sqlite:
        file = Path(str(stage.clinic.database.engine.url.database))
        for each in file.parent.glob(f"{file.name}*"):
            shutil.copy(each, there / each.name)
        text = text.replace(str(file), str(there / file.name))
    (there / "config.toml").write_text(text)
    return there


def started_in(stage: Stage, folder: Path) -> Engine:
    """An engine in a folder."""
    engine = Engine(folder, folder / "engine.log")
    stage.engines.append(engine)
    return engine


def said(engine: Engine) -> str:
    """What an engine wrote that is no log line."""
    return " ".join(line["text"] for line in engine.lines if "text" in line)


async def test_row_59_another_installation_with_key_token_and_a_copy_takes_and_pages_nothing(
    stage: Stage, tmp_path: Path
) -> None:
    clinician = await owned(stage, tmp_path)
    there = elsewhere(stage, tmp_path)
    before = len(stage.telegram.sent(TOKEN, clinician.user_id))
    (patient,) = await stage.enrolled(1, in_course=False)
    patient.phone.say(HELP)
    engine = started_in(stage, there)
    assert await engine.ended() == 1
    assert "belongs to another installation" in said(engine)
    assert "fortnight adopt" in said(engine)
    assert len(stage.telegram.bot(TOKEN).updates) == 1  # it waits for the engine whose patient this is
    assert len(stage.telegram.sent(TOKEN, clinician.user_id)) == before

    await stage.engine()
    await until(lambda: any(patient.alias in sent.text for sent in stage.telegram.sent(TOKEN, clinician.user_id)))


async def test_row_59_a_further_host_starts_with_a_copy_of_the_file_and_a_move_by_adopting(
    stage: Stage, tmp_path: Path
) -> None:
    await owned(stage, tmp_path)
    there = elsewhere(stage, tmp_path)
    shutil.copy(tmp_path / installation.FILE, there)
    beside = started_in(stage, there)
    assert await beside.started(), said(beside)
    await beside.kill()

    (there / installation.FILE).unlink()
    at = config.load(there / "config.toml", {})
    await database.adopt(*at, SystemClock().now(), actor="cli")
    moved = started_in(stage, there)
    assert await moved.started() is True, said(moved)


async def test_row_59_another_bots_token_is_refused_until_it_is_adopted(stage: Stage, tmp_path: Path) -> None:
    await owned(stage, tmp_path)
    stage.telegram.register(OTHER_TOKEN)
    file = tmp_path / "config.toml"
    file.write_text(file.read_text().replace(TOKEN, OTHER_TOKEN))
    refused = stage.spawn()
    assert await refused.ended() == 1
    assert "used with bot 100" in said(refused)
    assert OTHER_TOKEN.partition(":")[2] not in said(refused)
    assert await database.adopt(*config.load(file, {}), SystemClock().now(), actor="cli") == ("100", "200")
    await stage.engine()


@pytest.mark.on("sqlite")
async def test_row_59_a_restored_backup_belongs_to_whoever_restored_it(stage: Stage, tmp_path: Path) -> None:
    await owned(stage, tmp_path)
    backup = tmp_path / "whole.backup"
    await backups.take(stage.clinic.database, backup, SystemClock().now())
    there = elsewhere(stage, tmp_path)
    await recovery.restore(*config.load(there / "config.toml", {}), backup, SystemClock().now(), actor="cli")
    engine = started_in(stage, there)
    assert await engine.started(), said(engine)
