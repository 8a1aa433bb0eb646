"""The local Telegram without a network: what people do, what bots hear, what is written down."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from sandbox.client import Client
from sandbox.errors import NotPossible
from sandbox.faults import failing, garbage, reset, silent, slow, too_many_requests
from sandbox.params import Json
from sandbox.state import Upload
from sandbox.telegram import Telegram
from tests.sandbox.conftest import CLINICIAN, PATIENT, TOKEN, Clock


def keyboard(*labels: str) -> str:
    row = [{"text": label, "callback_data": label.lower()} for label in labels]
    return json.dumps({"inline_keyboard": [row]})


def send(sandbox: Telegram, chat_id: int, text: str, **more: object) -> Json:
    answer = sandbox.call(TOKEN, "sendMessage", {"chat_id": chat_id, "text": text, **more})
    assert answer["ok"], answer
    return dict(answer["result"])


def updates(sandbox: Telegram, **params: object) -> list[Json]:
    answer = sandbox.call(TOKEN, "getUpdates", params)
    assert answer["ok"], answer
    return list(answer["result"])


def test_a_link_arrives_as_start_with_its_code(sandbox: Telegram) -> None:
    sandbox.client(PATIENT, TOKEN).start("aB3-x_")
    message = updates(sandbox)[0]["message"]
    assert message["text"] == "/start aB3-x_"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    with pytest.raises(NotPossible, match="cannot stand in a link"):
        sandbox.client(PATIENT, TOKEN).start("no spaces")


def test_offsets_of_commands_count_utf_16_units(phone: Client) -> None:
    assert phone.say("😀 /now please")["entities"] == [{"type": "bot_command", "offset": 3, "length": 4}]
    assert "entities" not in phone.say("either/or and 1/2")


def test_a_long_text_goes_in_parts(phone: Client, sandbox: Telegram) -> None:
    phone.say("x" * 5000)
    assert [len(update["message"]["text"]) for update in updates(sandbox)[1:]] == [4096, 904]


def test_an_edit_of_an_own_message_is_told(phone: Client, sandbox: Telegram, clock: Clock) -> None:
    said = phone.say("fine")
    clock.step(timedelta(minutes=1))
    phone.edit(said["message_id"], "not fine")
    edited = updates(sandbox)[-1]["edited_message"]
    assert edited["text"] == "not fine"
    assert edited["edit_date"] - edited["date"] == 60
    send(sandbox, PATIENT, "Thank you.")
    with pytest.raises(NotPossible, match="own message"):
        phone.edit(phone.messages[-1]["message_id"], "Something else")


@pytest.mark.parametrize("kind", ["voice", "photo", "sticker", "document", "video_note"])
def test_what_is_no_text_arrives_as_what_it_is(phone: Client, sandbox: Telegram, kind: str) -> None:
    phone.send(kind, "look")
    message = updates(sandbox)[-1]["message"]
    assert message[kind]
    assert message["caption"] == "look"


def test_a_caption_can_be_edited_too(phone: Client, sandbox: Telegram) -> None:
    phone.edit(phone.send("photo", "fine")["message_id"], "not fine")
    assert updates(sandbox)[-1]["edited_message"]["caption"] == "not fine"


def test_the_newest_button_of_a_label_is_pressed(phone: Client, sandbox: Telegram) -> None:
    send(sandbox, PATIENT, "One", reply_markup=keyboard("Yes", "No"))
    newest = send(sandbox, PATIENT, "Two", reply_markup=keyboard("Yes", "No"))
    send(sandbox, PATIENT, "Three")
    phone.press("No")
    query = updates(sandbox)[-1]["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("no", newest["message_id"])
    phone.press("Yes", message_id=newest["message_id"] - 1)
    assert updates(sandbox)[-1]["callback_query"]["message"]["text"] == "One"


def test_a_button_that_is_not_there_is_pressed_only_by_force(phone: Client, sandbox: Telegram) -> None:
    send(sandbox, PATIENT, "One", reply_markup=keyboard("Yes"))
    with pytest.raises(NotPossible, match="no button"):
        phone.press("No")
    phone.press(data="ack:forged", forged=True)
    assert updates(sandbox)[-1]["callback_query"]["data"] == "ack:forged"


def test_somebody_else_can_press_the_button_of_a_forwarded_page(phone: Client, sandbox: Telegram) -> None:
    sandbox.add_group(-50, "On call", members=[PATIENT, CLINICIAN], bots=[TOKEN])
    clinician = sandbox.client(CLINICIAN, TOKEN)
    clinician.start()
    page = send(sandbox, CLINICIAN, "A-17", reply_markup=keyboard("Acknowledge"))
    forwarded = clinician.forward(page["message_id"], -50)
    sandbox.client(PATIENT, TOKEN, -50).press("Acknowledge")
    query = updates(sandbox)[-1]["callback_query"]
    assert (query["from"]["id"], query["message"]["chat"]["id"]) == (PATIENT, -50)
    assert query["message"]["message_id"] == forwarded["message_id"]


def test_a_protected_page_cannot_be_forwarded(phone: Client, sandbox: Telegram) -> None:
    sandbox.add_group(-50, "On call", members=[PATIENT], bots=[TOKEN])
    page = send(sandbox, PATIENT, "A-17", protect_content=True)
    with pytest.raises(NotPossible, match="does not let"):
        phone.forward(page["message_id"], -50)


def test_blocking_is_told_once_and_silences_the_phone(phone: Client, sandbox: Telegram) -> None:
    phone.block()
    phone.block()
    changes = [update["my_chat_member"]["new_chat_member"]["status"] for update in updates(sandbox)[1:]]
    assert changes == ["kicked"]
    with pytest.raises(NotPossible, match="blocked"):
        phone.say("hello")
    phone.start()
    assert updates(sandbox)[-2]["my_chat_member"]["new_chat_member"]["status"] == "member"


def test_two_bots_have_their_own_chats_with_one_user(phone: Client, sandbox: Telegram) -> None:
    sandbox.register("101:pages", username="pages_bot")
    refused = sandbox.call("101:pages", "sendMessage", {"chat_id": PATIENT, "text": "Hello"})
    assert refused["error_code"] == 403
    sandbox.client(PATIENT, "101:pages").start()
    sandbox.call("101:pages", "sendMessage", {"chat_id": PATIENT, "text": "Hello"})
    assert len(sandbox.client(PATIENT, "101:pages").messages) == 2
    assert len(phone.messages) == 1


def test_an_update_waits_a_day_and_no_longer(phone: Client, sandbox: Telegram, clock: Clock) -> None:
    clock.step(timedelta(hours=23, minutes=59))
    assert len(updates(sandbox)) == 1
    clock.step(timedelta(minutes=1))
    assert updates(sandbox) == []


def test_ids_that_restart_lower_are_given_in_spite_of_a_high_offset(phone: Client, sandbox: Telegram) -> None:
    last = updates(sandbox)[-1]["update_id"]
    updates(sandbox, offset=last + 1)
    sandbox.bots[TOKEN].updates.restart_at(5000)
    phone.say("hello")
    assert [update["update_id"] for update in updates(sandbox, offset=last + 1)] == [5000]
    assert updates(sandbox, offset=5001) == []


def test_updates_can_come_twice_and_the_wrong_way_round(phone: Client, sandbox: Telegram) -> None:
    first = updates(sandbox)[0]["update_id"]
    updates(sandbox, offset=first + 1)
    phone.say("two")
    sandbox.bots[TOKEN].updates.repeat(2)
    sandbox.bots[TOKEN].updates.reverse()
    given = [update["update_id"] for update in updates(sandbox, offset=first + 1)]
    assert given == [first + 1, first, first + 1]
    assert updates(sandbox, offset=first + 2) == []


def test_an_update_of_any_shape_can_be_put_in_the_queue(sandbox: Telegram) -> None:
    sandbox.inject(TOKEN, {"message": {"date": "yesterday"}})
    sandbox.inject(TOKEN, {"update_id": None, "poll": 1})
    assert [update["update_id"] for update in updates(sandbox)][1:] == [None]


def test_a_refusal_strikes_as_often_as_it_was_asked_to(phone: Client, sandbox: Telegram) -> None:
    sandbox.faults.add(too_many_requests(7).on("sendMessage", chat_id=PATIENT, times=2))
    params = {"chat_id": str(PATIENT), "text": "Hello"}
    refused = sandbox.call(TOKEN, "sendMessage", params)
    assert (refused["error_code"], refused["parameters"]) == (429, {"retry_after": 7})
    assert sandbox.call(TOKEN, "getMe", {})["ok"]
    assert not sandbox.call(TOKEN, "sendMessage", params)["ok"]
    assert sandbox.call(TOKEN, "sendMessage", params)["ok"]


def test_a_fault_stays_until_it_is_cleared(sandbox: Telegram) -> None:
    sandbox.faults.add(failing(401))
    assert sandbox.call(TOKEN, "getMe", {})["description"] == "Unauthorized"
    assert sandbox.call(TOKEN, "getMe", {})["error_code"] == 401
    sandbox.faults.clear()
    assert sandbox.call(TOKEN, "getMe", {})["ok"]


def test_in_process_a_broken_connection_is_an_exception(phone: Client, sandbox: Telegram) -> None:
    params = {"chat_id": PATIENT, "text": "Hello"}
    for fault, error, arrives in (
        (reset(delivered=True), ConnectionResetError, 1),
        (reset(delivered=False), ConnectionResetError, 0),
        (silent(), TimeoutError, 0),
        (silent(delivered=True), TimeoutError, 1),
        (garbage(), ValueError, 1),
    ):
        before = len(phone.messages)
        sandbox.faults.add(fault.on("sendMessage", times=1))
        with pytest.raises(error):
            sandbox.call(TOKEN, "sendMessage", params)
        assert len(phone.messages) - before == arrives
    sandbox.faults.add(slow(60))
    assert sandbox.call(TOKEN, "sendMessage", params)["ok"]


def test_all_that_a_bot_sent_is_written_down_as_it_was(phone: Client, sandbox: Telegram, clock: Clock) -> None:
    message = send(sandbox, PATIENT, "How are you?", reply_markup=keyboard("Good", "Bad"), disable_notification=True)
    clock.step(timedelta(seconds=5))
    changed = {"chat_id": PATIENT, "message_id": message["message_id"], "text": "Thank you."}
    sandbox.call(TOKEN, "editMessageText", changed)
    asked, thanked = sandbox.sent(TOKEN, PATIENT)
    assert (asked.text, asked.labels, asked.silent) == ("How are you?", ("Good", "Bad"), True)
    assert (thanked.method, thanked.text, thanked.labels) == ("editMessageText", "Thank you.", ())
    assert thanked.at - asked.at == timedelta(seconds=5)
    assert sandbox.sent(TOKEN) == [asked, thanked]
    assert sandbox.sent("101:none") == []


def test_memory_is_bounded_on_request(clock: Clock) -> None:
    sandbox = Telegram(clock.now, keep=3)
    sandbox.register(TOKEN)
    sandbox.add_user(PATIENT, name="Patient One")
    phone = sandbox.client(PATIENT, TOKEN)
    phone.start()
    for number in range(10):
        send(sandbox, PATIENT, f"{number}")
    assert [message["text"] for message in phone.messages] == ["7", "8", "9"]
    assert [sent.text for sent in sandbox.sent(TOKEN)] == ["7", "8", "9"]
    assert phone.messages[-1]["message_id"] == 11


def test_a_file_that_is_unknown_is_refused(phone: Client, sandbox: Telegram) -> None:
    photo = {"chat_id": PATIENT, "photo": "photo-99"}
    assert "wrong file identifier" in sandbox.call(TOKEN, "sendPhoto", photo)["description"]
    attached = {"chat_id": PATIENT, "photo": "attach://p", "p": Upload(name="p.jpg", content=b"\xff\xd8\xff")}
    assert sandbox.call(TOKEN, "sendPhoto", attached)["ok"]


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("{", "can't parse reply markup"),
        ({"inline_keyboard": [{"text": "A"}]}, "must be an Array of Arrays"),
        ({"inline_keyboard": [[{"text": "", "callback_data": "a"}]]}, "must be of type String and not empty"),
        ({"inline_keyboard": [[{"text": "A"}]]}, "Text buttons are unallowed"),
        ({"inline_keyboard": [[{"text": "A", "callback_data": ""}]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "A", "callback_data": "a", "style": "loud"}]]}, "invalid style"),
    ],
)
def test_a_keyboard_that_telegram_would_refuse_is_refused(
    phone: Client, sandbox: Telegram, markup: object, said: str
) -> None:
    answer = sandbox.call(TOKEN, "sendMessage", {"chat_id": PATIENT, "text": "Hello", "reply_markup": markup})
    assert said in answer["description"]
