"""A small file, sealed with a key of its own that a secret leads to, and replaced as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from store import private_file
from store.errors import WrongKey
from store.keys import ID_BYTES, DataKey, derive

_KEY_ID = bytes(ID_BYTES).hex()


def write(path: Path, text: str, *, secret: str, purpose: str) -> None:
    """Seal a text into a file that only this user can read. Raises OSError, and the old file then stands."""
    private_file.write(path, _key(secret, purpose).seal(text, purpose))


def read(path: Path, *, secret: str, purpose: str) -> str | None:
    """The text that was sealed into a file; none when there is no file, or it was sealed with another secret."""
    try:
        return _key(secret, purpose).open(path.read_bytes(), purpose)
    except (OSError, WrongKey):
        return None


def _key(secret: str, purpose: str) -> DataKey:
    return DataKey.of(_KEY_ID, derive(secret.encode(), purpose))
