"""Anchors: the ends of the audit's chains, kept outside the database, so that a cut tail or a chain made anew shows.

Each line holds the ends that have moved since the line before, and a link: a hash of the line and of the link before.
Whoever has a later link, such as the service that is pinged, can tell that no earlier line was changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.clinic import Clinic
from services.errors import Refused
from store import audit
from store.database import Database
from store.errors import StaleDatabase
from store.types import canonical

BEGINNING = "0" * 64
Anchored = Mapping[str, Mapping[int, str]]  # stream → number → hash


class Behind(Exception):
    """The database has less of the audit than its anchors: a tail was cut, or a copy was put in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """What a file of anchors holds: hashes by stream and number, the end of each stream, every link in order."""

    hashes: Anchored
    ends: Mapping[str, int]
    links: tuple[str, ...]


class AnchorFile:
    """The file to which the ends are added; another host's is the better one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, int] | None = None
        self._link = BEGINNING

    async def add(self, clinic: Clinic, now: datetime) -> str:
        """Add the ends that have moved; returns the last link.

        Raises OSError, Refused when the file was changed, Behind when the database has less than was anchored.
        """
        if self._known is None:
            anchors = await asyncio.to_thread(read, self.path)
            self._known, self._link = dict(anchors.ends), (anchors.links or (BEGINNING,))[-1]
        async with clinic.database.reading() as tx:
            ends = await audit.heads(tx)
        if _is_behind(ends, self._known):
            raise Behind
        moved = {stream: [seq, mac] for stream, (seq, mac) in ends.items() if self._known.get(stream) != seq}
        if moved:
            link = _link(self._link, now.isoformat(), moved)
            line = canonical({"at": now.isoformat(), "heads": moved, "link": link})
            await asyncio.to_thread(_append, self.path, line)
            self._link = link
            self._known |= {stream: ends[stream][0] for stream in moved}
        return self._link


async def refuse_behind(database: Database, path: Path) -> None:
    """Raise StaleDatabase for one that has less than was anchored; anchors that cannot be read are the auditor's."""
    try:
        anchors = await asyncio.to_thread(read, path)
    except (OSError, ValueError, Refused):
        return
    async with database.reading() as tx:
        ends = await audit.heads(tx)
    if _is_behind(ends, anchors.ends):
        raise StaleDatabase(
            "The database is older than its own record of it: an old copy stands in its place.",
            "put the newer one back, or `fortnight restore` a backup; if this copy is all there is, `fortnight backup` "
            "makes one of it to restore: clinicians are paged about what is missing then, and nothing old is asked",
        )


def _is_behind(ends: Mapping[str, tuple[int, str]], anchored: Mapping[str, int]) -> bool:
    return any(ends.get(stream, (0, ""))[0] < seq for stream, seq in anchored.items())


def read(path: Path) -> Anchors:
    """The anchors in a file, none if there is no file; a line that a crash cut short at the end is passed over.

    Raises Refused at the first line that does not follow from the one before.
    """
    hashes: defaultdict[str, dict[int, str]] = defaultdict(dict)
    links = [BEGINNING]
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for number, line in enumerate(text.split("\n")[:-1], 1):
        try:
            said = json.loads(line)
            good = said["link"] == _link(links[-1], said["at"], said["heads"])
        except (ValueError, KeyError, TypeError):
            good = False
        if not good:
            raise Refused(
                f"{path}: line {number} was changed or taken out.", "compare it with a copy, and with the pings"
            )
        links.append(said["link"])
        for stream, (seq, mac) in said["heads"].items():
            hashes[stream][seq] = mac
    return Anchors(hashes=hashes, ends={stream: max(each) for stream, each in hashes.items()}, links=tuple(links[1:]))


def of_heads(heads: Iterable[tuple[str, int, str]]) -> Anchored:
    """The anchors that the ends in a backup are."""
    return {stream: {seq: mac} for stream, seq, mac in heads}


def set_aside(path: Path, now: datetime) -> None:
    """Begin a new file: the database was restored, and the old anchors are evidence of what came after the backup."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%SZ}"))


def _link(before: str, at: str, heads: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical([before, at, heads]).encode()).hexdigest()


def _append(path: Path, line: str) -> None:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        file.truncate(file.read().rfind(b"\n") + 1)  # without what a crash left unfinished
        file.seek(0, os.SEEK_END)
        file.write(f"{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())
