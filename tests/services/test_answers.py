"""Answers: stored, judged, followed up by the next question or the thanks."""

from __future__ import annotations

from datetime import timedelta

from services import answers
from store import alerts, checkins
from store import answers as stored
from tests.services.chat import Chat
from tests.services.conftest import Prompt


async def values(chat: Chat) -> list[tuple[str, str, int | None, str]]:
    async with chat.clinic.database.reading() as tx:
        return [(a.instrument, a.item, a.value, a.via) for a in await stored.of_patient(tx, chat.patient.id)]


async def state(chat: Chat, checkin_id: str) -> str:
    async with chat.clinic.database.reading() as tx:
        row = await checkins.get(tx, checkin_id)
    assert row is not None
    return row.state


async def test_one_tap_answers_the_mood_and_offers_the_anxiety_in_place(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    await chat.press(row.id, "mood/rating", 7)
    (shown,) = await chat.said()
    assert (shown.kind, shown.edits, shown.params["instrument"]) == ("question", 77, "anxiety")
    assert shown.params["noted"] == ["mood", "rating", 7]
    assert await state(chat, row.id) == "answered"
    assert await values(chat) == [("mood", "rating", 7, "button")]


async def test_the_optional_question_can_be_skipped(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    await chat.press(row.id, "mood/rating", 7)
    await chat.do(lambda turn: answers.skip(turn, row.id, "anxiety", "rating"))
    assert (await chat.kinds())[-1] == "answered"
    assert len(await values(chat)) == 1


async def test_a_double_tap_counts_once(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    await chat.press(row.id, "mood/rating", 7)
    await chat.press(row.id, "mood/rating", 7)
    assert await values(chat) == [("mood", "rating", 7, "button")]


async def test_a_second_answer_is_a_correction_that_names_the_first(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    await chat.press(row.id, "mood/rating", 7)
    await chat.press(row.id, "mood/rating", 5)
    async with chat.clinic.database.reading() as tx:
        first, second = await stored.of_patient(tx, chat.patient.id)
    assert (first.value, second.value, second.corrects) == (7, 5, first.id)


async def test_a_typed_number_answers_the_question_asked_last(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    await chat.say("about a 6", message_id=5)
    assert ("mood", "rating", 6, "typed") in await values(chat)
    assert ("words", "words", None, "message") in await values(chat)  # the words go to a clinician all the same
    assert await state(chat, row.id) == "answered"


async def test_an_edit_of_a_typed_number_corrects_it(chat: Chat, prompted: Prompt) -> None:
    await prompted("mood")
    await chat.say("6", message_id=5)
    await chat.say("4", message_id=5, kind="edit")
    assert [value for *_, value, _ in await values(chat)] == [6, 4]


async def test_a_number_out_of_range_is_asked_again(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    await chat.say("12")
    assert await chat.kinds() == ["out-of-range"]
    assert await state(chat, row.id) == "sent"


async def test_words_are_kept_and_the_number_asked_for(chat: Chat, prompted: Prompt) -> None:
    await prompted("mood")
    await chat.say("slept badly, the dog barked all night")
    assert await chat.kinds() == ["words-and-number"]
    async with chat.clinic.database.reading() as tx:
        ((_, kept),) = await stored.words_of(tx, chat.patient.id, since=chat.now - timedelta(hours=1))
    assert kept == "slept badly, the dog barked all night"


async def test_a_late_answer_is_taken_and_marked(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    async with chat.clinic.database.transaction() as tx:
        await checkins.change(tx, row.id, state="expired")
    chat.now = row.expires_at + timedelta(hours=2)
    await chat.press(row.id, "mood/rating", 6)
    async with chat.clinic.database.reading() as tx:
        after = await checkins.get(tx, row.id)
    assert after is not None
    assert (after.state, after.late) == ("answered", True)


async def test_somebody_elses_question_is_refused(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("mood")
    await chat.press("0" * 32, "mood/rating", 7)
    await chat.press(row.id, "mood/rating", 99)
    assert await values(chat) == []


async def test_a_questionnaire_goes_on_item_by_item_in_place(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("week-1")
    for item in range(1, 9):
        await chat.press(row.id, f"phq9/{item}", 1)
        (shown,) = await chat.said()
        assert (shown.params["item"], shown.params["number"], shown.edits) == (str(item + 1), item + 1, 77)
    assert await state(chat, row.id) == "partial"


async def test_item_nine_at_its_highest_is_red_and_the_form_is_left_alone(chat: Chat, prompted: Prompt) -> None:
    row = await prompted("week-1")
    await chat.press(row.id, "phq9/9", 3)
    said = await chat.said()
    assert [message.kind for message in said] == ["page", "crisis", "answered"]
    assert said[-1].params["left"] is not None
    async with chat.clinic.database.reading() as tx:
        alert = await alerts.unclosed_of(tx, patient_id=chat.patient.id)
    assert alert is not None
    assert alert.tier.word == "red"


async def test_a_red_answer_that_came_before_a_benign_one_but_arrives_later_still_pages(
    chat: Chat, prompted: Prompt
) -> None:
    row = await prompted("side-effects")
    await chat.press(row.id, "safety/now", 0)
    await chat.said()
    async with chat.clinic.database.transaction() as tx:
        await checkins.change(tx, row.id, asked="safety/now", asked_at=chat.now)
    await chat.say("yes", at=chat.now - timedelta(minutes=5))
    assert "page" in await chat.kinds()


async def test_what_was_said_last_stands_though_something_said_before_it_arrives_later(
    chat: Chat, prompted: Prompt
) -> None:
    row = await prompted("mood")
    await chat.press(row.id, "mood/rating", 6)
    await chat.said()
    async with chat.clinic.database.transaction() as tx:
        await checkins.change(tx, row.id, asked="mood/rating", asked_at=chat.now)
    await chat.say("7", at=chat.now - timedelta(minutes=5))
    noted = [message.params["noted"] for message in await chat.said() if "noted" in message.params]
    assert noted == [["mood", "rating", 6]]
