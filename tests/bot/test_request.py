"""The transport: what python-telegram-bot sees of Telegram's answers, of late ones, broken ones and none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot import chart
from bot.request import AiohttpRequest, Dropped
from sandbox import faults
from sandbox.server import Server
from tests.bot.conftest import TOKEN, Clock

PERSON = 7


@pytest.fixture
async def bot(server: Server) -> AsyncIterator[Bot]:
    server._telegram.add_user(PERSON, name="Patient One")
    server._telegram.client(PERSON, TOKEN).start()
    request = AiohttpRequest(read_timeout=0.3, connect_timeout=0.3)
    yield Bot(TOKEN, base_url=f"{server.url}/bot", request=request)
    await request.shutdown()


async def test_a_message_goes_out_and_its_id_comes_back(bot: Bot, server: Server) -> None:
    sent = await bot.send_message(PERSON, "¿Cómo estás? 🙂\n& so = on")
    assert server._telegram.sent(TOKEN, PERSON)[0].text == "¿Cómo estás? 🙂\n& so = on"
    assert sent.message_id == server._telegram.sent(TOKEN, PERSON)[0].message["message_id"]


async def test_a_picture_goes_out_with_its_caption(bot: Bot, server: Server) -> None:
    figures = {"points": [["2026-05-04", 3], ["2026-05-05", 6]], "infusions": ["2026-05-04"], "axis": "mood"}
    await bot.send_photo(PERSON, chart.draw(figures), caption="a chart", read_timeout=5)
    sent = server._telegram.sent(TOKEN, PERSON)[0]
    assert (sent.method, sent.text) == ("sendPhoto", "a chart")


async def test_no_answer_in_time_is_a_timeout(bot: Bot, server: Server) -> None:
    server._telegram.faults.add(faults.silent(delivered=True).on("sendMessage", times=1))
    with pytest.raises(TimedOut):
        await bot.send_message(PERSON, "are you there")


async def test_a_call_may_wait_longer_than_the_others(bot: Bot, server: Server) -> None:
    server._telegram.faults.add(faults.slow(0.5).on("sendMessage", times=1))
    assert await bot.send_message(PERSON, "no hurry", read_timeout=5)


@pytest.mark.parametrize("delivered", [True, False])
async def test_a_broken_connection_says_that_the_message_may_be_there(
    bot: Bot, server: Server, delivered: bool
) -> None:
    server._telegram.faults.add(faults.reset(delivered=delivered).on("sendMessage", times=1))
    with pytest.raises(Dropped):
        await bot.send_message(PERSON, "cut off")


async def test_nobody_listening_says_that_the_message_is_not_there(unused_tcp_port: int) -> None:
    request = AiohttpRequest(connect_timeout=0.3)
    bot = Bot(TOKEN, base_url=f"http://127.0.0.1:{unused_tcp_port}/bot", request=request)
    with pytest.raises(NetworkError, match="not sent") as caught:
        await bot.send_message(PERSON, "hello")
    assert not isinstance(caught.value, TimedOut | Dropped)
    await request.shutdown()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.failing(401), InvalidToken),
        (faults.failing(400, "Bad Request: chat not found"), BadRequest),
        (faults.failing(502), NetworkError),
        (faults.too_many_requests(35), RetryAfter),
        (faults.garbage(), TelegramError),
    ],
)
async def test_refusals_keep_the_meaning_that_the_library_gives_them(
    bot: Bot, server: Server, fault: faults.Fault, error: type[TelegramError]
) -> None:
    server._telegram.faults.add(fault.on("sendMessage", times=1))
    with pytest.raises(error):
        await bot.send_message(PERSON, "hello")


async def test_neither_the_token_nor_the_answer_is_in_an_error_or_a_log(
    bot: Bot, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("telegram.Bot").setLevel(logging.INFO)  # as the engine sets it: at DEBUG it logs whole messages
    said = []
    for fault in (faults.garbage(), faults.reset(delivered=True), faults.silent(), faults.failing(500, "<html>")):
        server._telegram.faults.add(fault.on("sendMessage", times=1))
        with pytest.raises(TelegramError) as caught:
            await bot.send_message(PERSON, "I am so tired of all this")
        said.append(repr(caught.value) + repr(caught.value.__cause__))
    for words in ("\n".join(said), caplog.text):
        assert TOKEN not in words
        assert "not what you expected" not in words
        assert "tired" not in words


async def test_many_messages_at_once_keep_within_the_limit_of_connections(server: Server) -> None:
    server._telegram.add_user(PERSON, name="Patient One")
    server._telegram.client(PERSON, TOKEN).start()
    request = AiohttpRequest(connections=4)
    bot = Bot(TOKEN, base_url=f"{server.url}/bot", request=request)
    await asyncio.gather(*(bot.send_message(PERSON, str(number)) for number in range(100)))
    assert sorted(int(sent.text) for sent in server._telegram.sent(TOKEN, PERSON)) == list(range(100))
    assert request._session is not None
    assert len(request._session.connector._conns) <= 1  # type: ignore[union-attr]
    await request.shutdown()


def test_the_clock_fixture_stands_still(clock: Clock) -> None:
    assert clock.now() == clock.now()
