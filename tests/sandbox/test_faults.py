"""What goes wrong on the way, as python-telegram-bot meets it over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from telegram import Bot
from telegram.error import Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from sandbox.client import Client
from sandbox.faults import Fault, failing, garbage, reset, silent, slow, too_many_requests
from sandbox.telegram import Telegram
from tests.sandbox.conftest import PATIENT


@pytest.mark.parametrize(
    ("fault", "error", "arrives"),
    [
        (too_many_requests(5), RetryAfter, False),
        (failing(401), InvalidToken, False),
        (failing(403), Forbidden, False),
        (failing(409), Conflict, False),
        (failing(500), NetworkError, False),
        (failing(502), NetworkError, False),
        (failing(504), NetworkError, False),
        (reset(delivered=False), NetworkError, False),
        (reset(delivered=True), NetworkError, True),
        (silent(), TimedOut, False),
        (silent(delivered=True), TimedOut, True),
        (slow(5), TimedOut, True),
        (garbage(), TelegramError, True),
    ],
)
async def test_a_fault_is_met_as_it_would_be_in_earnest(
    bot: Bot, phone: Client, sandbox: Telegram, fault: Fault, error: type[Exception], arrives: bool
) -> None:
    sandbox.faults.add(fault.on("sendMessage", times=1))
    with pytest.raises(error):
        await bot.send_message(PATIENT, "Hello", read_timeout=0.3)
    assert [message["text"] for message in phone.messages[1:]] == (["Hello"] if arrives else [])
    await bot.send_message(PATIENT, "Hello again")
    assert phone.messages[-1]["text"] == "Hello again"


async def test_a_429_tells_how_long_to_wait(bot: Bot, phone: Client, sandbox: Telegram) -> None:
    sandbox.faults.add(too_many_requests(35))
    with pytest.raises(RetryAfter) as held:
        await bot.send_message(PATIENT, "Hello")
    assert held.value.retry_after == timedelta(seconds=35)


async def test_a_slow_answer_arrives_all_the_same(bot: Bot, phone: Client, sandbox: Telegram) -> None:
    sandbox.faults.add(slow(0.2).on("sendMessage"))
    assert (await bot.send_message(PATIENT, "Hello", read_timeout=2)).text == "Hello"


async def test_getupdates_can_hang_and_loses_nothing(bot: Bot, phone: Client, sandbox: Telegram) -> None:
    sandbox.faults.add(silent().on("getUpdates", times=1))
    with pytest.raises(TimedOut):
        await bot.get_updates(read_timeout=0.3)
    assert len(await bot.get_updates()) == 1


async def test_a_fault_of_one_bot_does_not_concern_another(bot: Bot, phone: Client, sandbox: Telegram) -> None:
    sandbox.faults.add(failing(500).on(token="101:other"))
    await bot.send_message(PATIENT, "Hello")
