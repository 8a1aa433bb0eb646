"""The pump: order within a chat, poison beside others, what cannot be read, and the answers to presses."""

from __future__ import annotations

import asyncio
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.buttons import pack
from bot.inbox import Pump
from rules.tier import Tier
from services import intake
from services.clinic import Clinic
from services.intake import Received, Waiting
from services.turn import Turn
from store import patients, schema
from tests.bot.conftest import TOKEN, Border
from tests.bot.stories import a_clinician, a_patient, rows, running, until, without_table
from tests.bot.updates import HELP, message, poison, press


async def receive(border: Border, *updates: Received) -> None:
    await intake.receive(border.clinic, updates, border.clock.now())


async def states(border: Border) -> list[str]:
    return [row.state for row in await rows(border.clinic.database, schema.inbox)]


async def test_what_is_waiting_is_handled_and_done_with(border: Border) -> None:
    patient = await a_patient(border)
    await receive(border, message(1, patient.user_id or 0, "/help"))
    assert await border.pump().handle_due() == 1
    assert await states(border) == ["done"]
    assert [row.kind for row in await rows(border.clinic.database, schema.outbox)] == ["help"]


async def test_a_commit_wakes_the_pump_at_once(border: Border) -> None:
    patient = await a_patient(border)

    async def done() -> bool:
        return await states(border) == ["done"]

    async with running(border.pump().run(timedelta(seconds=60))):
        await asyncio.sleep(0.1)
        await receive(border, message(1, patient.user_id or 0, "/help"))
        await until(done, seconds=5)


async def test_a_chat_is_handled_in_order_whatever_the_others_do(border: Border) -> None:
    people = [await a_patient(border) for _ in range(4)]
    commands = ("/pause", "/resume", "/help", "/plan sleep first")
    updates = [
        message(number * 10 + place, each.user_id or 0, command)
        for number, command in enumerate(commands)
        for place, each in enumerate(people)
    ]
    await receive(border, *updates)
    await border.pump().handle_due()
    for each in people:
        kinds = [row.kind for row in await rows(border.clinic.database, schema.outbox, patient_id=each.id)]
        assert kinds == ["paused", "resumed", "help", "plan-saved"]


async def test_an_update_of_an_unknown_shape_is_laid_aside_and_the_others_go_on(border: Border) -> None:
    patient = await a_patient(border)
    user_id = patient.user_id or 0
    await receive(border, message(1, user_id, "/help"), poison(2, user_id, "hello"), message(3, user_id, "/pause"))
    await border.pump().handle_due()
    assert await states(border) == ["done", "dead", "done"]


async def test_what_stands_in_an_update_of_an_unknown_shape_is_screened_all_the_same(border: Border) -> None:
    await a_clinician(border)
    patient = await a_patient(border)
    await receive(border, poison(1, patient.user_id or 0, HELP))
    await border.pump().handle_due()
    assert await states(border) == ["dead"]
    assert [row.tier for row in await rows(border.clinic.database, schema.alert)] == [Tier.RED.word]


@pytest.mark.parametrize("altered", ["a colleague's name", "the patient's plan"])
async def test_an_altered_value_keeps_no_alert_from_its_clinicians(border: Border, altered: str) -> None:
    await a_clinician(border)
    patient, colleague = await a_patient(border), await a_clinician(border, "Clinician Two")
    async with border.clinic.database.transaction() as tx:
        await patients.write_plan(tx, patient.id, "sleep first")
        column = schema.staff.c.name if altered == "a colleague's name" else schema.patient.c.plan
        about = colleague.id if altered == "a colleague's name" else patient.id
        row = await tx.row(select(column.label("sealed")).where(column.table.c.id == about))
        assert row is not None
        broken = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
        await tx.execute(update(column.table).where(column.table.c.id == about).values({column.name: broken}))
    await receive(border, message(1, patient.user_id or 0, HELP))
    await border.pump().handle_due()
    assert await states(border) == ["done"]
    assert len(await rows(border.clinic.database, schema.outbox, kind="page", channel="telegram")) == 2
    assert len(await rows(border.clinic.database, schema.outbox, kind="crisis")) == 1


async def test_a_dead_letter_wakes_who_alarms(border: Border) -> None:
    heard: list[str] = []
    border.clinic.database.on_commit(lambda topics: heard.extend(topics))
    await receive(border, poison(1, 5, "hello"))
    await border.pump().handle_due()
    assert "dead-letter" in heard


async def test_an_update_that_cannot_be_handled_now_holds_up_its_own_chat_only(border: Border) -> None:
    stuck, free = await a_patient(border), await a_patient(border)
    await receive(border, message(1, stuck.user_id or 0, "/pause"), message(2, stuck.user_id or 0, "/resume"))
    async with without_table(border.clinic.database, "outbox"):
        await border.pump().handle_due()
    await receive(border, message(3, free.user_id or 0, "/help"))
    await border.pump().handle_due()
    assert await states(border) == ["waiting", "waiting", "done"]
    border.clock.advance(seconds=1)
    await border.pump().handle_due()
    kinds = [row.kind for row in await rows(border.clinic.database, schema.outbox, patient_id=stuck.id)]
    assert kinds == ["paused", "resumed"]


async def test_an_update_that_always_fails_is_laid_aside_in_the_end_and_its_chat_waits_for_that(border: Border) -> None:
    patient = await a_patient(border)
    user_id, pump = patient.user_id or 0, border.pump()
    broken = pack(border.clinic.button_key, user_id, "a", "00" * 16, "no instrument")
    await receive(border, press(1, user_id, broken), message(2, user_id, "/pause"))
    for wait in (1, 2, 4):  # seconds: what stands behind it is screened no later than that
        await pump.handle_due()
        assert await states(border) == ["waiting", "waiting"]
        border.clock.advance(seconds=wait)
    await pump.handle_due()
    assert await states(border) == ["dead", "done"]
    (row, _) = await rows(border.clinic.database, schema.inbox)
    assert row.error == "failed: ValueError"


async def test_what_cannot_even_be_laid_aside_goes_to_the_last_resort(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await receive(border, poison(1, patient.user_id or 0, HELP))
    async with without_table(border.clinic.database, "finding"):
        await border.pump().handle_due()
    assert patient.alias in border.shown(clinician.user_id)[0]
    assert await states(border) == ["dead"]


@pytest.mark.on("sqlite")
async def test_what_was_stored_before_the_disk_was_full_is_paged_about_from_memory(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await receive(border, message(1, patient.user_id or 0, "/help"), message(2, patient.user_id or 0, HELP))
    async with border.clinic.database.engine.begin() as connection:
        full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        await connection.execute(text(f"CREATE TRIGGER disk BEFORE UPDATE ON inbox {full}"))
    await border.pump().handle_due()
    assert border.shown(clinician.user_id) == []  # what fails for a moment is tried again first
    for _ in range(3):
        border.clock.advance(seconds=5)
        await border.pump().handle_due()
    assert await states(border) == ["waiting", "waiting"]
    (page,) = border.shown(clinician.user_id)
    assert patient.alias in page


async def test_every_press_is_answered_with_what_its_handler_says(border: Border) -> None:
    toasts: list[Any] = []
    border.telegram.listen(lambda event: toasts.append(event.content) if event.kind == "toast" else None)
    patient = await a_patient(border)
    phone = border.telegram.client(patient.user_id or 0, TOKEN)
    await border.bots.main.send_message(patient.chat_id or 0, "an old message")
    poller, pump = border.poller(), border.pump()
    await poller.poll_once(timedelta(0))
    message_id = phone.messages[-1]["message_id"]
    phone.press(data="made:up:by:somebody", message_id=message_id, forged=True)
    await poller.poll_once(timedelta(0))
    await pump.handle_due()
    await pump.answered()
    assert [toast["text"] for toast in toasts] == ["This button does not work here."]


async def test_a_thousand_messages_of_one_patient_are_all_taken(border: Border) -> None:
    await a_clinician(border)
    patient = await a_patient(border)
    await receive(border, *(message(number, patient.user_id or 0, HELP) for number in range(300)))
    while await border.pump().handle_due():
        pass
    assert set(await states(border)) == {"done"}
    assert len(await rows(border.clinic.database, schema.alert)) == 1


MANY = 10_000  # messages of one patient


async def test_a_flood_in_one_chat_holds_up_no_other(border: Border) -> None:
    await a_clinician(border)
    flooding, other = await a_patient(border), await a_patient(border)
    await receive(border, *(message(number, flooding.user_id or 0, "hello") for number in range(MANY)))
    await receive(border, message(MANY, other.user_id or 0, HELP))
    border.clinic.screening  # noqa: B018 - its rules are no part of what waits
    tracemalloc.start()
    assert await border.pump().handle_due() < 100  # and soon over, for whoever writes meanwhile
    assert tracemalloc.get_traced_memory()[1] < 8_000_000  # bytes: what waits is not read whole
    tracemalloc.stop()
    (alert,) = await rows(border.clinic.database, schema.alert)
    assert alert.patient_id == other.id


async def test_a_chat_that_hangs_holds_up_no_other(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    hung, other = await a_patient(border), await a_patient(border)
    handle = intake.handle

    async def hanging(clinic: Clinic, row: Waiting, *rest: Any) -> Turn | None:
        if row.chat_id == hung.chat_id:
            await asyncio.Event().wait()
        return await handle(clinic, row, *rest)

    monkeypatch.setattr(intake, "handle", hanging)

    async def the_others_are_done() -> bool:
        return await states(border) == ["waiting", "done", "done"]

    async with running(border.pump().run(timedelta(seconds=60))):
        await receive(border, message(1, hung.user_id or 0, "/help"), message(2, other.user_id or 0, "/pause"))
        await asyncio.sleep(0.1)
        await receive(border, message(3, other.user_id or 0, "/resume"))
        await until(the_others_are_done, seconds=30)


async def test_more_than_a_handful_behind_each_other_in_a_chat_need_no_second_wake(border: Border) -> None:
    patient = await a_patient(border)
    await receive(border, *(message(number, patient.user_id or 0, "/help") for number in range(100)))

    async def all_done() -> bool:
        return set(await states(border)) == {"done"}

    async with running(border.pump().run(timedelta(seconds=60))):
        await until(all_done, seconds=30)


@pytest.mark.on("postgresql")
async def test_two_processes_side_by_side_keep_each_chats_order_and_do_nothing_twice(border: Border) -> None:
    people = [await a_patient(border) for _ in range(6)]
    commands = ("/pause", "/resume", "/help", "/plan sleep first") * 3
    updates = [
        message(number * 10 + place, each.user_id or 0, command)
        for number, command in enumerate(commands)
        for place, each in enumerate(people)
    ]
    await receive(border, *updates)
    await asyncio.gather(*(drain(border.pump()) for _ in range(2)))
    for each in people:
        kinds = [row.kind for row in await rows(border.clinic.database, schema.outbox, patient_id=each.id)]
        assert kinds == ["paused", "resumed", "help", "plan-saved"] * 3


async def drain(pump: Pump) -> None:
    while await pump.handle_due():
        await asyncio.sleep(0)
