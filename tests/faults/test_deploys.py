"""Rows 9, 10 and 48: an engine that is told to end or stopped, and two that run side by side."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox import faults
from services import people
from services.outgoing import to_patient
from store import outbox
from tests.faults.oracle import all_is_well, records
from tests.faults.process import until
from tests.faults.stage import TOKEN, Person, Stage, staged
from tests.world import World

MANY = 300
SOON = timedelta(seconds=30)


@pytest.fixture
async def shared(postgresql_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A clinic that several engines serve at once."""
    async with staged(postgresql_url, tmp_path, bulk_rate=50.0) as stage:
        yield stage


def pages(stage: Stage, clinician: Person) -> list[str]:
    """What a clinician got."""
    return [sent.text for sent in stage.telegram.sent(TOKEN, clinician.user_id)]


def prompts(stage: Stage) -> Counter[int]:
    """How many prompts each patient got."""
    return Counter({each.user_id: len(stage.telegram.sent(TOKEN, each.user_id)) for each in stage.patients})


@pytest.mark.process
async def test_row_09_told_to_end_in_a_deploy_it_drains_and_loses_nothing(stage: Stage) -> None:
    clinician = await stage.clinician()
    people = await stage.enrolled(40)
    engine = await stage.engine()
    await until(lambda: all("7" in each.buttons for each in people))
    for each in people[:20]:
        each.feels(7)
    await until(lambda: any("No" in each.buttons for each in people))
    stage.telegram.faults.add(faults.slow(0.5).on("sendMessage"))  # so that pages are under way
    for each in people[20:]:
        each.cries_for_help()
    await until(lambda: len(stage.telegram.sent(TOKEN, clinician.user_id)) > 0)
    engine.send(signal.SIGTERM)
    assert await engine.ended() == 0
    on_record = await records(stage.clinic.database)
    assert {row.state for row in on_record.inbox} == {"done"}
    assert [(row.kind, row.attempts) for row in on_record.outbox if row.state == "sending"] == []
    in_doubt = sum(row.state == "waiting" and row.outcome != "given back" for row in on_record.outbox)
    await stage.engine()
    on_record = await all_is_well(stage, within=SOON)
    came = [sent for sent in stage.telegram.sent(TOKEN) if sent.method in ("sendMessage", "editMessageText")]
    wanted = sum(row.state == "sent" for row in on_record.outbox)
    assert wanted <= len(came) <= wanted + in_doubt  # none lost, and none twice but what may not have arrived


async def test_row_09_an_outcome_that_must_wait_for_the_database_is_noted_before_the_end(world: World) -> None:
    phone = await world.patient()
    arrived = asyncio.Event()
    world.telegram.listen(lambda event: arrived.set() if event.kind == "message" else None)
    async with world.transaction() as tx:
        patient = await people.patient(tx, phone.alias)
        await outbox.queue(tx, [to_patient(patient, "reply", "help")], world.now)
    lane = asyncio.create_task(world.sender.lanes["reply"].run(timedelta(hours=1)))
    for _ in range(5):
        await asyncio.sleep(0)  # it claims
    async with world.transaction():  # somebody else writes, so that the outcome cannot be noted yet
        await asyncio.wait_for(arrived.wait(), 10)
        await asyncio.sleep(0.1)
        lane.cancel()
        await asyncio.sleep(0.1)
    await asyncio.wait([lane])
    assert [row.state for row in (await records(world.clinic.database)).outbox if row.kind == "help"] == ["sent"]
    phone.received("help")


@pytest.mark.process
async def test_row_10_an_engine_that_was_stopped_goes_on_where_it_was(stage: Stage) -> None:
    clinician = await stage.clinician()
    people = await stage.enrolled(20, in_course=False)
    engine = await stage.engine()
    engine.send(signal.SIGSTOP)
    people[0].cries_for_help()
    await asyncio.sleep(4)  # longer than its lease
    assert not stage.telegram.sent(TOKEN, clinician.user_id)
    engine.send(signal.SIGCONT)
    await until(lambda: len(stage.telegram.sent(TOKEN, clinician.user_id)) == 1)
    await all_is_well(stage, within=SOON)
    assert engine.is_alive


@pytest.mark.process
async def test_row_10_for_an_engine_that_is_stopped_another_polls_and_pages(shared: Stage) -> None:
    clinician = await shared.clinician()
    one_patient, other_patient = await shared.enrolled(2, in_course=False)
    one, two = await shared.engine(), await shared.engine()
    one.send(signal.SIGSTOP)  # it holds the poll's lock, and its connection is answered for by the kernel
    one_patient.cries_for_help()
    await until(lambda: one_patient.alias in " ".join(pages(shared, clinician)), seconds=25)
    one.send(signal.SIGCONT)
    other_patient.cries_for_help()
    await until(lambda: other_patient.alias in " ".join(pages(shared, clinician)))
    await all_is_well(shared, within=SOON)
    assert one.is_alive
    assert two.is_alive


@pytest.mark.process
async def test_row_48_two_engines_ask_every_patient_exactly_once(shared: Stage) -> None:
    await shared.enrolled(MANY)
    one, two = shared.spawn(), shared.spawn()
    assert await one.started()
    assert await two.started()
    await until(lambda: len(+prompts(shared)) == MANY)
    await all_is_well(shared, within=SOON)
    assert set(prompts(shared).values()) == {1}


@pytest.mark.process
async def test_row_48_of_two_engines_one_is_killed_and_nobody_is_forgotten(shared: Stage) -> None:
    await shared.enrolled(MANY)
    one, two = shared.spawn(), shared.spawn()
    assert await one.started()
    assert await two.started()
    await until(lambda: len(+prompts(shared)) >= MANY // 3)
    await one.kill()
    await until(lambda: len(+prompts(shared)) == MANY)
    on_record = await all_is_well(shared, within=SOON)
    repeated = sum(prompts(shared).values()) - MANY
    assert repeated <= sum(row.attempts - 1 for row in on_record.outbox)
    assert two.is_alive
