"""What patients wrote, as one list: each text with what was found in it, and what came of the question after it."""

from __future__ import annotations

from datetime import timedelta

from rules.digest import Entry
from rules.tier import Tier
from services import second_reading, written
from store import checkins
from tests.services.chat import Chat

HOUR = timedelta(hours=1)


async def listed(chat: Chat) -> list[Entry]:
    """What is unread, looked up as at the desk."""
    async with chat.clinic.database.transaction() as tx:
        return await written.looked_up(tx, None, "cli", chat.now)


def rules(entry: Entry) -> list[str]:
    return [str(each["rule"]) for each in entry.reasons]


async def noted(chat: Chat) -> None:
    """The patient writes something that is a note, and is asked gently."""
    await chat.say("plum jam today")
    (text,) = await second_reading.due(chat.clinic, chat.now, 1)
    await second_reading.take(chat.clinic, text, Tier.NOTE, chat.now)


async def test_a_note_says_whether_the_question_after_it_was_answered(chat: Chat) -> None:
    await noted(chat)
    (entry,) = await listed(chat)
    assert (entry.words, entry.tier) == ("plum jam today", Tier.NOTE)
    assert rules(entry) == ["asked-unanswered", "second-reader"]
    async with chat.clinic.database.reading() as tx:
        asked = await checkins.last_outside(tx, chat.patient.id, "safety")
    assert asked is not None
    await chat.press(asked.id, str(asked.asked), 0)
    (entry,) = await listed(chat)
    assert rules(entry) == ["asked-answered", "second-reader"]


async def test_a_note_stays_above_what_raised_nothing_however_late_it_comes(chat: Chat) -> None:
    await chat.say("marmalade today")
    (text,) = await second_reading.due(chat.clinic, chat.now, 1)
    await second_reading.take(chat.clinic, text, Tier.NONE, chat.now)
    chat.now += HOUR
    await noted(chat)
    assert [entry.words for entry in await listed(chat)] == ["plum jam today", "marmalade today"]


async def test_what_another_update_brought_is_not_laid_at_the_door_of_a_text(chat: Chat) -> None:
    await chat.say("marmalade today")
    await chat.say("", media="photo")
    tiers = {entry.words: entry.tier for entry in await listed(chat)}
    assert tiers["marmalade today"] is Tier.NONE
