"""The second channel: enough that one service takes it, and nothing that hangs or fails takes its caller down."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.alarms import Alarms
from bot.second_channel import NoSecondChannel, SecondChannel, SecondChannelFailed, words
from tests.bot.conftest import Border, Mailbox

SOON = timedelta(seconds=5)


async def test_a_text_arrives(mailbox: Mailbox) -> None:
    await SecondChannel([mailbox.url], SOON).send("somebody must look")
    assert mailbox.texts == ["somebody must look"]


async def test_one_service_is_enough(mailbox: Mailbox, unused_tcp_port: int) -> None:
    await SecondChannel([f"json://127.0.0.1:{unused_tcp_port}/", mailbox.url], SOON).send("look")
    assert mailbox.texts == ["look"]


async def test_none_that_takes_it_is_a_failure(mailbox: Mailbox) -> None:
    mailbox.status = 500
    with pytest.raises(SecondChannelFailed):
        await SecondChannel([mailbox.url], SOON).send("look")


async def test_none_configured_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(NoSecondChannel):
        await SecondChannel([], SOON).send("look")
    await SecondChannel([], SOON).alarm("channel-down", clinic="Example Clinic")
    assert [record.__dict__["action"] for record in caplog.records] == ["no-second-channel"]


async def test_a_failing_alarm_takes_nobody_down(mailbox: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="apprise")
    mailbox.status = 500
    await SecondChannel([mailbox.url], SOON).alarm("channel-down", clinic="Example Clinic")


@pytest.mark.parametrize("what", ["token-refused", "second-poller", "channel-down", "database-away", "dead-letter"])
def test_every_alarm_has_its_sentence(what: str) -> None:
    assert words(what, clinic="Example Clinic").startswith("Example Clinic: ")


async def test_an_alarm_is_raised_once_in_a_while(border: Border, mailbox: Mailbox) -> None:
    alarms = Alarms(border.clinic, border.second, border.clock.now)
    await alarms.raise_alarm("dead-letter")
    await alarms.raise_alarm("dead-letter")
    await alarms.raise_alarm("database-away")
    await alarms.told()
    assert len(mailbox.texts) == 2
    border.clock.advance(minutes=10)
    await alarms.raise_alarm("dead-letter")
    await alarms.told()
    assert len(mailbox.texts) == 3


async def test_a_commit_that_is_an_alarm_raises_it(border: Border, mailbox: Mailbox) -> None:
    alarms = Alarms(border.clinic, border.second, border.clock.now)
    async with border.clinic.database.transaction() as tx:
        tx.wake("nobody-reachable")
    await alarms.told()
    assert len(mailbox.texts) == 1
