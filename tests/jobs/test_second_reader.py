"""The second reader: may raise a text that raised nothing, and whatever it does or does not, nothing else changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from jobs.second_reader import SecondReader, address
from services.clinic import Clinic
from store import alerts, findings
from store.alerts import Alert
from tests.builders import add_member, add_patient
from tests.services.chat import Chat

MINUTE = timedelta(minutes=1)
PLAIN = "the marmalade was good today"


@dataclass
class StandIn:
    """A server that says what it is told to, and keeps what it was asked."""

    url: str = ""
    says: str = "none"
    status: int = 200
    delay: float = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    def reader(self, **changes: Any) -> SecondReader:
        """The reader that asks it."""
        return SecondReader(
            **{"url": self.url, "model": "small", "key": "hush", "timeout": timedelta(seconds=5), **changes}
        )


@pytest.fixture
async def chat(clinic: Clinic, now: datetime) -> Chat:
    """A patient, with a clinician on call."""
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        patient = await add_patient(clinic, tx, now)
    return Chat(clinic, patient, now)


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    made = StandIn()

    async def complete(request: web.Request) -> web.Response:
        made.bodies.append(await request.json())
        made.keys.append(request.headers.get("Authorization"))
        await asyncio.sleep(made.delay)
        return web.json_response({"choices": [{"message": {"content": made.says}}]}, status=made.status)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def standing(clinic: Clinic) -> list[Alert]:
    async with clinic.database.reading() as tx:
        return await alerts.every(tx)


async def has_read(chat: Chat) -> bool:
    async with chat.clinic.database.reading() as tx:
        return await findings.has(tx, chat.patient.id, "second-reader", chat.now - MINUTE)


async def test_a_text_that_it_calls_amber_opens_an_alert_and_the_patient_is_asked(
    chat: Chat, stand_in: StandIn
) -> None:
    stand_in.says = "Amber."
    await chat.say(PLAIN)
    assert await standing(chat.clinic) == []
    await chat.said()
    await stand_in.reader().read_again(chat.clinic, chat.now)
    (alert,) = await standing(chat.clinic)
    assert (alert.tier.word, alert.patient_id) == ("amber", chat.patient.id)
    assert sorted(await chat.kinds()) == ["page", "safety-question"]


async def test_it_is_asked_for_one_word_about_the_text_alone_with_the_key(chat: Chat, stand_in: StandIn) -> None:
    await chat.say(PLAIN)
    await stand_in.reader().read_again(chat.clinic, chat.now)
    (body,) = stand_in.bodies
    assert body["model"] == "small"
    assert [each["role"] for each in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"] == PLAIN
    assert chat.patient.alias not in str(body)
    assert stand_in.keys == ["Bearer hush"]


async def test_it_never_pages_red(chat: Chat, stand_in: StandIn) -> None:
    stand_in.says = "red"
    await chat.say(PLAIN)
    await stand_in.reader().read_again(chat.clinic, chat.now)
    (alert,) = await standing(chat.clinic)
    assert alert.tier.word == "amber"
    assert "crisis" not in await chat.kinds()


async def test_a_note_asks_the_patient_and_alarms_nobody(chat: Chat, stand_in: StandIn) -> None:
    stand_in.says = "note"
    await chat.say(PLAIN)
    await chat.said()
    await stand_in.reader().read_again(chat.clinic, chat.now)
    assert await standing(chat.clinic) == []
    assert await chat.kinds() == ["safety-question"]


@pytest.mark.parametrize("says", ["none", "no idea", "", "amber or red"])
async def test_none_and_what_is_no_tier_raise_nothing_and_are_not_asked_again(
    chat: Chat, stand_in: StandIn, says: str
) -> None:
    stand_in.says = says
    await chat.say(PLAIN)
    reader = stand_in.reader()
    for _ in range(2):
        await reader.read_again(chat.clinic, chat.now)
    assert len(stand_in.bodies) == 1
    assert not await has_read(chat)


async def test_a_text_that_reached_a_clinician_does_not_leave(chat: Chat, stand_in: StandIn) -> None:
    await chat.say("I want to kill myself")
    await stand_in.reader().read_again(chat.clinic, chat.now)
    assert stand_in.bodies == []


async def test_while_the_server_fails_it_is_left_alone_for_a_minute_and_then_asked_again(
    chat: Chat, stand_in: StandIn
) -> None:
    stand_in.status = 503
    await chat.say(PLAIN)
    reader = stand_in.reader()
    await reader.read_again(chat.clinic, chat.now)
    await reader.read_again(chat.clinic, chat.now + MINUTE / 2)
    assert len(stand_in.bodies) == 1
    stand_in.status, stand_in.says = 200, "amber"
    await reader.read_again(chat.clinic, chat.now + MINUTE)
    assert len(await standing(chat.clinic)) == 1


async def test_a_text_that_the_server_refuses_holds_up_no_other(chat: Chat, stand_in: StandIn) -> None:
    stand_in.status = 400
    await chat.say(PLAIN)
    await chat.say("and the honey too")
    await stand_in.reader().read_again(chat.clinic, chat.now)
    assert len(stand_in.bodies) == 2


async def test_a_server_that_does_not_answer_in_time_changes_nothing(chat: Chat, stand_in: StandIn) -> None:
    stand_in.delay = 0.5
    await chat.say(PLAIN)
    await stand_in.reader(timeout=timedelta(seconds=0.05)).read_again(chat.clinic, chat.now)
    assert not await has_read(chat)


async def test_a_server_that_is_not_there_changes_nothing(chat: Chat) -> None:
    await chat.say(PLAIN)
    await StandIn(url="http://127.0.0.1:9").reader().read_again(chat.clinic, chat.now)
    assert not await has_read(chat)


async def test_what_was_written_long_ago_is_left_to_the_digest(chat: Chat, stand_in: StandIn) -> None:
    await chat.say(PLAIN)
    await stand_in.reader().read_again(chat.clinic, chat.now + timedelta(hours=2))
    assert stand_in.bodies == []


@pytest.mark.parametrize("url", ["http://m:1", "http://m:1/", "http://m:1/v1", "http://m:1/v1/chat/completions"])
def test_the_address_may_be_given_with_or_without_its_path(url: str) -> None:
    assert address(url) == "http://m:1/v1/chat/completions"
