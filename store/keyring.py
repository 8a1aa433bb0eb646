"""The data keys: the clinic's and one for each patient, wrapped by the master key, remembered once used."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from store import schema
from store.ids import new_id
from store.keys import KEY_BYTES, DataKey, MasterKey, key_id_of

if TYPE_CHECKING:
    from store.database import Transaction

CLINIC = "clinic"
AUDIT_CHAIN, BUTTONS = FIXED_SUBJECTS = "audit-chain", "buttons"  # kept as they were when the master key was changed


class KeyRing:
    """Finds, unwraps and makes data keys; a key is made inside the transaction that first needs it."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master
        self.button_key = master.button_key
        self._chain_key: bytes | None = None
        self._by_subject: dict[str, DataKey] = {}
        self._by_id: dict[str, DataKey] = {}
        self._ids_of: defaultdict[str, set[str]] = defaultdict(set)

    async def chain_key(self, tx: Transaction) -> bytes:
        """The key of the audit's chains: the one that an earlier master key led to, if it was kept."""
        if self._chain_key is None:
            self._chain_key = await self._kept(tx, AUDIT_CHAIN) or self._master.chain_key
        return self._chain_key

    async def load_button_key(self, tx: Transaction) -> None:
        """Sign buttons as they always were, also under a master key that was changed since."""
        self.button_key = await self._kept(tx, BUTTONS) or self.button_key

    async def _kept(self, tx: Transaction, subject: str) -> bytes | None:
        row = await tx.row(select(schema.data_key).where(schema.data_key.c.subject == subject))
        return None if row is None else self._master.unwrap(row.id, row.wrapped)

    async def key_of(self, tx: Transaction, subject: str) -> DataKey:
        """The key that new values of a subject are sealed with."""
        known = tx.fresh_keys.get(subject) or self._by_subject.get(subject)
        return known or await self._load(tx, subject) or await self._make(tx, subject)

    async def key_for(self, tx: Transaction, sealed: bytes) -> DataKey | None:
        """The key that a value was sealed with; none when it was destroyed."""
        key_id = key_id_of(sealed)
        for fresh in tx.fresh_keys.values():
            if fresh.id == key_id:
                return fresh
        if key_id in self._by_id:
            return self._by_id[key_id]
        row = await tx.row(select(schema.data_key).where(schema.data_key.c.id == key_id))
        if row is None or row.wrapped is None:
            return None
        return self._remember(row.subject, key_id, self._master.unwrap(key_id, row.wrapped), current=False)

    async def destroy(self, tx: Transaction, subject: str) -> None:
        """Make all that was sealed for a subject unreadable for good, once this has committed."""
        await tx.execute(update(schema.data_key).where(schema.data_key.c.subject == subject).values(wrapped=None))
        tx.fresh_keys.pop(subject, None)
        tx.lost_keys.add(subject)

    def forget(self, subject: str) -> None:
        """Forget what is remembered of a subject's keys."""
        self._by_subject.pop(subject, None)
        for key_id in self._ids_of.pop(subject, ()):
            self._by_id.pop(key_id, None)

    async def _load(self, tx: Transaction, subject: str) -> DataKey | None:
        table = schema.data_key
        query = select(table).where(
            table.c.subject == subject, table.c.retired_at.is_(None), table.c.wrapped.is_not(None)
        )
        row = await tx.row(query)
        if row is None:
            return None
        return self._remember(subject, row.id, self._master.unwrap(row.id, row.wrapped), current=True)

    async def _make(self, tx: Transaction, subject: str) -> DataKey:
        key_id, secret = new_id(), os.urandom(KEY_BYTES)
        values = {
            "id": key_id,
            "subject": subject,
            "wrapped": self._master.wrap(key_id, secret),
            "wrapped_by": self._master.fingerprint,
        }
        await tx.execute(insert(schema.data_key), values)
        # Only this transaction knows the key until it has committed: values sealed with a lost key would be lost too.
        tx.fresh_keys[subject] = DataKey.of(key_id, secret)
        return tx.fresh_keys[subject]

    def _remember(self, subject: str, key_id: str, secret: bytes, *, current: bool) -> DataKey:
        key = DataKey.of(key_id, secret)
        self._by_id[key_id] = key
        self._ids_of[subject].add(key_id)
        if current:
            self._by_subject[subject] = key
        return key
