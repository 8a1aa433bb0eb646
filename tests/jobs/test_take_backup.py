"""The scheduled backup: once a day, in a lane of its own, old ones cleared away, a failure told."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from jobs.passes import lanes_with
from jobs.take_backup import Backups
from jobs.tick import Tick
from services.clinic import Clinic
from services.roster import RosterFile

DAY = timedelta(days=1)


def ticking(clinic: Clinic, now: datetime, folder: Path) -> tuple[Tick, list[str]]:
    alarms: list[str] = []

    async def alarm(what: str) -> None:
        alarms.append(what)

    backups = Backups(folder=folder, every=DAY, keep=3 * DAY)
    lanes = lanes_with(RosterFile(folder.parent / "roster", "1:token"), None, backups)
    return Tick(clinic, lambda: now, interval=DAY, alarm=alarm, lanes=lanes), alarms


async def test_a_backup_is_made_each_day_and_those_of_three_days_are_kept(
    clinic: Clinic, now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    tick, alarms = ticking(clinic, now, folder)
    for hours in range(0, 24 * 6, 12):
        await tick.run_due(now + timedelta(hours=hours))
    assert len(list(folder.iterdir())) == 4
    assert alarms == []


async def test_a_backup_that_cannot_be_made_is_told_and_tried_again(
    clinic: Clinic, now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.write_text("a file where the folder should be")
    tick, alarms = ticking(clinic, now, folder)
    await tick.run_due(now)
    assert alarms == ["backup-failed"]
    folder.unlink()
    await tick.run_due(now + timedelta(hours=1))
    assert len(list(folder.iterdir())) == 1
