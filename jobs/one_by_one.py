"""Does something for each of several rows, so that a row that fails holds up none of the others."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable

log = logging.getLogger(__name__)


async def one_by_one(rows: Iterable[str], do: Callable[[str], Awaitable[None]]) -> None:
    """Do it for every row; raises the errors of those that failed together, once the others are done."""
    failed: list[Exception] = []
    for row in rows:
        try:
            await do(row)
        except Exception as error:
            log.error("a row failed", extra={"action": "row-failed", "row": row}, exc_info=error)
            failed.append(error)
    if failed:
        raise ExceptionGroup("rows failed", failed)
