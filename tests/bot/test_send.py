"""The sender: what becomes of a message, lane by lane, when all goes well and when it does not."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.buttons import unpack
from bot.pace import Pace
from rules.tier import Tier
from sandbox import faults
from services.clinic import Clinic
from services.outgoing import to_patient, to_staff
from store import alerts, schema, staff
from store.outbox import Draft
from tests.bot.conftest import PAGE_TOKEN, TOKEN, Border, Mailbox
from tests.bot.stories import a_clinician, a_patient, an_alert, rows, running, until, without_table


async def test_a_queued_message_arrives_and_is_settled(border: Border) -> None:
    patient = await a_patient(border)
    await border.queue(to_patient(patient, "reply", "help"))
    assert await border.sender().send_due() == 1
    assert border.shown(patient.user_id)[0].startswith("I ask how you are")
    (row,) = await rows(border.clinic.database, schema.outbox)
    assert (row.state, row.message_id is not None, row.sent_at) == ("sent", True, border.clock.now())


async def test_nothing_is_sent_twice(border: Border) -> None:
    patient = await a_patient(border)
    await border.queue(to_patient(patient, "reply", "help"))
    sender = border.sender()
    await sender.send_due()
    assert await sender.send_due() == 0
    assert len(border.shown(patient.user_id)) == 1


async def test_a_commit_wakes_its_lane_at_once(border: Border) -> None:
    patient = await a_patient(border)

    async with running(border.sender().run(timedelta(seconds=60))):
        await asyncio.sleep(0.1)
        await border.queue(to_patient(patient, "reply", "help"))
        await until(lambda: border.shown(patient.user_id), seconds=5)


async def test_buttons_are_signed_for_the_person_in_the_chat(border: Border) -> None:
    patient = await a_patient(border)
    await border.queue(to_patient(patient, "crisis", "crisis", covered=True))
    await border.sender().send_due()
    (sent,) = border.telegram.sent(TOKEN, patient.user_id)
    buttons = [button for row in sent.message["reply_markup"]["inline_keyboard"] for button in row]
    assert [button.get("style") for button in buttons] == ["danger", None]
    data = buttons[0]["callback_data"]
    press = unpack(border.clinic.button_key, patient.user_id or 0, data)
    assert press is not None
    assert press.verb == "callme"
    assert unpack(border.clinic.button_key, (patient.user_id or 0) + 1, data) is None


async def test_the_crisis_reply_cannot_be_forwarded(border: Border) -> None:
    patient = await a_patient(border)
    await border.queue(to_patient(patient, "crisis", "crisis", covered=True))
    await border.sender().send_due()
    assert border.telegram.sent(TOKEN, patient.user_id)[0].message["has_protected_content"]


async def test_a_page_rings(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await an_alert(border, patient)
    await border.sender().send_due()
    (page,) = border.telegram.sent(TOKEN, clinician.user_id)
    assert not page.silent
    assert "A-1" in page.text
    assert patient.alias in page.text


async def test_an_edit_changes_the_message_in_place(border: Border) -> None:
    patient, sender = await a_patient(border), border.sender()
    await border.queue(to_patient(patient, "reply", "help"))
    await sender.send_due()
    (row,) = await rows(border.clinic.database, schema.outbox)
    await border.queue(to_patient(patient, "reply", "paused", edits=row.message_id))
    await sender.send_due()
    assert [sent.method for sent in border.telegram.sent(TOKEN, patient.user_id)] == ["sendMessage", "editMessageText"]


async def test_an_edit_that_changes_nothing_counts_as_sent(border: Border) -> None:
    patient, sender = await a_patient(border), border.sender()
    await border.queue(to_patient(patient, "reply", "help"))
    await sender.send_due()
    (row,) = await rows(border.clinic.database, schema.outbox)
    await border.queue(to_patient(patient, "reply", "help", edits=row.message_id))
    await sender.send_due()
    assert [each.state for each in await rows(border.clinic.database, schema.outbox)] == ["sent", "sent"]
    assert len(border.telegram.sent(TOKEN, patient.user_id)) == 1


async def test_a_message_that_cannot_be_edited_any_more_is_sent_anew_without_a_sound(border: Border) -> None:
    patient = await a_patient(border)
    await border.queue(to_patient(patient, "reply", "paused", edits=987))
    await border.sender().send_due()
    (sent,) = border.telegram.sent(TOKEN, patient.user_id)
    assert (sent.method, sent.silent) == ("sendMessage", True)


async def test_a_chart_goes_out_as_a_picture(border: Border) -> None:
    patient = await a_patient(border)
    points = [["2026-05-01", 3], ["2026-05-02", 6]]
    await border.queue(to_patient(patient, "reply", "chart", points=points, infusions=["2026-05-01"]))
    await border.sender().send_due()
    assert [sent.method for sent in border.telegram.sent(TOKEN, patient.user_id)] == ["sendPhoto"]


async def test_what_telegram_will_not_have_goes_out_as_plain_text(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await an_alert(border, patient)
    refusal = faults.failing(400, "Bad Request: BUTTON_DATA_INVALID").on("sendMessage", times=1)
    border.telegram.faults.add(refusal)
    await border.sender().send_due()
    (page,) = border.telegram.sent(TOKEN, clinician.user_id)
    assert page.labels == ()
    assert "A-1" in page.text


async def test_a_page_whose_text_cannot_be_made_goes_out_all_the_same(border: Border) -> None:
    clinician = await a_clinician(border)
    await border.queue(to_staff(clinician, "page", "page", alert="A-9"))  # none of its figures but one
    await border.sender().send_due()
    assert border.shown(clinician.user_id) == ["A-9 page: Example Clinic"]


async def test_a_page_that_may_have_arrived_goes_out_again_under_the_same_alert(border: Border) -> None:
    clinician, patient, sender = await a_clinician(border), await a_patient(border), border.sender()
    await an_alert(border, patient)
    border.telegram.faults.add(faults.reset(delivered=True).on("sendMessage", times=1))
    await sender.send_due()
    border.clock.advance(seconds=1)
    await sender.send_due()
    pages = border.shown(clinician.user_id)
    assert len(pages) == 2
    assert all("A-1" in page for page in pages)


@pytest.mark.parametrize("code", [500, 502, 504])
async def test_a_failing_telegram_is_asked_again_and_the_page_goes_another_way_too(
    border: Border, mailbox: Mailbox, code: int
) -> None:
    border.clinic = with_second_channel(border)
    clinician, patient = await a_clinician(border), await a_patient(border)
    await an_alert(border, patient, Tier.AMBER)  # an amber page has no second channel of its own
    sender = border.sender()
    border.telegram.faults.add(faults.failing(code).on("sendMessage"))
    for _ in range(6):
        await sender.send_due()
        border.clock.advance(seconds=4)
    await sender.send_due()
    assert len([each for each in mailbox.texts if "A-1" in each]) == 1
    border.telegram.faults.clear()
    border.clock.advance(seconds=30)
    await sender.send_due()
    assert len(border.shown(clinician.user_id)) == 1


async def test_a_throttled_page_goes_another_way_at_once_and_again_on_time(border: Border, mailbox: Mailbox) -> None:
    border.clinic = with_second_channel(border)
    clinician, patient = await a_clinician(border), await a_patient(border)
    await an_alert(border, patient, Tier.AMBER)
    sender = border.sender()
    border.telegram.faults.add(faults.too_many_requests(35).on("sendMessage", times=1))
    await sender.send_due()
    await sender.send_due()
    assert len(mailbox.texts) == 1
    border.clock.advance(seconds=34)
    assert await sender.send_due() == 0
    border.clock.advance(seconds=2)
    await sender.send_due()
    assert len(border.shown(clinician.user_id)) == 1


async def test_a_throttle_on_one_clinician_holds_up_no_other_page(border: Border) -> None:
    one, two = await a_clinician(border), await a_clinician(border, "Clinician Two")
    patient = await a_patient(border)
    border.telegram.faults.add(faults.too_many_requests(35).on("sendMessage", chat_id=one.chat_id))
    await an_alert(border, patient)
    sender = border.sender()
    await sender.send_due()
    assert (len(border.shown(one.user_id)), len(border.shown(two.user_id))) == (0, 1)


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


async def test_somebody_who_blocked_the_bot_is_noted_and_the_ladder_looks_at_once(border: Border) -> None:
    one, two = await a_clinician(border), await a_clinician(border, "Clinician Two")
    patient = await a_patient(border)
    border.telegram.client(one.user_id or 0, TOKEN).block()
    alert = await an_alert(border, patient)
    await border.sender().send_due()
    async with border.clinic.database.reading() as tx:
        gone, found = await staff.get(tx, one.id), await alerts.get(tx, alert.id)
    assert gone is not None
    assert gone.blocked_at == border.clock.now()
    assert found is not None
    assert found.due_at == border.clock.now()
    assert len(border.shown(two.user_id)) == 1


async def test_a_page_about_an_alert_that_somebody_took_meanwhile_is_not_sent(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    alert = await an_alert(border, patient)
    async with border.clinic.database.transaction() as tx:
        await alerts.change(tx, alert.id, state="acknowledged")
    await border.sender().send_due()
    assert border.shown(clinician.user_id) == []
    assert {row.outcome for row in await rows(border.clinic.database, schema.outbox, kind="page")} == {
        "acknowledged meanwhile"
    }


async def test_no_prompt_comes_between_while_a_red_alert_waits_for_somebody(border: Border) -> None:
    patient, sender = await a_patient(border), border.sender()
    await border.queue(to_patient(patient, "bulk", "help"))
    alert = await an_alert(border, patient)
    await sender.lanes["bulk"].send_due()
    assert border.shown(patient.user_id) == []
    async with border.clinic.database.transaction() as tx:
        await alerts.change(tx, alert.id, state="acknowledged")
    border.clock.advance(minutes=5)
    await sender.lanes["bulk"].send_due()
    assert len(border.shown(patient.user_id)) == 1


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


async def test_a_page_comes_from_the_page_bot_once_it_was_opened(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    border.phone(clinician, PAGE_TOKEN)
    async with border.clinic.database.transaction() as tx:
        await staff.change(tx, clinician.id, page_bot_at=border.clock.now())
    await an_alert(border, patient)
    await border.sender().send_due()
    assert len(border.shown(clinician.user_id, PAGE_TOKEN)) == 1
    assert border.shown(clinician.user_id) == []


async def test_a_clinician_who_blocked_only_the_page_bot_is_paged_by_the_main_one(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    border.phone(clinician, PAGE_TOKEN).block()
    async with border.clinic.database.transaction() as tx:
        await staff.change(tx, clinician.id, page_bot_at=border.clock.now())
    await an_alert(border, patient)
    await border.sender().send_due()
    assert len(border.shown(clinician.user_id)) == 1


async def test_a_page_that_arrives_after_an_acknowledgement_shows_it(border: Border) -> None:
    clinician, patient, sender = await a_clinician(border), await a_patient(border), border.sender()
    alert = await an_alert(border, patient)
    page = sender.lanes["page"]
    await page._claim()
    async with border.clinic.database.transaction() as tx:
        await alerts.change(
            tx, alert.id, state="acknowledged", owner_id=clinician.id, acknowledged_at=border.clock.now()
        )
    await asyncio.gather(*page._tasks)
    await page._settle()
    await sender.send_due()
    assert "Taken by Clinician One" in border.shown(clinician.user_id)[-1]


async def test_without_a_second_channel_its_pages_are_refused(border: Border) -> None:
    draft = Draft(
        lane="page", kind="page", channel="second", chat_id=None, language="en",
        params={"second": "page", "alert": "A-1", "tier": "red"},
    )  # fmt: skip
    border.second.urls = ()
    await border.queue(draft)
    await border.sender().send_due()
    (row,) = await rows(border.clinic.database, schema.outbox)
    assert (row.state, row.outcome) == ("refused", "no second channel")


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


def with_second_channel(border: Border) -> Clinic:
    return replace(border.clinic, second_channel=True)
