"""Takes a backup when one is due, in a lane of its own, and clears old ones away."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from services import backups
from services.clinic import Clinic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Where backups go, how often one is made, how long it is kept."""

    folder: Path
    every: timedelta
    keep: timedelta

    async def take_backup(self, clinic: Clinic, now: datetime) -> None:
        """Run the pass. What goes wrong is the operator's alarm, and tried again in an hour."""
        if not await backups.claim_due(clinic.database, self.every, now):
            return
        made = await backups.take(clinic.database, self.folder / backups.name_at(now), now)
        log.info("backup made", extra={"action": "backup-made", "bytes": made.size, "rows": sum(made.rows.values())})
        await backups.clear_away(self.folder, self.keep, now)
