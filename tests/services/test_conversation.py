"""The safety conversation: asked once, gently; its answers and its silence set the tier."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.tier import Tier
from services import answers, conversation, overdue
from services.turn import Turn
from store import alerts, checkins, findings
from store.checkins import Checkin
from tests.services.chat import Chat
from tests.services.conftest import Prompt


async def ask(chat: Chat, cause: str) -> Checkin:
    async with chat.clinic.database.transaction() as tx:
        await conversation.ask(chat.clinic, tx, chat.patient, cause, chat.now)
        row = await checkins.safety_conversation(tx, chat.patient.id) or await checkins.last_outside(
            tx, chat.patient.id, conversation.SLOT
        )
    assert row is not None
    return row


async def gently(chat: Chat, tier: Tier) -> None:
    async with chat.clinic.database.transaction() as tx:
        await conversation.ask_gently(chat.clinic, tx, chat.patient, tier, chat.now)


async def silence(chat: Chat) -> None:
    for row_id in await overdue.silences_due(chat.clinic, chat.now):
        await overdue.heed_silence(chat.clinic, row_id, chat.now)


async def tier(chat: Chat) -> str | None:
    async with chat.clinic.database.reading() as tx:
        alert = await alerts.unclosed_of(tx, patient_id=chat.patient.id)
    return alert.tier.word if alert else None


async def test_the_gentle_question_is_asked_once_in_two_hours(chat: Chat) -> None:
    await gently(chat, Tier.AMBER)
    await gently(chat, Tier.AMBER)
    assert await chat.kinds() == ["safety-question"]
    chat.now += timedelta(hours=2)
    row = await ask(chat, "note")
    await chat.press(row.id, "safety/now", 0)


async def test_a_second_note_within_that_time_is_amber_once(chat: Chat) -> None:
    await gently(chat, Tier.NOTE)
    assert await tier(chat) is None
    await gently(chat, Tier.NOTE)
    await gently(chat, Tier.NOTE)
    assert await tier(chat) == "amber"
    async with chat.clinic.database.reading() as tx:
        alert = await alerts.unclosed_of(tx, patient_id=chat.patient.id)
        assert alert is not None
        assert [each.finding.rule for each in await findings.of_alert(tx, alert.id)] == ["note-again"]


async def test_no_ends_the_conversation_and_lowers_nothing(chat: Chat) -> None:
    row = await ask(chat, "amber")
    await chat.said()
    await chat.press(row.id, "safety/now", 0)
    assert await chat.kinds() == ["gentle-no-thanks"]
    async with chat.clinic.database.reading() as tx:
        assert await checkins.safety_conversation(tx, chat.patient.id) is None


async def test_yes_pages_at_once_and_the_questions_after_it_tell_more(chat: Chat) -> None:
    row = await ask(chat, "note")
    await chat.said()
    await chat.press(row.id, "safety/now", 1)
    assert await chat.kinds() == ["page", "crisis", "safety-question"]
    assert await tier(chat) == "red"


async def test_rather_talk_is_red_and_asks_for_a_call(chat: Chat) -> None:
    row = await ask(chat, "note")
    await chat.said()
    await chat.press(row.id, "safety/now", 2)
    kinds = await chat.kinds()
    assert {"page", "crisis", "call-me-noted"} <= set(kinds)
    assert await tier(chat) == "red"


async def test_a_typed_yes_counts_as_the_answer(chat: Chat) -> None:
    await ask(chat, "note")
    await chat.say("yes")
    assert await tier(chat) == "red"


@pytest.mark.parametrize(("cause", "after"), [("item9", "amber"), ("mood", "amber"), ("note", None)])
async def test_ten_minutes_of_silence(chat: Chat, cause: str, after: str | None) -> None:
    await ask(chat, cause)
    chat.now += timedelta(minutes=10)
    await silence(chat)
    assert await tier(chat) == after


@pytest.mark.parametrize("cause", ["item9", "mood"])
async def test_half_an_hour_of_silence_after_a_grave_answer_is_red(chat: Chat, cause: str) -> None:
    await ask(chat, cause)
    chat.now += timedelta(minutes=10)
    await silence(chat)
    chat.now += timedelta(minutes=20)
    await silence(chat)
    assert await tier(chat) == "red"
    assert "crisis" in await chat.kinds()


async def test_a_graver_cause_while_the_question_waits_goes_by_its_own_clock(chat: Chat) -> None:
    await ask(chat, "note")
    await ask(chat, "mood")
    assert (await chat.kinds()).count("safety-question") == 1
    chat.now += timedelta(minutes=10)
    await silence(chat)
    assert await tier(chat) == "amber"


async def test_a_mood_of_zero_asks_the_safety_question_at_once(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    await chat.press(row.id, "mood/rating", 0)
    kinds = await chat.kinds()
    assert "safety-question" in kinds
    assert "question" not in kinds  # the optional one is left alone


async def test_item_nine_of_one_asks_the_second_stage_at_once(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("week-1")
    await chat.press(row.id, "phq9/9", 1)
    said = await chat.said()
    (asked,) = [message for message in said if message.kind == "safety-question"]
    assert (asked.params["instrument"], asked.params["item"]) == ("asq", "1")
    assert await tier(chat) is None


async def test_every_no_after_item_nine_of_one_is_a_note(chat: Chat) -> None:
    row = await ask(chat, "item9")
    for item in "1234":
        await chat.press(row.id, f"asq/{item}", 0)
    assert await tier(chat) is None
    async with chat.clinic.database.reading() as tx:
        assert await findings.has(tx, chat.patient.id, "item9-denied", row.due_at)


async def test_yes_in_a_routine_check_in_pages_and_asks_on(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("side-effects")
    await chat.press(row.id, "safety/now", 1)
    kinds = await chat.kinds()
    assert kinds[:2] == ["page", "crisis"]
    assert "safety-question" in kinds


async def test_a_red_answer_pressed_again_after_the_alert_was_closed_pages_again(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("week-1")
    await chat.press(row.id, "phq9/9", 3)
    async with chat.clinic.database.transaction() as tx:
        alert = await alerts.unclosed_of(tx, patient_id=chat.patient.id)
        assert alert is not None
        await alerts.change(tx, alert.id, state="closed", closed_at=chat.now, due_at=None)
    await chat.said()
    await chat.press(row.id, "phq9/9", 3)
    assert "page" in await chat.kinds()


async def test_skipping_is_only_for_what_may_be_left_out(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("week-1")

    async def skip(turn: Turn) -> None:
        await answers.skip(turn, row.id, "phq9", "9")

    await chat.do(skip)
    assert await chat.kinds() == []
