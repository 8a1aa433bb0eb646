"""New keys: every sealed value is sealed anew under new data keys, batch by batch; a kill costs one batch at most.

What was done shows in the values themselves, since each names its key: whoever takes it up again passes them over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Table, delete, func, insert, select, update

from store import meta, migrations
from store.database import Database, Transaction
from store.keyring import AUDIT_CHAIN, BUTTONS, FIXED_SUBJECTS
from store.keys import FORMAT, ID_BYTES, MasterKey, key_id_of
from store.schema import data_key, metadata

AT_ONCE = 500
SEALED: tuple[tuple[Table, str], ...] = tuple(
    (table, column.name)
    for table in metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, LargeBinary) and table is not data_key
)


async def change_master(database: Database, new: MasterKey) -> None:
    """Wrap every data key under a new master key, in one transaction.

    What the old master key itself led to, the audit's chain and the buttons' signatures, stays as it is: it becomes
    two more wrapped keys, so that old chains hold and buttons already sent still work.
    """
    old = database.master
    async with database.transaction() as tx:
        await tx.lock("keys")
        by_old = data_key.c.wrapped.is_not(None) & (data_key.c.wrapped_by != new.fingerprint)
        for row in await tx.rows(select(data_key).where(by_old)):
            wrapped = new.wrap(row.id, old.unwrap(row.id, row.wrapped))
            values = {"wrapped": wrapped, "wrapped_by": new.fingerprint}
            await tx.execute(update(data_key).where(data_key.c.id == row.id).values(**values))
        await _keep_derived(tx, old, new)


async def _keep_derived(tx: Transaction, old: MasterKey, new: MasterKey) -> None:
    for subject, secret in ((AUDIT_CHAIN, old.chain_key), (BUTTONS, old.button_key)):
        if await tx.row(select(data_key.c.id).where(data_key.c.subject == subject)) is None:
            values = {"id": subject, "subject": subject, "wrapped": new.wrap(subject, secret)}
            await tx.execute(insert(data_key), {**values, "wrapped_by": new.fingerprint})


async def retire_keys(database: Database, now: datetime) -> int:
    """Begin: every subject gets a new data key; returns how many were retired, none if a rotation is going on."""
    async with database.transaction() as tx:
        await tx.lock("keys")
        if await _retired(tx):
            return 0
        standing = data_key.c.retired_at.is_(None) & data_key.c.wrapped.is_not(None)
        standing &= data_key.c.subject.not_in(FIXED_SUBJECTS)
        return (await tx.execute(update(data_key).where(standing).values(retired_at=now))).rowcount


async def seal_anew(database: Database) -> AsyncIterator[int]:
    """Seal with the new keys whatever an old one still holds; yields how many values each batch was.

    At the end the old keys are deleted.
    """
    for table, name in SEALED:
        while done := await _batch(database, table, name):
            yield done
    async with database.transaction() as tx:
        await _canary(tx)
        await tx.execute(delete(data_key).where(data_key.c.id.in_(await _retired(tx))))


async def _batch(database: Database, table: Table, name: str) -> int:
    """One transaction; 0 when nothing in the column is sealed with an old key any more."""
    column = table.c[name]
    async with database.transaction(gives_way=True) as tx:
        retired = await _retired(tx)
        key_id = func.substr(column, len(FORMAT) + 1, ID_BYTES, type_=LargeBinary())
        old = key_id.in_([bytes.fromhex(each) for each in retired])
        rows = await tx.rows(select(table.c.id, column.label("sealed")).where(column.is_not(None), old).limit(AT_ONCE))
        for row in rows:
            sealed = await _anew(tx, f"{table.name}.{name}:{row.id}", row.sealed)
            await tx.execute(update(table).where(table.c.id == row.id).values({name: sealed}))
        return len(rows)


async def _anew(tx: Transaction, place: str, sealed: bytes) -> bytes | None:
    row: Any = await tx.row(select(data_key.c.subject).where(data_key.c.id == key_id_of(sealed)))
    return await tx.seal(row.subject, place, await tx.open(place, sealed))


async def _canary(tx: Transaction) -> None:
    value = await meta.get(tx, "canary")
    if value is not None and key_id_of(bytes.fromhex(value)) in await _retired(tx):
        sealed = await _anew(tx, migrations.CANARY_PLACE, bytes.fromhex(value))
        await meta.put(tx, "canary", (sealed or b"").hex())


async def _retired(tx: Transaction) -> list[str]:
    """The ids of keys that are retired and not yet deleted."""
    gone = data_key.c.retired_at.is_not(None) & data_key.c.wrapped.is_not(None)
    return [row.id for row in await tx.rows(select(data_key.c.id).where(gone))]
