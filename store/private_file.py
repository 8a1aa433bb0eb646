"""A small file that only this user can read, written or replaced as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file, and its folder if there is none. Raises OSError, and the old file then stands."""
    _beside(path, content).replace(path)
    _keep_names(path.parent)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, and its folder if there is none. Raises OSError, FileExistsError too."""
    fresh = _beside(path, content)
    try:
        os.link(fresh, path)  # unlike a rename it takes no other file's place
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the name is taken first, and then filled
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    _keep_names(path.parent)


def _beside(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _keep_names(folder: Path) -> None:
    """Let a folder's names survive a power cut as what they name does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
