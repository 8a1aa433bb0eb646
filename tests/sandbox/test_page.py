"""The page of phones over HTTP: its files, its live line, its actions and its clock."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from sandbox.client import Client
from sandbox.page import Action, ActionResult, ClockControls, Field, Page, Phone
from sandbox.server import Server
from sandbox.state import Upload
from sandbox.telegram import Telegram
from tests.sandbox.conftest import CLINICIAN, PATIENT, TOKEN, Clock


async def enrol(values: Mapping[str, str]) -> ActionResult:
    if not values["alias"]:
        raise ValueError("A patient needs an alias: write one, such as P-1042.")
    return ActionResult(text=f"{values['alias']} is enrolled.", link="https://t.me/fortnight_bot?start=abc")


@pytest.fixture
def page(sandbox: Telegram, clock: Clock) -> Page:
    fields = (Field(name="alias", label="Alias", value="P-1042"),)
    return Page(
        sandbox,
        title="Fortnight",
        phones=[
            Phone(user_id=CLINICIAN, label="On-call clinician", role_hint="clinician"),
            Phone(user_id=PATIENT, label="Patient", timezone="Europe/London"),
        ],
        actions=[Action(id="enrol", label="Enrol a patient", phone=CLINICIAN, fields=fields, run=enrol)],
        clock=ClockControls(clock=clock),
    )


@pytest.fixture
async def session(sandbox: Telegram, page: Page) -> AsyncIterator[aiohttp.ClientSession]:
    async with Server(sandbox, page) as server, aiohttp.ClientSession(server.url) as session:
        yield session


class Line:
    """The live line, read event by event."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self, kind: str) -> Any:
        """What the next event of a kind says."""
        while (line := (await self._response.content.readline()).decode()) != f"event: {kind}\n":
            assert line, "the line has ended"
        return json.loads((await self._response.content.readline()).decode().removeprefix("data: "))


@pytest.fixture
async def line(session: aiohttp.ClientSession) -> AsyncIterator[Line]:
    async with session.get("/page/events") as response:
        yield Line(response)


@pytest.mark.parametrize("path", ["/", "/page.css", "/page.js", "/phone.js", "/icon.svg"])
async def test_the_pages_files_are_served_and_run_nothing_foreign(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(path) as response:
        assert response.status == 200
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("path", ["/routes.py", "/../state.py", "/page/files/none", "/page/actions/none", "/none"])
async def test_nothing_else_is_served(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(path) as response:
        assert response.status == 404


async def test_the_line_tells_first_all_there_is_then_what_happens(
    phone: Client, sandbox: Telegram, line: Line
) -> None:
    shown = await line.next("page")
    assert [each["label"] for each in shown["phones"]] == ["On-call clinician", "Patient"]
    assert shown["phones"][1]["chats"][0]["messages"] == phone.messages
    phone.say("hello")
    assert (await line.next("message"))["content"]["text"] == "hello"
    sandbox.call(TOKEN, "sendMessage", {"chat_id": PATIENT, "text": "Hello", "disable_notification": True})
    assert (await line.next("message"))["silent"]


async def test_a_link_of_an_action_is_laid_on_the_patients_phone(session: aiohttp.ClientSession, line: Line) -> None:
    await line.next("page")
    async with session.post("/page/actions/enrol", json={"alias": "P-1042"}) as response:
        assert (await response.json())["text"] == "P-1042 is enrolled."
    shown = await line.next("page")
    clinician, patient = (each["cards"] for each in shown["phones"])
    assert [(card["text"], card["link"]) for card in clinician] == [("P-1042 is enrolled.", None)]
    assert [card["link"] for card in patient] == ["https://t.me/fortnight_bot?start=abc"]


async def test_an_action_that_fails_says_why(session: aiohttp.ClientSession) -> None:
    async with session.post("/page/actions/enrol", json={"alias": ""}) as response:
        assert response.status == 400
        assert (await response.json())["error"] == "A patient needs an alias: write one, such as P-1042."


async def test_the_clock_is_run_and_stepped(session: aiohttp.ClientSession, clock: Clock, line: Line) -> None:
    await line.next("page")
    await session.post("/page/clock", json={"speed": 60})
    assert (await line.next("clock"))["speed"] == 60
    await session.post("/page/clock", json={"step": 3600})
    assert clock.now() == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


async def test_a_phone_can_be_added_while_the_page_is_open(page: Page, sandbox: Telegram, line: Line) -> None:
    await line.next("page")
    sandbox.add_user(20, name="Patient Two")
    page.add_phone(Phone(user_id=20, label="Second patient"))
    assert (await line.next("page"))["phones"][-1]["name"] == "Patient Two"


async def test_commands_are_shown_in_the_users_language_and_by_chat(sandbox: Telegram, line: Line) -> None:
    await line.next("page")
    for words, more in (("Help", {}), ("Ayuda", {"language_code": "es"})):
        commands = json.dumps([{"command": "help", "description": words}])
        sandbox.call(TOKEN, "setMyCommands", {"commands": commands, **more})
    shown = [each["chats"][0]["commands"][0]["description"] for each in (await line.next("page"))["phones"]]
    assert shown == ["Ayuda", "Help"]


async def test_only_pictures_are_shown(session: aiohttp.ClientSession, sandbox: Telegram) -> None:
    sandbox.files["a"] = Upload(name="a.html", content=b"<script>", mime="text/html")
    sandbox.files["b"] = Upload(name="b", content=b"\x89PNG")  # as a bot uploads bytes: without a kind
    assert [(await session.get(f"/page/files/{name}")).status for name in "ab"] == [404, 200]
