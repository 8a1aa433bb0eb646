"""An open transaction as the store executes on it, and how SQLAlchemy itself gives one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from store.driver_errors import translated


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gave: its rows, whose columns are attributes, and how many it touched."""

    rows: Sequence[Any]
    rowcount: int


class Session(Protocol):
    """An open transaction."""

    @property
    def dialect(self) -> str:
        """Which database this is: "sqlite" or "postgresql"."""

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Result:
        """Execute a statement; with a list of values, once for each."""

    def part(self) -> contextlib.AbstractAsyncContextManager[None]:
        """A part that can fail alone."""


class SqlalchemySession:
    """A transaction of SQLAlchemy's: PostgreSQL's, and on either database one that looks at the tables themselves."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    @property
    def dialect(self) -> str:
        """Which database this is."""
        return self.connection.dialect.name

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Result:
        """Execute a statement; with a list of values, once for each."""
        with translated():
            # Without the option psycopg tells no row count for an INSERT.
            result = await self.connection.execute(statement, values, execution_options={"preserve_rowcount": True})
        assert isinstance(result, CursorResult)  # noqa: S101 - what Core statements give
        return Result(rows=result.all() if result.returns_rows else (), rowcount=result.rowcount)

    @contextlib.asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """A part that can fail alone."""
        async with self.connection.begin_nested():
            yield
