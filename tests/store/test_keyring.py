"""Sealed values: bound to their row, gone with their key, closed to any other key."""

from __future__ import annotations

import base64
from datetime import datetime

import pytest
from sqlalchemy import select, update

from store import patients
from store.database import Database
from store.engine import connect
from store.errors import WrongKey
from store.keyring import CLINIC
from store.keys import MasterKey, new_master_key
from store.schema import data_key, patient
from tests.store import rows

PLACE = "patient.name:p1"


async def test_what_was_sealed_opens_where_it_stands(database: Database) -> None:
    async with database.transaction() as tx:
        sealed = await tx.seal("p1", PLACE, "Ana \ud83d 🙂")
        assert sealed is not None
        assert b"Ana" not in sealed
        assert await tx.open(PLACE, sealed) == "Ana \ud83d 🙂"
    async with database.reading() as tx:
        assert await tx.open(PLACE, sealed) == "Ana \ud83d 🙂"
        assert (await tx.seal("p1", PLACE, None), await tx.open(PLACE, None)) == (None, None)


async def test_a_value_that_was_copied_onto_another_row_does_not_open(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        one, two = [await rows.patient(tx, now) for _ in range(2)]
        stolen = select(patient.c.name).where(patient.c.id == one.id).scalar_subquery()
        await tx.execute(update(patient).where(patient.c.id == two.id).values(name=stolen))
        assert (await patients.particulars(tx, one.id)).name == "Patient One"
        with pytest.raises(WrongKey, match=r"A sealed value in patient\.name does not open"):
            await patients.particulars(tx, two.id)


async def test_a_value_that_was_copied_into_another_column_does_not_open(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        await tx.execute(update(patient).values(plan=patient.c.name))
        with pytest.raises(WrongKey, match=r"patient\.plan"):
            await patients.particulars(tx, whose.id)
        assert await patients.plan_of(tx, whose.id) is None  # a crisis reply goes out without it


async def test_an_altered_value_does_not_open(database: Database) -> None:
    async with database.transaction() as tx:
        sealed = await tx.seal(CLINIC, PLACE, "words")
        assert sealed is not None
        with pytest.raises(WrongKey):
            await tx.open(PLACE, sealed[:-1] + bytes([sealed[-1] ^ 1]))


async def test_the_same_text_is_never_sealed_alike(database: Database) -> None:
    async with database.transaction() as tx:
        assert len({await tx.seal(CLINIC, PLACE, "words") for _ in range(50)}) == 50


async def test_with_its_key_a_patient_s_values_are_gone_and_no_others(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        one, two = [await rows.patient(tx, now) for _ in range(2)]
    async with database.reading() as tx:
        assert (await patients.particulars(tx, one.id)).name == "Patient One"
    async with database.transaction() as tx:
        await database.keyring.destroy(tx, one.id)
    async with database.reading() as tx:
        assert (await patients.particulars(tx, one.id)).name is None
        assert (await patients.particulars(tx, two.id)).name == "Patient One"


async def test_a_key_whose_destruction_was_rolled_back_still_opens(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
    async with rows.undone(database) as tx:
        await database.keyring.destroy(tx, whose.id)
    async with database.reading() as tx:
        assert (await patients.particulars(tx, whose.id)).name == "Patient One"


async def test_a_key_that_was_never_committed_seals_nothing_afterwards(database: Database) -> None:
    async with rows.undone(database) as tx:
        await tx.seal("p1", PLACE, "lost")
    async with database.transaction() as tx:
        sealed = await tx.seal("p1", PLACE, "kept")
    async with database.reading() as tx:
        assert await tx.open(PLACE, sealed) == "kept"


async def test_a_subject_has_one_key_however_much_is_sealed(database: Database) -> None:
    for _ in range(2):
        async with database.transaction() as tx:
            for _ in range(3):
                await tx.seal("p1", PLACE, "words")
    async with database.reading() as tx:
        assert len(await tx.rows(select(data_key.c.id).where(data_key.c.subject == "p1"))) == 1


async def test_a_retired_key_opens_old_values_and_seals_no_new_ones(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        old = await tx.seal("p1", PLACE, "old")
        await tx.execute(update(data_key).where(data_key.c.subject == "p1").values(retired_at=now))
    database.keyring.forget("p1")
    async with database.transaction() as tx:
        new = await tx.seal("p1", PLACE, "new")
        assert (await tx.open(PLACE, old), await tx.open(PLACE, new)) == ("old", "new")
        assert old is not None
        assert new is not None
        assert old[:17] != new[:17]


@pytest.mark.on("postgresql")
async def test_another_master_key_opens_nothing(database: Database, database_url: str, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
    other = MasterKey.parse(new_master_key())
    stranger = Database(connect(database_url, other), other)
    try:
        async with stranger.reading() as tx:
            with pytest.raises(WrongKey, match="written with another key"):
                await patients.particulars(tx, whose.id)
    finally:
        await stranger.close()


@pytest.mark.parametrize("text", ["", "no key", "c2hvcnQ=", base64.b64encode(bytes(33)).decode(), "ä" * 32])
def test_what_is_no_key_is_refused_with_the_mend(text: str) -> None:
    with pytest.raises(WrongKey) as refusal:
        MasterKey.parse(text)
    assert "32 bytes in base64" in refusal.value.mend


def test_a_key_does_not_show_itself() -> None:
    key = MasterKey.parse(new_master_key())
    assert repr(key) == "MasterKey()"
    assert len({key.file_key, key.chain_key, key.button_key, key.secret}) == 4
    assert key.secret.hex() not in key.fingerprint
