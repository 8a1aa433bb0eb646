"""Promise 13: answers, alerts and reveals are append-only and chained; corrections are new rows."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from store import answers, audit, schema
from tests.store.rows import lay_guards_down
from tests.world import World


async def test_a_correction_is_a_new_row_that_names_the_old_one(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient, ended_at=world.now - timedelta(days=2), uncovered=None)
    await world.advance(timedelta(minutes=2))
    prompt = next(message for message in patient.reads() if message.kind == "prompt")
    await patient.presses("7", on=prompt)
    await patient.presses("Skip")
    await patient.presses("Change my answer")
    await patient.presses("4")
    patient.reads()
    async with world.clinic.database.reading() as tx:
        given = [each for each in await answers.of_patient(tx, patient.id) if each.instrument == "mood"]
    assert [each.value for each in given] == [7, 4]
    assert given[1].corrects == given[0].id


async def test_what_happened_to_an_alert_is_in_the_patients_chain_and_an_altered_row_is_found(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    await clinician.presses("Acknowledge")
    await clinician.presses("Show details")
    patient.reads()
    stream = audit.stream_of(patient.id)
    async with world.clinic.database.reading() as tx:
        actions = [entry.action for entry in await audit.read(tx, stream)]
        assert await audit.first_break(tx, stream) is None
    assert {"alert-opened", "alert-acknowledged", "revealed"} <= set(actions)
    async with world.transaction() as tx:
        await lay_guards_down(tx)
        row = (schema.audit.c.stream == stream) & (schema.audit.c.action == "alert-acknowledged")
        await tx.execute(update(schema.audit).where(row).values(actor="staff:nobody"))
    async with world.clinic.database.reading() as tx:
        assert await audit.first_break(tx, stream) == actions.index("alert-acknowledged") + 1
