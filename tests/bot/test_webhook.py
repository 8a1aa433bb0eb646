"""The webhook: nothing is answered with 200 that was not stored, and nobody sends updates but Telegram."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.receive import ALLOWED
from bot.webhook import SECRET_HEADER, Webhook
from store import schema
from tests.bot.conftest import TOKEN, Border
from tests.bot.stories import a_clinician, a_patient, rows, without_table
from tests.bot.updates import HELP, message

SECRET = "a long enough secret"


@pytest.fixture
async def address(border: Border) -> AsyncIterator[str]:
    webhook = Webhook(border.clinic, "main", SECRET, border.clock.now, emergency=border.emergency)
    runner = web.AppRunner(webhook.app("/telegram"), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    await runner.cleanup()


async def post(address: str, body: str, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with aiohttp.ClientSession() as session, session.post(address, data=body, headers=headers) as response:
        return response.status


async def test_an_update_is_stored_before_it_is_answered_and_a_second_copy_has_no_effect(
    border: Border, address: str
) -> None:
    update = message(1, 7, "hello").raw
    assert await post(address, update) == 200
    assert await post(address, update) == 200
    assert len(await rows(border.clinic.database, schema.inbox)) == 1


@pytest.mark.parametrize("secret", [None, "", "another secret, long"])
async def test_who_does_not_know_the_secret_stores_nothing(border: Border, address: str, secret: str | None) -> None:
    assert await post(address, message(1, 7, "hello").raw, secret) == 403
    assert await rows(border.clinic.database, schema.inbox) == []


async def test_a_secret_of_odd_bytes_is_only_a_wrong_one(
    border: Border, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.split(":")[2].split("/")[0]))
    writer.write(b"POST /telegram HTTP/1.0\r\nContent-Length: 2\r\n%s: \xff\xfe\r\n\r\n{}" % SECRET_HEADER.encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert b" 403 " in answer.split(b"\r\n")[0]
    assert caplog.records == []


async def test_what_the_database_will_not_take_is_paged_about_and_asked_for_again(border: Border, address: str) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    update = message(1, patient.user_id or 0, HELP).raw
    async with without_table(border.clinic.database, "inbox"):
        assert await post(address, update) == 503
        assert await post(address, update) == 503
    assert len(border.shown(clinician.user_id)) == 1
    assert await post(address, update) == 200


@pytest.mark.parametrize("body", ["not json", "[]", "null", json.dumps({"update_id": "x"})])
async def test_what_is_no_update_is_stored_and_laid_aside(border: Border, address: str, body: str) -> None:
    assert await post(address, body) == 200
    await border.pump().handle_due()
    (row,) = await rows(border.clinic.database, schema.inbox)
    assert row.state in ("dead", "done")


async def test_a_body_that_is_too_large_is_refused(border: Border, address: str) -> None:
    async with aiohttp.ClientSession() as session:
        body, headers = io.BytesIO(b"x" * 2_000_000), {SECRET_HEADER: SECRET}
        async with session.post(address, data=body, headers=headers) as response:
            assert response.status == 413


async def test_telegram_is_told_where_to_send_updates(border: Border) -> None:
    webhook = Webhook(border.clinic, "main", "a-long-enough-secret", border.clock.now, emergency=border.emergency)
    await webhook.register(border.bots.main, "https://clinic.example/telegram")
    kept = border.telegram.bots[TOKEN].webhook
    assert kept["url"] == "https://clinic.example/telegram"
    assert border.telegram.bots[TOKEN].updates._allowed == set(ALLOWED)


def test_without_a_secret_it_does_not_start(border: Border) -> None:
    with pytest.raises(ValueError, match="secret"):
        Webhook(border.clinic, "main", "", border.clock.now, emergency=border.emergency)
