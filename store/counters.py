"""Running numbers, by which people name a patient, a staff member or an alert."""

from __future__ import annotations

from store.conflicts import insert_into
from store.database import Transaction
from store.schema import counter

FIRST = {"patient": 1001, "staff": 1, "alert": 1, "synthetic-alert": 1}


async def next_number(tx: Transaction, name: str) -> int:
    """The next number of a series; a transaction that fails leaves its number for the next."""
    statement = (
        insert_into(counter, tx.dialect)
        .values(name=name, value=FIRST[name])
        .on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
        .returning(counter.c.value)
    )
    return int((await tx.rows(statement))[0].value)
