"""The emergency lane: dangerous messages are paged about without the database, once each and again while it is away."""

from __future__ import annotations

import asyncio

import pytest

from bot.buttons import pack
from bot.texts import Rendered
from rules.tier import Tier
from sandbox import faults
from services.delivery import Claimed
from store import alerts, staff
from tests.bot.conftest import TOKEN, Border, Mailbox
from tests.bot.stories import a_clinician, a_patient, an_alert
from tests.bot.updates import HELP, message, poison, press


async def off_duty(border: Border) -> None:
    """A clinician with the phone 77 who is not on call."""
    async with border.clinic.database.transaction() as tx:
        member = await staff.add(tx, name="Clinician Two", role="clinician", language="en", now=border.clock.now())
        await staff.change(tx, member.id, user_id=77, chat_id=77)
    border.phone(77)


async def test_a_dangerous_message_pages_those_on_call_and_comforts_its_writer(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([message(1, patient.user_id or 0, HELP)])
    (page,) = border.shown(clinician.user_id)
    assert patient.alias in page
    assert "kill" not in page
    (comfort,) = border.shown(patient.user_id)
    assert "024" in comfort or "112" in comfort


async def test_the_second_channel_is_told_too_without_a_word_about_the_patient(
    border: Border, mailbox: Mailbox
) -> None:
    patient = await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([message(1, patient.user_id or 0, HELP)])
    (told,) = mailbox.texts
    assert patient.alias not in told
    assert str(patient.user_id) not in told


async def test_an_ordinary_message_pages_nobody(border: Border, mailbox: Mailbox) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([message(1, patient.user_id or 0, "I slept well, thank you")])
    assert border.shown(clinician.user_id) == []
    assert mailbox.texts == []


async def test_the_same_update_pages_once_and_everybody_again_while_the_database_is_away(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await off_duty(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    update = message(1, patient.user_id or 0, HELP)
    for _ in range(5):
        await border.emergency([update])
        border.clock.advance(seconds=15)
    assert (len(border.shown(clinician.user_id)), len(border.shown(77))) == (1, 0)
    border.clock.advance(minutes=4)
    await border.emergency([update])
    assert (len(border.shown(clinician.user_id)), len(border.shown(77))) == (2, 1)
    assert len(border.shown(patient.user_id)) == 1


async def test_with_nobody_on_call_every_clinician_is_paged(border: Border) -> None:
    patient = await a_patient(border)
    await off_duty(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([message(1, patient.user_id or 0, HELP)])
    assert len(border.shown(77)) == 1


async def test_a_page_that_reached_nobody_is_tried_again_at_once(border: Border, mailbox: Mailbox) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    mailbox.status = 500
    border.telegram.faults.add(faults.failing(502).on("sendMessage", times=1))
    update = message(1, patient.user_id or 0, HELP)
    await border.emergency([update])
    await border.emergency([update])
    assert len(border.shown(clinician.user_id)) == 1


async def test_when_those_on_call_cannot_be_reached_everybody_is_paged_at_once(
    border: Border, mailbox: Mailbox
) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await off_duty(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    mailbox.status = 500
    border.telegram.client(clinician.user_id or 0, TOKEN).block()
    await border.emergency([message(1, patient.user_id or 0, HELP)])
    assert len(border.shown(77)) == 1
    assert len(border.shown(patient.user_id)) == 1


async def test_of_a_clinician_in_danger_the_others_are_paged(border: Border, mailbox: Mailbox) -> None:
    clinician = await a_clinician(border)
    await off_duty(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    mailbox.status = 500
    await border.emergency([message(1, clinician.user_id or 0, HELP)])
    assert len(border.shown(77)) == 1
    (comfort,) = border.shown(clinician.user_id)
    assert "I have told the staff on duty" in comfort


async def test_a_clinician_in_danger_is_paged_of_themselves_where_nobody_else_is(border: Border) -> None:
    clinician = await a_clinician(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([message(1, clinician.user_id or 0, HELP)])
    assert len(border.shown(clinician.user_id)) == 2  # the page and the crisis text


async def test_the_writer_is_comforted_though_nobody_can_be_paged(border: Border, mailbox: Mailbox) -> None:
    patient = await a_patient(border)
    mailbox.status = 500
    await border.emergency([message(1, patient.user_id or 0, HELP)])
    assert len(border.shown(patient.user_id)) == 1


async def test_a_flood_of_one_person_rings_once_and_a_graver_message_again(border: Border, mailbox: Mailbox) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    user_id = patient.user_id or 0
    amber = [message(number, user_id, "I feel hopeless, nothing will ever change") for number in range(5)]
    red = [message(number, user_id, HELP) for number in range(10, 60)]
    await border.emergency(amber)
    assert len(border.shown(clinician.user_id)) == 1
    await border.emergency(red)
    assert len(border.shown(clinician.user_id)) == len(mailbox.texts) == 2
    assert len(border.shown(user_id)) == 1


async def test_another_day_begins_with_those_on_call_again(border: Border) -> None:
    patient = await a_patient(border)
    await a_clinician(border)
    await off_duty(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([message(1, patient.user_id or 0, HELP)])
    border.clock.advance(hours=20)
    await border.emergency([message(2, patient.user_id or 0, HELP)])
    assert border.shown(77) == []


@pytest.mark.parametrize("minutes", [8, 120])
async def test_a_clock_that_is_set_back_meanwhile_does_not_silence_it(border: Border, minutes: int) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    update = message(1, patient.user_id or 0, HELP)
    await border.emergency([update])
    border.clock.advance(minutes=-minutes)
    await border.emergency([update])
    assert len(border.shown(clinician.user_id)) == 2


async def test_a_person_without_a_link_is_named_by_what_is_known_of_them(border: Border) -> None:
    clinician = await a_clinician(border)
    border.phone(4242)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([message(1, 4242, HELP)])
    assert "4242" in border.shown(clinician.user_id)[0]
    assert len(border.shown(4242)) == 1


async def test_an_update_of_an_unknown_shape_is_screened_here_too(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([poison(1, patient.user_id or 0, HELP)])
    assert len(border.shown(clinician.user_id)) == 1


@pytest.mark.parametrize(
    ("verb", "argument", "pages"),
    [
        ("callme", "", 1),
        ("a", "asq/5/1", 1),
        ("a", "safety/now/2", 1),
        ("a", "phq9/9/1", 1),
        ("a", "phq9/9/0", 0),
        ("a", "phq9/1/3", 0),
        ("a", "mood/mood/7", 0),
        ("times", "", 0),
    ],
)
async def test_a_press_that_may_mean_danger_pages(border: Border, verb: str, argument: str, pages: int) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    data = pack(border.clinic.button_key, patient.user_id or 0, verb, "00" * 16, argument)
    await border.emergency([press(1, patient.user_id or 0, data)])
    assert len(border.shown(clinician.user_id)) == pages


async def test_a_button_that_somebody_else_forged_pages_nobody(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    data = pack(border.clinic.button_key, 1, "callme")
    await border.emergency([press(1, patient.user_id or 0, data)])
    assert border.shown(clinician.user_id) == []


async def test_asking_for_help_by_command_pages(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([message(1, patient.user_id or 0, "/now")])
    assert len(border.shown(clinician.user_id)) == 1


async def test_of_alerts_that_stand_still_those_on_call_are_told_after_a_minute_then_everybody(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await off_duty(border)
    alert = await an_alert(border, patient)
    await border.roster.refresh(border.clinic, border.clock.now())
    border.roster._latest = None  # a process that has started meanwhile reads the file
    told = []
    for _ in range(4 * 13):  # a poll every quarter of a minute, for 13 minutes
        await border.emergency([])
        told.append(len(border.shown(clinician.user_id)))
        border.clock.advance(seconds=15)
    assert [told.count(number) for number in (0, 1, 2, 3)] == [4, 20, 20, 8]
    assert len(border.shown(77)) == 2
    text = border.shown(clinician.user_id)[0]
    assert f"{alert.alias} ({patient.alias})" in text


async def test_what_goes_wrong_for_a_moment_tells_nobody_of_open_alerts(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await an_alert(border, patient)
    await border.roster.refresh(border.clinic, border.clock.now())
    for _ in range(10):
        await border.emergency([])
        border.clock.advance(minutes=2)
    assert border.shown(clinician.user_id) == []


async def test_a_way_that_hangs_for_open_alerts_holds_up_no_new_message(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinician, patient, other = await a_clinician(border), await a_patient(border), await a_patient(border)
    await an_alert(border, other)
    await border.roster.refresh(border.clinic, border.clock.now())
    await border.emergency([])
    border.clock.advance(minutes=1)
    put = border.wire.put

    async def hang_about_open_alerts(message: Claimed, rendered: Rendered) -> int | None:
        if other.alias in rendered.text:
            await asyncio.sleep(60)
        return await put(message, rendered)

    monkeypatch.setattr(border.wire, "put", hang_about_open_alerts)
    monkeypatch.setattr("bot.emergency.PATIENCE", 0.5)
    await border.emergency([message(1, patient.user_id or 0, HELP)])
    (page,) = border.shown(clinician.user_id)
    assert patient.alias in page
    assert len(border.shown(patient.user_id)) == 1


@pytest.mark.parametrize("kind", ["amber", "acknowledged"])
async def test_alerts_that_need_not_ring_now_are_left_alone(border: Border, kind: str) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    alert = await an_alert(border, patient, Tier.AMBER if kind == "amber" else Tier.RED)
    if kind == "acknowledged":
        async with border.clinic.database.transaction() as tx:
            await alerts.change(tx, alert.id, state="acknowledged")
    await border.roster.refresh(border.clinic, border.clock.now())
    for _ in range(10):
        await border.emergency([])
        border.clock.advance(seconds=15)
    assert border.shown(clinician.user_id) == []


async def test_without_a_roster_the_second_channel_is_told(border: Border, mailbox: Mailbox) -> None:
    await border.emergency([message(1, 5, HELP)])
    assert len(mailbox.texts) == 1


async def test_what_is_remembered_has_an_end(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.emergency.REMEMBERED", 10)
    await border.emergency([message(number, 5, "hello") for number in range(50)])
    assert len(border.emergency._seen) == 10
