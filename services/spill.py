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
from store.errors import DamagedDatabase, MissingDatabase, SchemaMismatch, StoreError, UnreachableDatabase
from store.ids import new_id
from store.inbox import Received
from store.types import canonical

log = logging.getLogger(__name__)

PURPOSE = "fortnight spill"
SUFFIX, REFUSED, UNREADABLE = ".spill", ".refused", ".unreadable"
ABOUT_THE_WHOLE = (UnreachableDatabase, DamagedDatabase, MissingDatabase, SchemaMismatch)  # and not about an update


class Spill:
    """The files of one host. Their key comes from the bot's token, as the roster's does."""

    def __init__(self, beside: Path, token: str) -> None:
        self._beside, self._token = beside, token

    def keep(self, batch: Sequence[Received]) -> None:
        """Write a batch, whole or not at all. Raises OSError."""
        self._write(self._beside.with_name(f"{self._beside.stem}.{new_id()}{SUFFIX}"), batch)

    def lay_aside(self, batch: Sequence[Received]) -> None:
        """Keep what the database refuses while it takes the rest, and Telegram will not send again. Raises OSError."""
        self._write(self._beside.with_name(f"{self._beside.stem}.{new_id()}{REFUSED}"), batch)

    def kept(self) -> list[Received]:
        """Everything that is kept, oldest first."""
        return [each for path in self._files() for each in self._read(path) or ()]

    async def give_back(self, clinic: Clinic, now: datetime) -> bool:
        """Store what is kept; what has been stored already is passed over, as when it comes twice.

        Of a file nothing goes in: it waits, and with it what its chats wrote later, until another file has shown that
        the database takes something. What then does not go in alone is laid aside in a file beside the others and
        tried no more. Returns whether all went in. Raises StoreError when nothing does, and lays nothing aside then.
        """
        whole, stored, waiting = True, False, dict[Path, list[Received]]()
        for path in self._files():
            batch = self._read(path)
            if batch is None:
                whole = not _laid_aside(path) and whole
                continue
            held = {each.chat_id for kept in waiting.values() for each in kept} - {None}
            ready = [each for each in batch if each.chat_id not in held]
            refused = await _refused(clinic, ready, now)
            stored = stored or len(refused) < len(ready)
            if len(refused) < len(ready) == len(batch):
                whole = self._settle(path, refused) and whole
            else:
                waiting[path] = batch
        if waiting and not stored:
            raise StoreError("Nothing of what was set aside goes into the database.", "the log says why")
        for path, batch in waiting.items():
            whole = self._settle(path, await _refused(clinic, batch, now)) and whole
        return whole

    def _settle(self, path: Path, refused: Sequence[Received]) -> bool:
        """A file is done with; whether all of it went in."""
        if refused:
            self._write(path.with_suffix(REFUSED), refused)
        path.unlink(missing_ok=True)
        return not refused

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


async def _refused(clinic: Clinic, batch: Sequence[Received], now: datetime) -> list[Received]:
    """Store all of them, or one by one; returns what does not go in. It was screened as it came."""
    try:
        async with clinic.database.transaction() as tx:
            await inbox.add(tx, batch, now)
        return []
    except ABOUT_THE_WHOLE:
        raise
    except Exception as error:
        if len(batch) > 1:
            return [each for one in batch for each in await _refused(clinic, [one], now)]
        log.error("not given back", extra={"action": "spill-refused"}, exc_info=error)
        return list(batch)
