"""A lane of the sender: its order, its leases, its throttles, and the outcomes that it must not lose."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from bot.pace import Pace
from sandbox import faults
from services.outgoing import to_patient, to_staff
from store import schema
from store.outbox import Draft
from tests.bot.conftest import TOKEN, Border
from tests.bot.stories import a_clinician, a_patient, an_alert, rows, running, until, without_table


async def test_a_commit_wakes_its_lane_at_once(border: Border) -> None:
    patient = await a_patient(border)

    async with running(border.sender().run(timedelta(seconds=60))):
        await asyncio.sleep(0.1)
        await border.queue(to_patient(patient, "reply", "help"))
        await until(lambda: border.shown(patient.user_id), seconds=5)


async def test_a_throttle_on_one_patients_prompt_stops_its_lane_and_no_page(border: Border) -> None:
    clinician, first, second = await a_clinician(border), await a_patient(border), await a_patient(border)
    border.telegram.faults.add(faults.too_many_requests(35).on("sendMessage", chat_id=first.chat_id, times=1))
    pace = Pace(10.0)
    sender = border.sender(bulk=pace)
    await border.queue(*(to_patient(each, "bulk", "help") for each in (first, second)))
    await an_alert(border, await a_patient(border))
    await sender.send_due()
    assert pace.held_for > 30
    assert len(border.shown(clinician.user_id)) == 1
    assert border.shown(second.user_id) == []
    assert {row.state for row in await rows(border.clinic.database, schema.outbox, lane="bulk")} == {"waiting"}


async def test_a_chat_keeps_its_order_when_its_first_message_fails(border: Border) -> None:
    patient, sender = await a_patient(border), border.sender()
    border.telegram.faults.add(faults.failing(502).on("sendMessage", times=1))
    await border.queue(to_patient(patient, "reply", "help"), to_patient(patient, "reply", "paused"))
    await sender.send_due()
    assert border.shown(patient.user_id) == []
    await border.queue(to_patient(patient, "reply", "resumed"))
    await sender.send_due()
    assert border.shown(patient.user_id) == []
    border.clock.advance(seconds=2)
    while await sender.send_due():
        pass
    assert [shown[:7] for shown in border.shown(patient.user_id)] == ["I ask h", "All rig", "Welcome"]


async def test_one_slow_chat_holds_up_no_other(border: Border) -> None:
    slow, quick = await a_patient(border), [await a_patient(border) for _ in range(30)]
    border.telegram.faults.add(faults.silent().on("sendMessage", chat_id=slow.chat_id))
    sender = border.sender(lease=timedelta(seconds=3))

    async with running(sender.run(timedelta(seconds=0.05))):
        await border.queue(to_patient(slow, "bulk", "help"), *(to_patient(each, "bulk", "help") for each in quick))
        await asyncio.sleep(0.2)
        await border.queue(*(to_patient(each, "bulk", "help") for each in quick))
        await until(lambda: all(len(border.shown(each.user_id)) == 2 for each in quick), seconds=2.5)


async def test_what_a_killed_sender_held_is_taken_when_its_lease_lapses(border: Border) -> None:
    patient = await a_patient(border)
    await border.queue(to_patient(patient, "reply", "help"))
    border.telegram.faults.add(faults.silent().on("sendMessage", times=1))
    task = asyncio.create_task(border.sender("killed").send_due())
    await asyncio.sleep(0.3)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    heir = border.sender("heir")
    assert await heir.send_due() == 0
    border.clock.advance(seconds=31)
    assert await heir.send_due() == 1
    assert len(border.shown(patient.user_id)) == 1


async def test_an_outcome_that_cannot_be_stored_is_kept_and_the_message_not_sent_again(border: Border) -> None:
    patient, sender = await a_patient(border), border.sender()
    await border.queue(to_patient(patient, "reply", "help"))
    lane = sender.lanes["reply"]
    await lane._claim()
    async with without_table(border.clinic.database, "outbox"):
        await asyncio.gather(*lane._tasks)
        await lane._settle()
        assert len(lane._came_out) == 1
    border.clock.advance(seconds=60)  # its lease has lapsed, and it is claimed again: by the sender that holds it
    await sender.send_due()
    assert len(border.shown(patient.user_id)) == 1
    (row,) = await rows(border.clinic.database, schema.outbox)
    assert row.state == "sent"


async def test_one_row_that_cannot_be_settled_holds_up_no_other(border: Border) -> None:
    good, bad = await a_patient(border), await a_clinician(border)
    border.telegram.client(bad.user_id or 0, TOKEN).block()
    sender = border.sender()
    await border.queue(
        to_patient(good, "reply", "help"),
        Draft(lane="reply", kind="no-role", chat_id=bad.chat_id, language="en", staff_id=bad.id, alert_id="no such"),
    )
    async with without_table(border.clinic.database, "staff"):  # what is blocked cannot be noted
        await sender.send_due()
    states = {row.kind: row.state for row in await rows(border.clinic.database, schema.outbox)}
    assert states == {"help": "sent", "no-role": "sending"}
    await sender.send_due()
    assert {row.state for row in await rows(border.clinic.database, schema.outbox)} == {"sent", "refused"}


async def test_a_sender_that_ends_gives_back_what_it_has_not_sent(border: Border) -> None:
    people = [await a_patient(border) for _ in range(5)]
    sender = border.sender(bulk=Pace(2.0))
    await border.queue(*(to_patient(each, "bulk", "help") for each in people))

    async with running(sender.run(timedelta(seconds=0.05))):
        await until(lambda: any(border.shown(each.user_id) for each in people))
    states = [row.state for row in await rows(border.clinic.database, schema.outbox)]
    assert set(states) == {"sent", "waiting"}
    heir = border.sender("heir")
    while await heir.send_due():
        pass
    assert [len(border.shown(each.user_id)) for each in people] == [1] * 5


async def test_at_its_end_a_sender_waits_for_a_database_that_is_away_for_a_moment(border: Border) -> None:
    patient, sender = await a_patient(border), border.sender()
    border.telegram.faults.add(faults.slow(0.3).on("sendMessage"))  # delivered at once, said later
    await border.queue(to_patient(patient, "reply", "help"))
    sending = asyncio.ensure_future(sender.run(timedelta(seconds=60)))
    await until(lambda: border.shown(patient.user_id))
    async with without_table(border.clinic.database, "outbox"):
        sending.cancel()
        await asyncio.sleep(1.0)  # it has tried to note what came of it
    await asyncio.wait([sending])
    assert [row.state for row in await rows(border.clinic.database, schema.outbox)] == ["sent"]


async def test_pages_are_not_held_up_by_a_thousand_prompts(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.queue(*(Draft(lane="bulk", kind="help", chat_id=patient.chat_id, language="en") for _ in range(1000)))
    waits = []
    async with running(border.sender().run(timedelta(seconds=1))):
        for number in range(20):
            began = time.monotonic()
            await border.queue(to_staff(clinician, "page", "drill", once=str(number)))
            await until(lambda so_far=number: len(border.shown(clinician.user_id)) > so_far)
            waits.append(time.monotonic() - began)
    assert sorted(waits)[-2] < 1.0
