"""Patients, consents, staff and the rota: numbered, sealed, found by what people call them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from store import patients, rota, staff
from store.database import Database
from store.errors import Conflict
from store.schema import consent, patient
from tests.databases import opened
from tests.store import rows

DAY = timedelta(days=1)


async def test_a_patient_is_numbered_named_and_found(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        first, second = [await rows.patient(tx, now) for _ in range(2)]
        assert [first.alias, second.alias] == ["P-1001", "P-1002"]
        assert first.user_id is not None
        assert await patients.by_number(tx, 1001) == await patients.by_user(tx, first.user_id) == first
        assert await patients.of(tx, [first.id, "nobody"]) == {first.id: first}
        assert await patients.by_number(tx, 9) is None


async def test_a_number_that_was_rolled_back_goes_to_the_next_patient(database: Database, now: datetime) -> None:
    async with rows.undone(database) as tx:
        await rows.patient(tx, now)
    async with database.transaction() as tx:
        assert (await rows.patient(tx, now)).alias == "P-1001"


async def test_patients_enrolled_at_the_same_time_have_numbers_of_their_own(
    database: Database, database_url: str, now: datetime
) -> None:
    async def enrol() -> int:
        async with opened(database_url) as own, own.transaction() as tx:
            return (await rows.patient(tx, now)).number

    assert sorted(await asyncio.gather(*(enrol() for _ in range(4)))) == [1001, 1002, 1003, 1004]


async def test_names_contacts_and_plans_are_sealed_with_the_patient_s_own_key(
    database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        added = await patients.add(
            tx, name="Patient One", timezone="UTC", language="en", contact={"phone": "+34 600"}, now=now
        )
        await patients.write_plan(tx, added.id, "Call my sister")
        row = await tx.row(select(patient))
        assert row is not None
        assert not any(word in b"".join((row.name, row.contact, row.plan)) for word in (b"Patient", b"600", b"sister"))
        assert await patients.particulars(tx, added.id) == patients.Particulars(
            name="Patient One", contact={"phone": "+34 600"}, plan="Call my sister"
        )
        assert await patients.plan_of(tx, added.id) == "Call my sister"
        assert (await patients.particulars(tx, "nobody")).name is None


async def test_only_a_consented_linked_unblocked_patient_is_reachable(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        assert (await rows.patient(tx, now)).reachable
        assert not (await rows.patient(tx, now, state="paused")).reachable
        assert not (await rows.patient(tx, now, chat_id=None)).reachable
        assert not (await rows.patient(tx, now, blocked_at=now)).reachable


async def test_a_telegram_user_is_one_patient(database: Database, now: datetime) -> None:
    async def link_twice() -> None:
        async with database.transaction() as tx:
            for _ in range(2):
                await rows.patient(tx, now, user_id=1)

    with pytest.raises(Conflict):
        await link_twice()


async def test_erased_patients_are_not_listed(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        await rows.patient(tx, now, state="erased")
        kept = await rows.patient(tx, now)
        assert await patients.every(tx) == [kept]


async def test_consents_are_kept_with_their_version_and_their_withdrawal(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        await patients.add_consent(tx, patient_id=whose.id, version="1", language="es", now=now)
        await patients.withdraw_consent(tx, patient_id=whose.id, now=now + DAY)
        await patients.add_consent(tx, patient_id=whose.id, version="2", language="es", now=now + 2 * DAY)
        kept = await tx.rows(select(consent).order_by(consent.c.given_at))
    assert [(row.version, row.withdrawn_at) for row in kept] == [("1", now + DAY), ("2", None)]


async def test_a_staff_member_is_numbered_sealed_and_found(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        added = await staff.add(tx, name="Clinician One", role="clinician", language="en", now=now)
        await staff.change(tx, added.id, user_id=5, chat_id=5)
        member = await staff.by_user(tx, 5)
        assert member is not None
        assert (member.alias, member.name, member.reachable) == ("S-1", "Clinician One", True)
        assert await staff.every(tx) == [await staff.by_number(tx, 1)] == [member]


async def test_a_disabled_member_is_nobody_to_telegram(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        added = await staff.add(tx, name="Clinician One", role="clinician", language="en", now=now)
        await staff.change(tx, added.id, user_id=5, chat_id=5, disabled_at=now)
        assert await staff.by_user(tx, 5) is None
        found = await staff.get(tx, added.id)
        assert found is not None
        assert not found.reachable


async def test_the_shifts_that_touch_a_span_are_those_of_the_rota(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        who = (await staff.add(tx, name="Clinician One", role="clinician", language="en", now=now)).id

        async def shift(start: int, end: int) -> str:
            from_at, to_at = now + start * DAY, now + end * DAY
            return await rota.add(
                tx, staff_id=who, level="primary", from_at=from_at, to_at=to_at, override=False, now=now
            )

        before, first, inside, cancelled, after = [
            await shift(*span) for span in ((-2, 0), (-1, 1), (0, 1), (0, 1), (2, 3))
        ]
        assert await rota.cancel(tx, cancelled, now)
        assert not await rota.cancel(tx, cancelled, now)
        assert [found.id for found in await rota.between(tx, now, now + 2 * DAY)] == [first, inside]
        assert before != after
