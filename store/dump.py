"""All rows of a database as lines of text, and back: the same for SQLite and PostgreSQL, at any step of the tables.

Sealed values stay sealed. The tables are read from the database itself, since a backup before a migration finds older
ones than the code knows.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    TableClause,
    column,
    insert,
    select,
    table,
    tuple_,
)

from store.database import Transaction
from store.errors import UnusableBackup
from store.types import Instant

AT_ONCE = 1000
NOT_OURS = "alembic_version"
_KINDS: Mapping[str, Any] = {
    "instant": Instant(),
    "bytes": LargeBinary(),
    "flag": Boolean(),
    "real": Float(),
    "number": BigInteger(),
    "text": String(),
}


async def lines(tx: Transaction) -> AsyncIterator[str]:
    """Every table with its rows, each after those that it refers to, and at the end how many rows there were."""
    counts: dict[str, int] = {}
    for found in await tx.connection.run_sync(_tables):
        kinds = {each.name: _kind(each.type) for each in found.columns}
        yield json.dumps({"table": found.name, "columns": kinds})
        counts[found.name] = 0
        async for row in _rows(tx, found, kinds):
            counts[found.name] += 1
            yield row
    yield json.dumps({"end": counts})


async def load(tx: Transaction, dumped: Iterable[str]) -> dict[str, int]:
    """Fill empty tables of the same step; returns how many rows went into each. Raises UnusableBackup."""
    counts: Counter[str] = Counter()
    into, kinds, held, end = table(""), dict[str, str](), list[dict[str, Any]](), None
    for line in dumped:
        said = json.loads(line)
        if isinstance(said, list):
            held.append({name: _from_json(kinds[name], value) for name, value in zip(kinds, said, strict=True)})
            if len(held) < AT_ONCE:
                continue
        await _put(tx, into, held, counts)
        if isinstance(said, dict) and "table" in said:
            kinds = dict(said["columns"])
            into = _clause(said["table"], kinds)
        end = said.get("end", end) if isinstance(said, dict) else end
    if end is None or {name: count for name, count in end.items() if count} != dict(counts):
        raise UnusableBackup("The backup does not hold as many rows as it says.", "take another one")
    return dict(end)


async def _put(tx: Transaction, into: TableClause, held: list[dict[str, Any]], counts: Counter[str]) -> None:
    if held:
        await tx.execute(insert(into), held)
        counts[into.name] += len(held)
        held.clear()


async def _rows(tx: Transaction, found: Table, kinds: Mapping[str, str]) -> AsyncIterator[str]:
    """A table's rows in the order of its key, some at a time, so that memory stays flat."""
    clause, keys = _clause(found.name, kinds), [each.name for each in found.primary_key.columns]
    last: tuple[Any, ...] | None = None
    while rows := await tx.rows(_after(clause, keys, last)):
        for row in rows:
            yield json.dumps([_to_json(value) for value in row], ensure_ascii=False)
        last = tuple(getattr(rows[-1], key) for key in keys)


def _after(clause: TableClause, keys: Sequence[str], last: tuple[Any, ...] | None) -> Select[Any]:
    columns = [clause.c[key] for key in keys]
    query = select(clause).order_by(*columns).limit(AT_ONCE)
    return query if last is None else query.where(tuple_(*columns) > tuple_(*last))


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [each for each in found.sorted_tables if each.name != NOT_OURS]


def _clause(name: str, kinds: Mapping[str, str]) -> TableClause:
    return table(name, *(column(each, _KINDS[kind]) for each, kind in kinds.items()))


def _kind(of: Any) -> str:
    match of:
        case DateTime():
            return "instant"
        case LargeBinary():
            return "bytes"
        case Boolean():
            return "flag"
        case Float():
            return "real"
        case Integer():
            return "number"
        case _:
            return "text"


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _from_json(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "instant":
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if kind == "bytes" else value
