"""`fortnight backup` and `fortnight restore`: one encrypted file of everything, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app import recovery
from app.cli.desk import ACTOR, configured
from app.cli.printing import Shown
from app.clock import SystemClock
from app.settings import Settings
from services.records import stamp


@configured
async def backup(
    at: tuple[Settings, Path],
    file: Annotated[Path | None, typer.Argument(help="A new file; one in backup.folder if none is named.")] = None,
) -> Shown:
    """Write an encrypted backup while the engine runs, and prove it by restoring it once.

    Example: fortnight backup /mnt/safe/clinic.backup
    """
    settings, folder = at
    made = await recovery.back_up(settings, folder, file, SystemClock().now())
    rows = sum(made.rows.values())
    document = {"file": str(made.path), "made_at": stamp(made.made_at), "bytes": made.size, "rows": rows}
    people = (
        f"{made.path} holds all {rows} rows, and restoring it worked. It opens with the database's key only: "
        "keep the two in different places."
    )
    return Shown(document=document, people=people)


@configured
async def restore(
    at: tuple[Settings, Path], file: Annotated[Path, typer.Argument(help="A file that `fortnight backup` wrote.")]
) -> Shown:
    """Put a backup in the database's place, with the engine stopped; clinicians are paged about what may be missing.

    Example: fortnight restore /mnt/safe/clinic.backup
    """
    settings, folder = at
    done = await recovery.restore(settings, folder, file, SystemClock().now(), actor=ACTOR)
    await recovery.tell(settings)
    gap = done.gap
    document = {
        "from": stamp(gap.from_at),
        "to": stamp(gap.to_at),
        "patients": list(gap.patients),
        "rows": sum(done.rows.values()),
        "set_aside": str(done.set_aside) if done.set_aside else None,
    }
    kept = f" The database from before is kept at {done.set_aside}." if done.set_aside else ""
    people = (
        f"Restored. Answers between {gap.from_at:%Y-%m-%d %H:%M} and {gap.to_at:%H:%M} (UTC) may be missing. "
        f"Clinicians are paged as soon as `fortnight run` starts; check on: {', '.join(gap.patients) or 'nobody'}."
        f" What staff changed since then must be done again, erasures too.{kept}"
    )
    return Shown(document=document, people=people)
