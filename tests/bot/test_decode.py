"""Reading raw updates: what kind, whose, and every text in them that somebody may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot

from bot.decode import Unreadable, chat_of, decode, salvage, texts_of
from bot.receive import as_received

BOT = Bot("100:fortnight")
USER = {"id": 7, "is_bot": False, "first_name": "Somebody", "language_code": "es"}
CHAT = {"id": 7, "type": "private", "first_name": "Somebody"}
GROUP = {"id": -100, "type": "supergroup", "title": "I want to die"}


def raw(kind: str = "message", **content: Any) -> str:
    about = {"message_id": 5, "from": USER, "chat": CHAT, "date": 1_777_888_000}
    return json.dumps({"update_id": 1, kind: {**about, **content}})


def test_a_message_is_read_with_who_wrote_it_and_when() -> None:
    read = decode(raw(text="hello"), BOT)
    assert (read.kind, read.user_id, read.chat_id, read.private) == ("message", 7, 7, True)
    assert (read.text, read.texts, read.language, read.message_id) == ("hello", ("hello",), "es", 5)
    assert read.at is not None
    assert read.at.timestamp() == 1_777_888_000


def test_an_edit_is_as_old_as_the_edit() -> None:
    read = decode(raw("edited_message", text="I want to die", edit_date=1_777_888_100), BOT)
    assert read.kind == "edit"
    assert read.at is not None
    assert read.at.timestamp() == 1_777_888_100


def test_a_caption_is_the_text_of_a_picture() -> None:
    read = decode(raw(photo=[{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}], caption="look"), BOT)
    assert (read.media, read.text, read.texts) == ("photo", "look", ("look",))


@pytest.mark.parametrize(
    ("content", "media"),
    [
        ({"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}}, "voice"),
        ({"location": {"latitude": 1.0, "longitude": 2.0}}, "location"),
        ({"text": "hello"}, None),
    ],
)
def test_what_cannot_be_read_is_named(content: dict[str, Any], media: str | None) -> None:
    assert decode(raw(**content), BOT).media == media


def test_a_press_carries_no_text_of_the_message_that_its_button_stands_under() -> None:
    message = {"message_id": 5, "from": USER, "chat": CHAT, "date": 1, "text": "thoughts of ending your life?"}
    query = {"id": "9", "from": USER, "message": message, "chat_instance": "1", "data": "a:b:c:d"}
    read = decode(json.dumps({"update_id": 1, "callback_query": query}), BOT)
    assert (read.kind, read.data, read.press_id, read.message_id, read.texts) == ("press", "a:b:c:d", "9", 5, ())


def test_a_block_says_nothing_that_was_written() -> None:
    member = {"user": {"id": 100, "is_bot": True, "first_name": "bot"}, "status": "member"}
    change = {"chat": CHAT, "from": USER, "date": 1, "old_chat_member": member}
    change["new_chat_member"] = {**member, "status": "kicked", "until_date": 0}
    read = decode(json.dumps({"update_id": 1, "my_chat_member": change}), BOT)
    assert (read.kind, read.texts) == ("blocked", ())


def test_names_titles_of_others_and_quoted_messages_are_not_what_the_person_said() -> None:
    quoted = {"message_id": 4, "from": USER, "chat": CHAT, "date": 1, "text": "I want to die"}
    assert texts_of(json.loads(raw(text="no", chat=GROUP, reply_to_message=quoted))) == ("no",)


def test_a_poll_a_contact_and_an_emoji_may_say_something_too() -> None:
    poll = {"id": "1", "question": "should I go on living?", "options": [{"text": "no", "voter_count": 0}]}
    assert texts_of(json.loads(raw(poll=poll))) == ("should I go on living?", "no")


def test_an_update_of_an_unknown_shape_still_gives_whose_it_was_and_what_it_says() -> None:
    update = json.dumps({"update_id": 1, "message": {"message_id": "new!", "from": USER, "chat": CHAT, "text": "help"}})
    with pytest.raises(Unreadable):
        decode(update, BOT)
    read = salvage(update)
    assert (read.user_id, read.chat_id, read.private, read.texts) == (7, 7, True, ("help",))


def test_a_kind_of_update_that_is_new_to_us_is_read_for_its_texts() -> None:
    read = decode(json.dumps({"update_id": 1, "story_reply": {"from": USER, "text": "I want to die"}}), BOT)
    assert (read.kind, read.texts) == ("other", ("I want to die",))


def test_a_press_in_a_group_keeps_the_order_of_its_persons_own_chat() -> None:
    message = {"message_id": 5, "chat": GROUP, "date": 1}
    assert chat_of({"callback_query": {"from": USER, "message": message}}) == 7


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(JSON)
def test_anything_at_all_can_be_stored_and_read_or_laid_aside(update: Any) -> None:
    received = as_received(update, "main")
    assert received.hash
    try:
        decode(received.raw, BOT)
    except Unreadable:
        salvage(received.raw)
