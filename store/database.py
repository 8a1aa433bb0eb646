"""One database, its keys and its transactions; whatever commits wakes those who wait for new rows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.driver_errors import translated
from store.embedded import Embedded
from store.keyring import KeyRing
from store.keys import DataKey, MasterKey
from store.session import Result, Session, SqlalchemySession

Listener = Callable[[frozenset[str]], None]


class Transaction:
    """An open transaction, and the keys that its rows are sealed with."""

    def __init__(self, session: Session, keyring: KeyRing) -> None:
        self.session = session
        self.keyring = keyring
        self.fresh_keys: dict[str, DataKey] = {}
        self.lost_keys: set[str] = set()
        self.wakes: set[str] = set()

    @property
    def dialect(self) -> str:
        """Which database this is: "sqlite" or "postgresql"."""
        return self.session.dialect

    @property
    def connection(self) -> AsyncConnection:
        """SQLAlchemy's connection, of a transaction that was begun `by_sqlalchemy`, or on PostgreSQL."""
        assert isinstance(self.session, SqlalchemySession)  # noqa: S101 - asked for by whoever begins it
        return self.session.connection

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Result:
        """Execute a statement; with a list of values, once for each."""
        return await self.session.execute(statement, values)

    async def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """All rows of a query."""
        return (await self.session.execute(statement, values)).rows

    async def row(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any | None:
        """The first row of a query, or none."""
        rows = (await self.session.execute(statement, values)).rows
        return rows[0] if rows else None

    async def lock(self, subject: str) -> None:
        """Let no other transaction with the same subject run until this one ends.

        SQLite has one writer at a time anyway.
        """
        if self.dialect == "postgresql":
            await self.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))"), {"subject": subject}
            )

    def part(self) -> contextlib.AbstractAsyncContextManager[None]:
        """A part that can fail alone: what it wrote is undone, the rest of the transaction stands."""
        return self.session.part()

    async def seal(self, subject: str, place: str, plain: str | None) -> bytes | None:
        """Seal a text with the subject's data key ("clinic" or a patient's id) for a place "table.column:row"."""
        if plain is None:
            return None
        key = await self.keyring.key_of(self, subject)
        return key.seal(plain, place)

    async def open(self, place: str, sealed: bytes | None) -> str | None:
        """Open what was sealed for that place; none when its key was destroyed."""
        if sealed is None:
            return None
        key: DataKey | None = await self.keyring.key_for(self, sealed)
        return None if key is None else key.open(sealed, place)

    def wake(self, topic: str) -> None:
        """Wake whoever listens for a topic, once this has committed."""
        self.wakes.add(topic)


class Database:
    """Opened by the composition root; everyone else is handed a Transaction of it."""

    def __init__(self, engine: AsyncEngine, master: MasterKey) -> None:
        self.engine = engine
        self.master = master
        self.keyring = KeyRing(master)
        self._embedded = Embedded(engine) if self.is_sqlite else None
        self._writer, self._batch, self._batches_from = asyncio.Lock(), asyncio.Lock(), 0.0
        self._listeners: list[Listener] = []

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database, with one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    def on_commit(self, listener: Listener) -> None:
        """Call the listener with the topics of each commit in this process."""
        self._listeners.append(listener)

    @contextlib.asynccontextmanager
    async def transaction(self, *, gives_way: bool = False, by_sqlalchemy: bool = False) -> AsyncIterator[Transaction]:
        """A transaction that writes: committed at the end, rolled back on any exception.

        Writers of one SQLite process queue here, first come first served, instead of on SQLite's busy handler. One
        that `gives_way`, since it is one batch of many, queues only when no other such one does.
        """
        async with self._turn(gives_way), self._session(by_sqlalchemy) as session:
            transaction = Transaction(session, self.keyring)
            yield transaction
        for subject in transaction.lost_keys:
            self.keyring.forget(subject)
        if transaction.wakes:
            for listener in self._listeners:
                listener(frozenset(transaction.wakes))

    def let_pass(self, seconds: float) -> None:
        """Let no batch begin for a moment: somebody has written, or is to be told. Each batch waits but once."""
        self._batches_from = asyncio.get_running_loop().time() + seconds

    @contextlib.asynccontextmanager
    async def reading(self, *, one_instant: bool = False, by_sqlalchemy: bool = False) -> AsyncIterator[Transaction]:
        """A transaction that only reads, beside the writer; with `one_instant` it sees one, however long it reads."""
        if self._embedded is not None and not by_sqlalchemy:
            async with self._embedded.reading() as embedded:
                yield Transaction(embedded, self.keyring)
            return
        with translated():
            async with self.engine.connect() as connection:
                await connection.execution_options(reading=True)
                if one_instant and not self.is_sqlite:  # which never does otherwise
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                yield Transaction(SqlalchemySession(connection), self.keyring)

    async def close(self) -> None:
        """Close every connection."""
        if self._embedded is not None:
            await self._embedded.close()
        await self.engine.dispose()

    @contextlib.asynccontextmanager
    async def _session(self, by_sqlalchemy: bool) -> AsyncIterator[Session]:
        if self._embedded is not None and not by_sqlalchemy:
            async with self._embedded.writing() as embedded:
                yield embedded
            return
        with translated():
            async with self.engine.begin() as connection:
                yield SqlalchemySession(connection)

    @contextlib.asynccontextmanager
    async def _turn(self, gives_way: bool) -> AsyncIterator[None]:
        if not self.is_sqlite:
            yield
            return
        async with self._batch if gives_way else contextlib.nullcontext():
            if gives_way:
                await asyncio.sleep(max(0.0, self._batches_from - asyncio.get_running_loop().time()))
            async with self._writer:
                yield
