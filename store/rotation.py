"""New keys: every sealed value is sealed anew under new data keys, batch by batch; a kill costs one batch at most.

What was done shows in the values themselves, since each names its key: whoever takes it up again passes them over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, delete, func, insert, select, update

from store import meta, migrations, rota_schema
from store.database import Database, Transaction
from store.keyring import AUDIT_CHAIN, BUTTONS, CLINIC, FIXED_SUBJECTS
from store.keys import FORMAT, ID_BYTES, MasterKey, key_id_of
from store.schema import data_key

AT_ONCE = 500
RETIRED = data_key.c.retired_at.is_not(None) & data_key.c.wrapped.is_not(None)  # and not deleted yet
SEALED: tuple[tuple[Table, str], ...] = tuple(
    (table, column.name)
    for table in rota_schema.metadata.sorted_tables  # all of them: it adds the last to those of the schema
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
        if await tx.row(select(data_key.c.id).where(RETIRED).limit(1)):
            return 0
        standing = data_key.c.retired_at.is_(None) & data_key.c.wrapped.is_not(None)
        standing &= data_key.c.subject.not_in(FIXED_SUBJECTS)
        return (await tx.execute(update(data_key).where(standing).values(retired_at=now))).rowcount


async def seal_anew(database: Database) -> AsyncIterator[int]:
    """Seal with the new keys whatever an old one still holds; yields how many values each batch was.

    At the end the old keys are deleted.
    """
    for table, name in SEALED:
        last = ""
        while ids := await _batch(database, table, name, last):
            last = ids[-1]
            yield len(ids)
    async with database.transaction() as tx:
        await _canary(tx)
        await tx.execute(delete(data_key).where(RETIRED))


async def _batch(database: Database, table: Table, name: str, after: str) -> list[str]:
    """One transaction; none when nothing further on in the column is sealed with an old key any more."""
    async with database.transaction(gives_way=True) as tx:
        held = select(table.c.id, table.c[name].label("sealed"), data_key.c.subject)
        held = held.join(data_key, data_key.c.id == _key_of(tx, table.c[name])).where(RETIRED, table.c.id > after)
        rows = await tx.rows(held.order_by(table.c.id).limit(AT_ONCE))
        for row in rows:
            sealed = await _anew(tx, row.subject, f"{table.name}.{name}:{row.id}", row.sealed)
            await tx.execute(update(table).where(table.c.id == row.id).values({name: sealed}))
        return [row.id for row in rows]


def _key_of(tx: Transaction, column: Column[Any]) -> ColumnElement[str]:
    """The id of the key that a value is sealed with, as `key_id_of` reads it."""
    part = func.substr(column, len(FORMAT) + 1, ID_BYTES, type_=LargeBinary())
    return func.encode(part, "hex") if tx.dialect == "postgresql" else func.lower(func.hex(part))


async def _anew(tx: Transaction, subject: str, place: str, sealed: bytes) -> bytes | None:
    return await tx.seal(subject, place, await tx.open(place, sealed))


async def _canary(tx: Transaction) -> None:
    value = await meta.get(tx, "canary")
    if value is None:
        return
    if await tx.row(select(data_key.c.id).where(RETIRED, data_key.c.id == key_id_of(bytes.fromhex(value)))):
        sealed = await _anew(tx, CLINIC, migrations.CANARY_PLACE, bytes.fromhex(value))
        await meta.put(tx, "canary", (sealed or b"").hex())
