"""Promise 3: answer, finding, alert, first page and the patient's reply are one transaction."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from store import findings, schema
from tests.world import World

TABLES = (schema.answer, schema.finding, schema.alert, schema.outbox, schema.audit)


async def counts(world: World) -> list[int]:
    async with world.clinic.database.reading() as tx:
        found = [await tx.row(select(func.count()).select_from(table)) for table in TABLES]
    return [row[0] for row in found if row is not None]


async def test_a_crash_on_the_way_leaves_nothing_and_the_next_attempt_leaves_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    before = await counts(world)

    async def crash(*_: object, **__: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(findings, "add", crash)  # the last of it: everything else is written by then
        patient.app().say("I want to kill myself")
        await world._poll()
        await world.pump.handle_due()
        assert await counts(world) == before
    world.now = world.now.replace(second=world.now.second + 10)
    await world.settle()
    after = await counts(world)
    assert all(now > then for now, then in zip(after, before, strict=True))
    assert clinician.reads("page")
    patient.received("crisis")
