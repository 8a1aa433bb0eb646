"""People and infusions are found by what somebody would type of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services import people
from services.clinic import Clinic
from services.errors import Refused
from store.database import Transaction
from tests.builders import add_patient, record_infusion


async def two(clinic: Clinic, tx: Transaction, now: datetime) -> list[str]:
    """The ids of two infusions that were recorded at once, one patient's."""
    patient = await add_patient(clinic, tx, now)
    planned = [await record_infusion(clinic, tx, patient, now, ended_at=now + timedelta(days=n)) for n in (1, 4)]
    return [each.course.infusion_id for each in planned]


async def test_either_end_of_an_infusions_id_is_enough(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        ids = await two(clinic, tx, now)
        for each in ids:
            for piece in (each, people.short(each), each[-6:], f" {each[-8:].upper()} ", each[:31]):
                _, course = await people.course(tx, piece)
                assert course.infusion_id == each
            assert (len(people.short(each)), people.short(ids[0]) == people.short(ids[1])) == (8, False)


async def test_one_that_several_infusions_have_is_refused_with_the_choices(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        ids = await two(clinic, tx, now)
        with pytest.raises(Refused, match=f"2 infusions have an id with '{ids[0][:6]}'") as refused:
            await people.course(tx, ids[0][:6])
    assert f"{people.short(ids[0])} of P-1001, 2026-05-05 12:00 (Europe/Madrid)" in refused.value.mend
    assert people.short(ids[1]) in refused.value.mend


@pytest.mark.parametrize("piece", ["", "12345", "%%%%%%", "______", "P-1001", "g" * 8])
async def test_what_is_no_piece_of_an_id_is_refused(clinic: Clinic, now: datetime, piece: str) -> None:
    async with clinic.database.transaction() as tx:
        await two(clinic, tx, now)
        with pytest.raises(Refused, match="no infusion"):
            await people.course(tx, piece)
