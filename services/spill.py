"""What the database does not take although Telegram shows nothing behind it: in sealed files until it does again.

Telegram gives the oldest hundred updates until they are confirmed. While the database is away whoever writes after
those would be heard by nobody, so a full hundred is kept beside the roster, each in a file of its own, and confirmed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from services.clinic import Clinic
from store import inbox, sealed_file
from store.errors import UnreachableDatabase
from store.ids import new_id
from store.inbox import Received
from store.types import canonical

log = logging.getLogger(__name__)

PURPOSE = "fortnight spill"
SUFFIX, REFUSED, UNREADABLE = ".spill", ".refused", ".unreadable"


class Spill:
    """The files of one host. Their key comes from the bot's token, as the roster's does."""

    def __init__(self, beside: Path, token: str) -> None:
        self._beside, self._token = beside, token

    def keep(self, batch: Sequence[Received]) -> None:
        """Write a batch, whole or not at all. Raises OSError."""
        self._write(self._beside.with_name(f"{self._beside.stem}.{new_id()}{SUFFIX}"), batch)

    def kept(self) -> list[Received]:
        """Everything that is kept, oldest first."""
        return [each for path in self._files() for each in self._read(path) or ()]

    async def give_back(self, clinic: Clinic, now: datetime) -> bool:
        """Store what is kept; what has been stored already is passed over, as when it comes twice.

        Whether all of it went in: what does not is laid aside in a file beside the others, and tried no more.
        """
        whole = True
        for path in self._files():
            batch = self._read(path)
            if batch is None:
                whole = not _laid_aside(path) and whole
                continue
            refused = await _store(clinic, batch, now)
            if refused:
                whole = False
                self._write(path.with_suffix(REFUSED), refused)
            path.unlink(missing_ok=True)
        return whole

    def _write(self, path: Path, batch: Sequence[Received]) -> None:
        text = canonical([asdict(each) for each in batch])
        sealed_file.write(path, text, secret=self._token, purpose=PURPOSE)

    def _files(self) -> list[Path]:
        return sorted(self._beside.parent.glob(f"{self._beside.stem}.*{SUFFIX}"))

    def _read(self, path: Path) -> list[Received] | None:
        text = sealed_file.read(path, secret=self._token, purpose=PURPOSE)
        return None if text is None else [Received(**each) for each in json.loads(text)]


def _laid_aside(path: Path) -> bool:
    """Lay a file aside that does not open; False when another process has stored it meanwhile."""
    try:
        path.rename(path.with_suffix(UNREADABLE))
    except FileNotFoundError:
        return False
    log.error("does not open", extra={"action": "spill-unreadable", "file": path.name})
    return True


async def _store(clinic: Clinic, batch: Sequence[Received], now: datetime) -> list[Received]:
    """All of them, or one by one; returns what alone does not go in while others do. It was screened as it came."""
    try:
        async with clinic.database.transaction() as tx:
            await inbox.add(tx, batch, now)
            return []
    except UnreachableDatabase:
        raise
    except Exception:
        if len(batch) == 1:
            raise
        refused = [each for each in batch if not await _goes_in(clinic, each, now)]
        if len(refused) == len(batch):
            raise
        return refused


async def _goes_in(clinic: Clinic, received: Received, now: datetime) -> bool:
    try:
        await _store(clinic, [received], now)
    except UnreachableDatabase:
        raise
    except Exception as error:
        log.error("not given back", extra={"action": "spill-refused"}, exc_info=error)
        return False
    return True
