"""The sender: what becomes of a message, lane by lane, when all goes well and when it does not."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.buttons import unpack
from rules.tier import Tier
from sandbox import faults
from services.clinic import Clinic
from services.outgoing import to_patient, to_staff
from store import alerts, schema, staff
from store.outbox import Draft
from tests.bot.conftest import PAGE_TOKEN, TOKEN, Border, Mailbox
from tests.bot.stories import a_clinician, a_patient, an_alert, rows


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
    await border.queue(to_patient(patient, "reply", "time-ask", edits=987))
    await border.sender().send_due()
    (sent,) = border.telegram.sent(TOKEN, patient.user_id)
    assert (sent.method, sent.silent) == ("sendMessage", True)
    assert "09:00" in sent.labels


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


def with_second_channel(border: Border) -> Clinic:
    return replace(border.clinic, second_channel=True)


async def test_a_page_that_was_deleted_is_not_folded_into_a_message_of_its_own(border: Border) -> None:
    clinician = await a_clinician(border)
    await border.queue(to_staff(clinician, "page", "page-folded", edits=4711, alert="A-1"))
    await border.sender().send_due()
    assert border.shown(clinician.user_id) == []
    assert (await rows(border.clinic.database, schema.outbox))[0].state == "sent"
