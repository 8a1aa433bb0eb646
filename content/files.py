"""The text files of a clinic's own: written with any editor, so perhaps with a byte order mark in front."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def text_of(path: Path) -> str:
    """The text of a UTF-8 file. Raises OSError, UnicodeDecodeError."""
    return path.read_text(encoding="utf-8-sig")


def toml_of(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises OSError, and ValueError for whatever is no TOML."""
    try:
        return tomllib.loads(text_of(path))
    except RecursionError:
        raise ValueError("its brackets are too deep") from None
