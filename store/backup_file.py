"""A backup's file: a line that says what it is, then lines of text in sealed pieces, of which none can go missing.

The pieces are compressed and sealed with AES-256-GCM under a key that the master key leads to. Each is bound to the
head, to its number and to whether it is the last, so that a file that was cut, mixed or altered does not open.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import AsyncIterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.errors import UnusableBackup, WrongKey
from store.keys import NONCE_BYTES, MasterKey, derive

MAGIC = b"fortnight backup 1\n"
PIECE = 256 * 1024  # characters
LENGTH_BYTES = 4
ANOTHER = "give another backup; one that `fortnight backup` wrote was whole when it was written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What can be read without a key: when the backup was made, with which key, at which step of the tables."""

    made_at: datetime
    key: str
    step: str


async def write(path: Path, head: Head, lines: AsyncIterable[str], master: MasterKey) -> None:
    """Write a new file that only this user can read; it is on the disk when this returns. Raises OSError."""
    shown = _shown(head)
    box, number, held, size = _box(master), 0, list[str](), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(MAGIC + shown + b"\n")
        async for line in lines:
            held.append(line)
            size += len(line)
            if size >= PIECE:
                file.write(_sealed(box, held, shown, number, last=False))
                number, held, size = number + 1, [], 0
        file.write(_sealed(box, held, shown, number, last=True))
        file.flush()
        os.fsync(file.fileno())


def read_head(path: Path) -> Head:
    """What a backup says of itself. Raises UnusableBackup for any other file, a plain copy of a database too."""
    try:
        with path.open("rb") as file:
            magic, shown = file.read(len(MAGIC)), file.readline()
    except OSError as error:
        sentence = f"{path} cannot be read ({type(error).__name__})."
        raise UnusableBackup(sentence, "give the path of a backup that this user may read") from None
    if magic != MAGIC:
        raise UnusableBackup(
            f"{path} is no Fortnight backup.",
            "give a file that `fortnight backup` wrote: a plain copy of a live database lacks what was written last",
        )
    return _head(path, shown)


def read(path: Path, master: MasterKey) -> Iterator[str]:
    """The lines of a backup. Raises WrongKey, or UnusableBackup at the first piece that is not as it was written."""
    head = read_head(path)
    if head.key != master.fingerprint:
        mend = "give database.key the key of that time for the restore; after `fortnight keys rotate` it was kept"
        raise WrongKey(f"{path} was made with another key, whose fingerprint is {head.key}.", mend)
    box, shown, number, last = _box(master), _shown(head), 0, False
    with path.open("rb") as file:
        file.seek(len(MAGIC) + len(shown) + 1)
        while not last:
            size = int.from_bytes(file.read(LENGTH_BYTES))
            lines, last = _opened(path, box, file.read(size), shown, number)
            yield from lines
            number += 1


def _box(master: MasterKey) -> AESGCM:
    return AESGCM(derive(master.secret, "fortnight backup"))


def _shown(head: Head) -> bytes:
    return json.dumps({"made_at": head.made_at.isoformat(), "key": head.key, "step": head.step}).encode()


def _head(path: Path, shown: bytes) -> Head:
    try:
        said = json.loads(shown)
        return Head(made_at=datetime.fromisoformat(said["made_at"]), key=str(said["key"]), step=str(said["step"]))
    except (ValueError, KeyError, TypeError):
        raise UnusableBackup(f"{path} is damaged.", ANOTHER) from None


def _bound(shown: bytes, number: int, *, last: bool) -> bytes:
    return shown + f"{number}{'.' if last else ','}".encode()


def _sealed(box: AESGCM, lines: list[str], shown: bytes, number: int, *, last: bool) -> bytes:
    nonce, text = os.urandom(NONCE_BYTES), zlib.compress("\n".join(lines).encode(), level=3)
    piece = nonce + box.encrypt(nonce, text, _bound(shown, number, last=last))
    return len(piece).to_bytes(LENGTH_BYTES) + piece


def _opened(path: Path, box: AESGCM, piece: bytes, shown: bytes, number: int) -> tuple[list[str], bool]:
    for last in (False, True):
        try:
            text = box.decrypt(piece[:NONCE_BYTES], piece[NONCE_BYTES:], _bound(shown, number, last=last))
            return zlib.decompress(text).decode().split("\n"), last
        except (InvalidTag, ValueError):
            continue
    raise UnusableBackup(f"{path} is damaged or cut off.", ANOTHER)
