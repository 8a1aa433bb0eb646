"""A clinician's chat at 3 a.m.: one message for an alert, what to do next as buttons, lists by alias, no names."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from services import today, worklists
from services.clinic import Clinic
from services.turn import Incoming, Turn
from store import courses, outbox
from store.ids import InboxId
from tests.builders import add_member, add_patient, record_infusion
from tests.world import Phone, World

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GROUP = -4242


def buttons(phone: Phone) -> dict[str, str | None]:
    """The buttons of all standing messages with their style, the newest last."""
    keyboards = [each.get("reply_markup", {}).get("inline_keyboard", []) for each in phone.app().messages]
    return {button["text"]: button.get("style") for rows in keyboards for row in rows for button in row}


def standing(phone: Phone, alert: str) -> list[str]:
    """The texts about an alert that stand in a chat, without those that only point at another."""
    return [text for text in phone.texts if alert in text and "see below" not in text]


async def test_however_often_it_rings_one_message_stands_for_an_alert(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await patient.says("/now")
    await world.advance(20 * MINUTE)
    pages = clinician.reads("page")
    assert len(pages) > 5
    assert all(not page.silent for page in pages)
    assert len(standing(clinician, "A-1")) == 1
    assert clinician.app().messages[-1]["reply_markup"]["inline_keyboard"]
    keyboards = [each for each in clinician.app().messages if "Acknowledge" in str(each.get("reply_markup"))]
    assert len(keyboards) == 1
    await clinician.presses("Acknowledge")
    assert "Taken by" in standing(clinician, "A-1")[0]
    clinician.received_nothing()
    patient.reads()


async def test_from_ack_to_outcome_everything_happens_in_the_one_message(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await patient.says("/now")
    clinician.received("page")
    assert buttons(clinician)["Acknowledge"] == "success"
    await clinician.presses("Acknowledge")
    assert buttons(clinician)["Called the patient"] == "success"
    await clinician.presses("Called the patient")
    await clinician.presses("Close with outcome")
    styles = buttons(clinician)
    assert (styles["Reached, and safe"], styles["Not reached"]) == ("success", "danger")
    await clinician.presses("Back")
    assert "called the patient" in standing(clinician, "A-1")[-1]
    await clinician.presses("Close with outcome")
    await clinician.presses("Reached, and safe")
    clinician.received_nothing()
    await clinician.says("She is with her sister and safe.")
    assert [message.kind for message in clinician.reads()] == ["closing-done"]
    assert buttons(clinician)["Reopen"] == "danger"
    patient.reads()


async def test_to_whom_to_hand_over_is_asked_in_place_and_can_be_left(world: World) -> None:
    clinician, other = await world.clinician("One"), await world.clinician("Two", on_call=None)
    patient = await world.patient()
    await patient.says("/now")
    clinician.received("page")
    await clinician.presses("Hand over")
    assert "Two" in buttons(clinician)
    await clinician.presses("Back")
    assert "Acknowledge" in buttons(clinician)
    await clinician.presses("Hand over")
    await clinician.presses("Two")
    assert "Acknowledge" in buttons(clinician)  # it is theirs to take until the other accepts
    clinician.received_nothing()
    assert other.reads("hand-over-offer")
    patient.reads()


async def test_alerts_are_listed_red_ones_first_with_who_has_them(world: World) -> None:
    clinician = await world.clinician("One")
    first, second = await world.patient(), await world.patient()
    await first.says("/now")
    await clinician.presses("Acknowledge")
    await second.says("/now")
    clinician.reads()
    await clinician.says("/alerts")
    listed = clinician.received("alerts")
    assert "Open alerts: 2" in listed.text
    assert f"A-1 · {first.alias} · One has it" in listed.text
    assert f"A-2 · {second.alias} · nobody has taken it" in listed.text
    styles = buttons(clinician)
    assert styles[f"A-2 · {second.alias}"] == "danger"
    assert styles[f"A-1 · {first.alias}"] is None
    await clinician.presses(f"A-2 · {second.alias}")
    assert clinician.reads("page")
    assert len(standing(clinician, "A-2")) == 2  # the list, and one page
    for patient in (first, second):
        patient.reads()


async def test_the_caseload_is_by_alias_those_with_an_alert_first(world: World) -> None:
    clinician = await world.clinician()
    coordinator = await world.member("Front Desk", role="coordinator")
    quiet, loud = await world.patient(), await world.patient()
    for patient in (quiet, loud):
        await world.infusion(patient)
    await loud.says("/now")
    clinician.reads()
    await clinician.says("/caseload")
    shown = clinician.received("caseload")
    lines = shown.text.splitlines()
    assert lines[0] == "In a course: 2"
    assert lines[1].startswith(f"{loud.alias} · day 0 · mood – · 🔴 RED A-1")
    assert lines[2].startswith(f"{quiet.alias} · day 0 · mood – · no alert")
    assert "Patient One" not in shown.text
    assert shown.labels == (f"A-1 · {loud.alias}",)
    await coordinator.says("/caseload")
    assert coordinator.received("caseload").labels == ()
    for patient in (quiet, loud):
        patient.reads()


@pytest.mark.on("sqlite")
async def test_a_long_caseload_comes_in_several_messages_and_loses_nobody(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now)
        aliases = set()
        for _ in range(worklists.LINES + 1):
            patient = await add_patient(clinic, tx, now)
            await record_infusion(clinic, tx, patient, now)
            aliases.add(patient.alias)
        incoming = Incoming(kind="message", user_id=member.user_id, chat_id=member.chat_id, private=True)
        turn = Turn(
            clinic=clinic, tx=tx, now=now, incoming=incoming, inbox_id=InboxId("i"), patient=None, member=member
        )
        await worklists.show_caseload(turn)
        sent = await outbox.claim(tx, "reply", claimer="t", now=now, lease=HOUR, limit=99)
    lists = [message.params for message in sent if message.kind == "caseload"]
    assert [len(each["patients"]) for each in lists] == [worklists.LINES, 1]
    assert {line["patient"] for each in lists for line in each["patients"]} == aliases


async def test_a_group_gets_counts_and_never_a_patient(world: World) -> None:
    clinician, patient, other = await world.clinician(), await world.patient(), await world.patient()
    await world.infusion(other)
    await patient.says("/now")
    people, token = [clinician.user_id, patient.user_id], world.tokens[0]
    world.telegram.add_group(GROUP, "On call", members=people, bots=[token])
    world.telegram.client(clinician.user_id, token, GROUP).say("/alerts")
    await world.settle()
    (sent,) = world.telegram.sent(token, GROUP)
    assert "open alerts: 1 red, 0 amber" in sent.text
    assert "in a course: 1" in sent.text
    assert sent.labels == ()
    assert not any(word in sent.text for word in (patient.alias, other.alias, "A-1", "P-"))
    world.telegram.client(patient.user_id, token, GROUP).say("/alerts")
    await world.settle()
    assert len(world.telegram.sent(token, GROUP)) == 1
    for phone in (patient, other):
        phone.reads()


async def test_a_group_that_threw_the_bot_out_makes_nobody_unreachable(world: World) -> None:
    clinician, token = await world.clinician(), world.tokens[0]
    world.telegram.add_group(GROUP, "On call", members=[clinician.user_id], bots=[token])
    world.telegram.client(clinician.user_id, token, GROUP).say("/alerts")
    world.telegram.chat(token, GROUP).bots.clear()
    await world.settle()
    patient = await world.patient()
    await patient.says("/now")
    assert clinician.reads("page")
    patient.reads()


async def test_what_waited_for_the_opening_is_a_list_in_the_morning(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(10 * HOUR)  # Monday, 22:00
    clinician.reads()
    await patient.sends("voice")  # somebody has to listen to it, in the morning
    clinician.received_nothing()
    opening = datetime.combine(world.now.date() + timedelta(days=1), time(7), world.now.tzinfo)  # 09:00 in Madrid
    await world.until(opening - MINUTE)
    clinician.received_nothing()
    await world.until(opening)
    arrived = {message.kind: message for message in clinician.reads()}
    assert set(arrived) >= {"page", "opening"}
    assert "Waiting for you: 1" in arrived["opening"].text
    assert arrived["opening"].labels == (f"A-1 · {patient.alias}",)
    await world.advance(3 * HOUR)
    assert clinician.reads("opening") == []
    patient.reads()


async def test_where_nothing_waits_no_list_comes(world: World) -> None:
    clinician = await world.clinician()
    await world.patient()
    await world.advance(timedelta(days=2))
    clinician.received_nothing()


async def test_what_is_planned_hides_nothing_of_what_has_been(world: World) -> None:
    clinician, patient = await world.clinician(days=60), await world.patient()
    for days in (1, 8, 11):
        await world.infusion(patient, ended_at=world.now + timedelta(days=days))
    await patient.says("/now")
    await clinician.presses("Acknowledge")
    await clinician.presses("Show details")
    assert "Before the infusion planned for 5 May 2026, 0.5 mg/kg" in clinician.reads("details")[0].text
    await clinician.presses("Close with outcome")
    await clinician.presses("Not a concern")
    await clinician.says("A question about the taxi.")
    await world.advance(timedelta(days=3))
    await patient.says("/now")
    clinician.reads()
    await clinician.says("/caseload")
    assert f"{patient.alias} · day 2" in clinician.received("caseload").text
    await clinician.presses("Acknowledge")
    await clinician.presses("Show details")
    assert "after the infusion of 5 May 2026, 0.5" in clinician.reads("details")[0].text
    patient.reads()
    async with world.transaction() as tx:
        course, *_, last = await courses.of_patient(tx, patient.id)
        ends = [(await today.of_day(world.clinic, tx, each.ends_at))["ends"] for each in (course, last)]
    assert [len(each) for each in ends] == [0, 1]  # the last of a series ends it
