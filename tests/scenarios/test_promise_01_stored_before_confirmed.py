"""Promise 1: an update is committed before Telegram is told that it was received."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services import intake
from store.errors import UnreachableDatabase
from tests.world import World


async def test_what_was_taken_is_stored_before_the_next_poll_confirms_it(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    patient.app().say("hello")
    queue = world.telegram.bots[world.tokens[0]].updates
    await world._poll()
    assert len(queue) == 1  # taken and stored, not yet confirmed
    assert len(await intake.waiting(world.clinic, world.now)) == 1
    await world._poll()
    assert len(queue) == 0
    await world.settle()
    patient.received("words-thanks")


async def test_what_the_database_does_not_take_is_not_confirmed_and_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinician = await world.clinician()
    patient = await world.patient()

    async def fail(*_: object) -> int:
        raise UnreachableDatabase("The database is away.", "try again")

    patient.app().say("I want to kill myself")
    with monkeypatch.context() as broken:
        broken.setattr(intake, "receive", fail)
        await world._poll()
        await world._poll()
    assert len(world.telegram.bots[world.tokens[0]].updates) == 1
    assert len(clinician.unread) == 1  # paged all the same, from the sealed roster, once
    clinician.reads()
    await world.settle()
    assert [page.kind for page in clinician.reads()] == ["page"]
    assert len(await world.alerts()) == 1
    patient.reads()


async def test_after_a_restart_everything_comes_again_and_counts_once(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    patient.app().say("hello")
    await world._poll()
    await world.outage(timedelta(seconds=5))
    patient.received("words-thanks")
