"""The second channel: enough that one service takes it, and nothing that hangs or fails takes its caller down."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.alarms import Alarms
from bot.bots import Bots
from bot.second_channel import NoSecondChannel, SecondChannel, SecondChannelFailed, words
from rules.finding import Finding
from rules.tier import Tier
from sandbox.faults import failing
from sandbox.server import Server
from services import safety
from services.clinic import Clinic
from tests.bot.conftest import Border, Clock, Mailbox, wired
from tests.bot.smtp import mail_server
from tests.builders import add_member, add_patient

SOON = timedelta(seconds=5)


async def test_a_text_arrives(mailbox: Mailbox) -> None:
    await SecondChannel([mailbox.url], SOON).send("somebody must look")
    assert mailbox.texts == ["somebody must look"]


async def test_one_service_is_enough(mailbox: Mailbox, unused_tcp_port: int) -> None:
    await SecondChannel([f"json://127.0.0.1:{unused_tcp_port}/", mailbox.url], SOON).send("look")
    assert mailbox.texts == ["look"]


async def test_a_mail_arrives_beside_a_push(mailbox: Mailbox) -> None:
    async with mail_server() as mails:
        await SecondChannel([mailbox.url, mails.url], SOON).send("somebody must look")
        assert mailbox.texts == ["somebody must look"]
        assert [text.strip() for text in mails.texts] == ["somebody must look"]
        assert mails.mails[0]["To"] == "oncall@example.org"


async def test_a_mail_server_that_refuses_leaves_it_to_the_others(mailbox: Mailbox) -> None:
    async with mail_server() as mails:
        mails.refuses = True
        await SecondChannel([mails.url, mailbox.url], SOON).send("look")
        assert mailbox.texts == ["look"]
        mailbox.status = 500
        with pytest.raises(SecondChannelFailed):
            await SecondChannel([mails.url, mailbox.url], SOON).send("look")


async def test_a_page_goes_by_mail_and_push_while_telegram_takes_nothing_and_names_nobody(
    clinic: Clinic, server: Server, bots: Bots, mailbox: Mailbox, clock: Clock, tmp_path: Path
) -> None:
    clinic = replace(clinic, second_channel=True)
    async with mail_server() as mails:
        border = wired(clinic, server, bots, SecondChannel([mailbox.url, mails.url], SOON), clock, tmp_path)
        border.telegram.faults.add(failing(502).on("sendMessage"))
        async with clinic.database.transaction() as tx:
            await add_member(clinic, tx, clock.now(), on_call="primary")
            patient = await add_patient(clinic, tx, clock.now())
            await safety.act(clinic, tx, patient, [Finding(rule="free-text", tier=Tier.RED)], now=clock.now())
        await border.sender().send_due()
        for (text,) in (mailbox.texts, mails.texts):
            assert "alert A-1 (red)" in text
            assert patient.alias not in text
    border.second.close()


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
