"""Log lines for machines or people, from which tokens, codes, keys and URLs are taken out whatever wrote them.

An exception is logged by its kind and the places it passed through: its words may be a patient's, or hold a secret.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HIDDEN = "[hidden]"
_SECRETS = re.compile(
    r"\d{6,}:[\w-]{20,}"  # a bot's token
    r"|(?<=start=)[\w-]{8,}|(?<=/start )[\w-]{8,}"  # the code of a link
    r"|(?<![\w+/])[A-Za-z0-9+/]{43}="  # a key of 32 bytes in base64
    r"|\b[a-z][a-z0-9+.-]*://\S+",  # any URL: tokens and passwords live in them
    re.ASCII,
)
_QUIET = ("httpx", "httpcore", "telegram", "apscheduler", "aiohttp", "asyncio", "alembic", "matplotlib", "urllib3")
_SILENT = ("apprise",)  # writes the addresses of its URLs
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_ROOT = Path(__file__).resolve().parent.parent


class _Lines(logging.Formatter):
    """Hides what no log may show; subclasses say what a line looks like."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__()
        self._secrets = sorted((secret for secret in secrets if len(secret) >= 8), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = self.line(record, {key: value for key, value in vars(record).items() if key not in _USUAL})
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return _SECRETS.sub(HIDDEN, line)

    def line(self, record: logging.LogRecord, extra: dict[str, Any]) -> str:
        """One line for a record and what came with it."""
        raise NotImplementedError


class JsonLines(_Lines):
    """One JSON object a line: at, level, logger, message, action and what else came with it."""

    def line(self, record: logging.LogRecord, extra: dict[str, Any]) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        shown = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        more = {key: value for key, value in extra.items() if key not in shown}
        return json.dumps({**shown, **more, **_failure(record)}, ensure_ascii=False, default=str)


class PlainLines(_Lines):
    """For people at a terminal."""

    def line(self, record: logging.LogRecord, extra: dict[str, Any]) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        more = " ".join(f"{key}={value}" for key, value in {**extra, **_failure(record)}.items())
        return f"{at} {record.levelname.lower():7} {record.getMessage()}{f'  ({more})' if more else ''}"


def set_up(*, as_json: bool, secrets: Collection[str] = (), level: int = logging.INFO) -> None:
    """Send all logging to standard error in one form."""
    handler = logging.StreamHandler()
    handler.setFormatter((JsonLines if as_json else PlainLines)(secrets))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _failure(record: logging.LogRecord) -> dict[str, Any]:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    return {"error": type(error).__name__, "where": _places(traceback.extract_tb(error.__traceback__))}


def _places(frames: Sequence[traceback.FrameSummary]) -> list[str]:
    """Where an exception passed through, the place where it was raised last."""
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[-6:]]


def _short(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name
