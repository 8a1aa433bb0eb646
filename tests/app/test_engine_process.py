"""`fortnight run`: it starts, works, starts degraded, refuses, and ends without losing anything."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from app.clock import SystemClock
from sandbox.server import Server
from sandbox.telegram import Telegram
from sandbox.waiting import next_message
from store.keys import new_master_key
from tests.app.conftest import CommandLine
from tests.app.engines import running

pytestmark = pytest.mark.process
TOKEN = "123456:a-token-that-nobody-has"
CLINICIAN = 201
PATIENCE = 60.0


@pytest.fixture
async def telegram(fortnight: CommandLine) -> AsyncIterator[Telegram]:
    """A local Telegram that the clinic's configuration leads to."""
    telegram = Telegram(SystemClock().now)
    telegram.register(TOKEN, username="example_bot")
    telegram.add_user(CLINICIAN, name="Clinician One")
    async with Server(telegram) as server:
        _configure(fortnight.folder, base_url=f"{server.url}/bot")
        yield telegram


def _configure(folder: Path, *, base_url: str) -> None:
    config = folder / "config.toml"
    config.write_text(config.read_text().replace("http://127.0.0.1:9/bot", base_url))


async def _link(fortnight: CommandLine) -> str:
    added = await asyncio.to_thread(fortnight.of, "staff", "add", "--name", "Clinician One", "--role", "clinician")
    return str(added["code"])


async def _received(telegram: Telegram) -> None:
    """Wait until every update was taken and confirmed."""
    async with asyncio.timeout(PATIENCE):
        while len(telegram.bot(TOKEN).updates):
            await asyncio.sleep(0.05)


async def _answers(telegram: Telegram) -> bool:
    """Whether the bot writes to the clinician."""
    return bool(await next_message(telegram, TOKEN, CLINICIAN, timeout=PATIENCE))


async def test_it_answers_whoever_opens_a_link_and_ends_when_told(fortnight: CommandLine, telegram: Telegram) -> None:
    code = await _link(fortnight)
    async with running(fortnight.folder) as engine:
        telegram.client(CLINICIAN, TOKEN).start(code)
        assert await _answers(telegram)
        began = time.monotonic()
        assert await engine.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 10
        assert engine.lines[-1]["action"] == "ended"


async def test_bot_and_worker_do_together_what_one_process_does(fortnight: CommandLine, telegram: Telegram) -> None:
    code = await _link(fortnight)
    async with running(fortnight.folder, "--role", "bot") as bot:
        telegram.client(CLINICIAN, TOKEN).start(code)
        await _received(telegram)
        assert telegram.sent(TOKEN, CLINICIAN) == []
        assert await bot.end() == 0
    async with running(fortnight.folder, "--role", "worker") as worker:
        assert await _answers(telegram)
        assert await worker.end() == 0


async def test_what_was_received_before_a_kill_is_handled_after_it(fortnight: CommandLine, telegram: Telegram) -> None:
    code = await _link(fortnight)
    phone = telegram.client(CLINICIAN, TOKEN)
    async with running(fortnight.folder, FORTNIGHT_FAILPOINT="after-inbox-commit") as engine:
        phone.start(code)
        assert await engine.ended() == -signal.SIGKILL
    assert telegram.sent(TOKEN, CLINICIAN) == []
    async with running(fortnight.folder) as engine:
        assert await _answers(telegram)


async def test_it_receives_by_webhook_too_and_goes_back_to_polling(fortnight: CommandLine, telegram: Telegram) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environment = {
        "FORTNIGHT_TELEGRAM__MODE": "webhook",
        "FORTNIGHT_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "FORTNIGHT_TELEGRAM__WEBHOOK_SECRET": "sixteen-or-more-characters",
        "FORTNIGHT_TELEGRAM__WEBHOOK_PORT": str(port),
    }
    code = await _link(fortnight)
    phone = telegram.client(CLINICIAN, TOKEN)
    async with running(fortnight.folder, **environment) as engine:
        phone.start(code)
        assert await _answers(telegram)
        assert await engine.end() == 0
    assert telegram.bot(TOKEN).webhook
    async with running(fortnight.folder) as engine:
        phone.say("/help")
        await _received(telegram)
        assert not telegram.bot(TOKEN).webhook
        assert await engine.end() == 0


async def test_a_second_engine_on_an_embedded_database_is_refused(fortnight: CommandLine, telegram: Telegram) -> None:
    async with running(fortnight.folder) as first:
        await first.logs("running")
        async with running(fortnight.folder) as second:
            assert await second.ended() == 2
            assert "Another engine" in second.complaint["error"]
        assert first.process.returncode is None


async def test_it_starts_while_telegram_cannot_be_reached(fortnight: CommandLine) -> None:
    async with running(fortnight.folder) as engine:
        await engine.logs("poll-failed")
        assert await engine.end() == 0


async def test_it_goes_on_with_a_refused_token_and_alarms(fortnight: CommandLine, telegram: Telegram) -> None:
    config = fortnight.folder / "config.toml"
    config.write_text(config.read_text().replace(TOKEN, "999999:another-token-that-nobody-has"))
    async with running(fortnight.folder) as engine:
        assert (await engine.logs("alarm"))["alarm"] == "token-refused"
        assert await engine.end() == 0


async def test_it_waits_for_a_database_server_that_is_away(fortnight: CommandLine, telegram: Telegram) -> None:
    environment = {"FORTNIGHT_DATABASE__URL": "postgresql://nobody@127.0.0.1:9/none"}
    async with running(fortnight.folder, **environment) as engine:
        assert (await engine.logs("alarm"))["alarm"] == "database-away"
        assert await engine.end() == 0


async def test_a_wording_that_is_not_said_and_a_missing_folder_of_them_are_told_at_the_start(
    fortnight: CommandLine, telegram: Telegram
) -> None:
    config = fortnight.folder / "config.toml"
    config.write_text(config.read_text() + '[messages]\npath = "messages"\n')
    async with running(fortnight.folder) as engine:
        assert "messages.path" in (await engine.logs("wording-unfit"))["why"]
        assert await engine.end() == 0
    (fortnight.folder / "messages").mkdir()
    (fortnight.folder / "messages" / "en.toml").write_text('[patient]\nstranger = "Hello."\n')
    async with running(fortnight.folder) as engine:
        assert "en.toml:2" in (await engine.logs("wording-unfit"))["why"]
        assert await engine.end() == 0


async def test_a_half_written_protocol_stops_the_engine_but_not_the_auditor(
    fortnight: CommandLine, telegram: Telegram
) -> None:
    (fortnight.folder / "protocols").mkdir()
    (fortnight.folder / "protocols" / "draft.toml").write_text("broken = ")
    with (fortnight.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write('[protocols]\npath = "protocols"\n')
    for role in ("all", "worker"):
        async with running(fortnight.folder, "--role", role) as engine:
            assert await engine.ended() == 2
            assert "draft.toml:1: the file: this is no TOML" in engine.complaint["error"]
    async with running(fortnight.folder, "--role", "auditor") as auditor:
        assert "draft.toml:1" in (await auditor.logs("protocols-broken"))["why"]
        await auditor.logs("not-ready")
        assert await auditor.end() == 0
        assert not [line for line in auditor.lines if line.get("action") == "part-failed"]


@pytest.mark.parametrize("damage", ["wrong key", "no file", "plain file", "bad configuration"])
async def test_it_refuses_to_start_on_what_it_cannot_work_with(fortnight: CommandLine, damage: str) -> None:
    _damage(fortnight.folder, damage)
    async with running(fortnight.folder) as engine:
        assert await engine.ended() in (1, 2)
        assert engine.complaint["error"]
        assert engine.complaint["mend"]


def _damage(folder: Path, damage: str) -> None:
    if damage == "wrong key":
        (folder / "database.key").write_text(new_master_key())
    elif damage == "no file":
        (folder / "var" / "fortnight.db").unlink()
    elif damage == "plain file":
        (folder / "var" / "fortnight.db").write_bytes(b"SQLite format 3\x00" + bytes(100))
    else:
        (folder / "config.toml").write_text("[telegram]\n")


async def test_check_says_whether_the_engine_runs(fortnight: CommandLine, telegram: Telegram) -> None:
    assert fortnight.process("check", "--health", "--json").code == 1
    async with running(fortnight.folder) as engine:
        await engine.logs("running")
        for _ in range(40):
            health = await asyncio.to_thread(fortnight.process, "check", "--health", "--json")
            if health.code == 0:
                break
        assert health.json == {"ok": True, "problems": []}


async def test_check_finds_what_is_not_ready(fortnight: CommandLine, telegram: Telegram) -> None:
    checked = await asyncio.to_thread(fortnight.process, "check", "--json")
    assert checked.code == 1
    said = " ".join(each["problem"] for each in checked.json["problems"])
    for missing in ("no clinician", "on call", "second channel", "ping_url"):
        assert missing in said
    assert all(each["mend"] for each in checked.json["problems"])
    assert "token" not in said


async def test_it_answers_for_its_health_over_http(
    telegram: Telegram, fortnight: CommandLine, unused_tcp_port: int
) -> None:
    root = f"http://127.0.0.1:{unused_tcp_port}"
    async with (
        running(fortnight.folder, FORTNIGHT_HEALTH__PORT=str(unused_tcp_port)) as engine,
        ClientSession() as http,
    ):
        await engine.logs("running")
        telegram.client(CLINICIAN, TOKEN).say("hello")  # a poll that brings nothing takes as long as it may
        await _received(telegram)
        for path in ("/health/engine", "/health/ready", "/health/live", "/metrics"):
            async with http.get(root + path) as answer:
                assert answer.status == 200, await answer.text()
        assert await engine.end() == 0
