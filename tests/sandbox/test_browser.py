"""The page in a real browser: a patient, a clinician and a coordinator with their thumbs on it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from playwright.async_api import Browser as Chromium
from playwright.async_api import Locator, async_playwright, expect
from playwright.async_api import Page as Browser

from sandbox.page import Action, ActionResult, ClockControls, Field, Page, Phone
from sandbox.params import Json
from sandbox.server import Server
from sandbox.telegram import Telegram
from tests.sandbox.conftest import CLINICIAN, PATIENT, TOKEN, Clock

CHROMIUM = shutil.which("chromium")
REQUIRED = os.environ.get("FORTNIGHT_REQUIRE_BROWSER") == "1"
PATIENCE = 20_000  # milliseconds: machines that run tests are busy
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]

expect.set_options(timeout=PATIENCE)
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not REQUIRED, reason="there is no Chromium on this machine"),
]


async def enrol(values: Mapping[str, str]) -> ActionResult:
    if not values["alias"]:
        raise ValueError("A patient needs an alias: write one, such as P-1042.")
    return ActionResult(text=f"{values['alias']} is enrolled.", link="https://t.me/fortnight_bot?start=abc123")


@pytest.fixture
def page(sandbox: Telegram, clock: Clock) -> Page:
    fields = (Field(name="alias", label="Alias"),)
    return Page(
        sandbox,
        title="Fortnight",
        phones=[
            Phone(user_id=PATIENT, label="Patient"),
            Phone(user_id=CLINICIAN, label="On-call clinician", role_hint="clinician"),
        ],
        actions=[Action(id="enrol", label="Enrol a patient", phone=CLINICIAN, fields=fields, run=enrol)],
        clock=ClockControls(clock=clock),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def browser(chromium: Chromium, sandbox: Telegram, page: Page) -> AsyncIterator[Browser]:
    async with Server(sandbox, page) as server:
        browser = await chromium.new_page(viewport={"width": 1280, "height": 800})
        errors: list[str] = []
        browser.on("pageerror", lambda error: errors.append(str(error)))
        browser.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        browser.set_default_timeout(PATIENCE)
        await browser.goto(server.url)
        yield browser
        await browser.close()
        assert all("400 (Bad Request)" in error for error in errors), errors


def phone_of(browser: Browser, label: str) -> Locator:
    return browser.locator(f'.phone[aria-label="{label}"]')


def send(sandbox: Telegram, chat_id: int, text: str, *labels: str) -> int:
    keyboard = {"inline_keyboard": [[{"text": each, "callback_data": each} for each in labels]]} if labels else None
    sent = sandbox.call(TOKEN, "sendMessage", {"chat_id": chat_id, "text": text, "reply_markup": keyboard})
    return int(sent["result"]["message_id"])


async def pressed(sandbox: Telegram) -> Json:
    """The press that the bot hears of next."""
    async with asyncio.timeout(PATIENCE / 1000):
        while True:
            for update in sandbox.call(TOKEN, "getUpdates", {"offset": -1})["result"]:
                if "callback_query" in update:
                    return dict(update["callback_query"])
            await asyncio.sleep(0.01)


async def test_a_link_is_opened_a_message_is_sent_a_button_is_pressed(browser: Browser, sandbox: Telegram) -> None:
    patient, clinician = phone_of(browser, "Patient"), phone_of(browser, "On-call clinician")
    await clinician.get_by_role("button", name="Enrol a patient").click()
    sheet = browser.locator("dialog[open]")
    await sheet.get_by_role("button", name="Enrol a patient").click()
    await expect(sheet.get_by_role("alert")).to_contain_text("needs an alias")
    await sheet.get_by_label("Alias").fill("P-1042")
    await sheet.get_by_label("Alias").press("Enter")
    await expect(clinician.get_by_text("P-1042 is enrolled.")).to_be_visible()
    await patient.get_by_role("button", name="Open the link").click()
    await expect(patient.get_by_text("/start abc123")).to_be_visible()
    asked = send(sandbox, PATIENT, "How are you?", "7", "8")
    await patient.get_by_role("button", name="7", exact=True).click()
    query = await pressed(sandbox)
    assert (query["data"], query["message"]["message_id"]) == ("7", asked)
    sandbox.call(TOKEN, "answerCallbackQuery", {"callback_query_id": query["id"], "text": "Thank you!"})
    sandbox.call(TOKEN, "editMessageText", {"chat_id": PATIENT, "message_id": asked, "text": "You said 7."})
    await expect(patient.get_by_text("Thank you!")).to_be_visible()
    await expect(patient.get_by_text("You said 7.")).to_be_visible()
    await expect(patient.get_by_role("button", name="8", exact=True)).to_have_count(0)


async def test_what_is_typed_is_text_and_never_markup(browser: Browser, sandbox: Telegram) -> None:
    patient = phone_of(browser, "Patient")
    await patient.get_by_role("button", name="Start").click()
    words = "<img src=x onerror=alert(1)> & <b>bold</b>"
    await patient.get_by_label("Message", exact=True).fill(words)
    await patient.get_by_label("Message", exact=True).press("Enter")
    send(sandbox, PATIENT, words)
    await expect(patient.get_by_text(words)).to_have_count(2)
    assert await patient.locator(".messages img, .messages b").count() == 0


async def test_an_own_message_is_edited_and_a_voice_is_sent(browser: Browser, sandbox: Telegram) -> None:
    patient = phone_of(browser, "Patient")
    await patient.get_by_role("button", name="Start").click()
    words = patient.get_by_label("Message", exact=True)
    await words.fill("fine")
    await words.press("Enter")
    await expect(patient.get_by_text("fine")).to_be_visible()
    await words.press("ArrowUp")
    await words.fill("not fine")
    await words.press("Enter")
    await expect(patient.get_by_text("not fine")).to_be_visible()
    await patient.get_by_role("button", name="Attach").click()
    await patient.get_by_role("button", name="Voice message").click()
    await expect(patient.get_by_text("Voice message, 4 s")).to_be_visible()
    kinds = [set(update) - {"update_id"} for update in sandbox.call(TOKEN, "getUpdates", {})["result"]]
    assert kinds == [{"message"}, {"message"}, {"edited_message"}, {"message"}]


async def test_a_page_rings_until_the_phone_is_touched(browser: Browser, sandbox: Telegram) -> None:
    clinician = phone_of(browser, "On-call clinician")
    await clinician.get_by_role("button", name="Start").click()
    await phone_of(browser, "Patient").get_by_role("button", name="Start").click()
    send(sandbox, CLINICIAN, "A-17 RED", "Acknowledge")
    await expect(clinician.get_by_label("1 unread")).to_be_visible()
    assert "ringing" in str(await clinician.get_attribute("class"))
    await clinician.get_by_role("button", name="Acknowledge").click()
    await expect(clinician.get_by_label("1 unread")).to_be_hidden()
    assert "ringing" not in str(await clinician.get_attribute("class"))


async def test_a_message_is_shown_on_its_own_phone_alone(browser: Browser, sandbox: Telegram) -> None:
    patient, clinician = phone_of(browser, "Patient"), phone_of(browser, "On-call clinician")
    await patient.get_by_role("button", name="Start").click()
    await clinician.get_by_role("button", name="Start").click()
    await expect(clinician.get_by_text("/start")).to_be_visible()
    send(sandbox, CLINICIAN, "A-17 RED")
    await expect(clinician.get_by_text("A-17 RED")).to_be_visible()
    assert await patient.locator(".message").count() == 1


async def test_a_message_in_another_chat_is_marked_and_can_be_turned_to(browser: Browser, sandbox: Telegram) -> None:
    patient = phone_of(browser, "Patient")
    await patient.get_by_role("button", name="Start").click()
    sandbox.add_group(-50, "Ward chat", members=[PATIENT], bots=[TOKEN])
    sandbox.register("101:pages", username="pages_bot", name="Pages")
    sandbox.client(PATIENT, TOKEN, -50).say("Is anybody there?")
    await patient.get_by_role("button", name="Ward chat").click()
    await expect(patient.get_by_text("Is anybody there?")).to_be_visible()
    send(sandbox, PATIENT, "Hello")
    await patient.get_by_role("button", name="Fortnight ●").click()
    await expect(patient.get_by_text("Hello")).to_be_visible()
    await expect(patient.get_by_role("button", name="Pages")).to_have_count(0)


async def test_who_reads_further_up_is_not_pulled_down(browser: Browser, sandbox: Telegram) -> None:
    patient = phone_of(browser, "Patient")
    await patient.get_by_role("button", name="Start").click()
    first = send(sandbox, PATIENT, "The first message")
    for number in range(40):
        send(sandbox, PATIENT, f"Message {number}")
    await expect(patient.get_by_text("Message 39")).to_be_in_viewport()
    await patient.locator(".messages").hover()
    await browser.mouse.wheel(0, -9000)
    await expect(patient.get_by_text("The first message")).to_be_in_viewport()
    change = {"chat_id": PATIENT, "message_id": first, "text": "The first message, changed"}
    sandbox.call(TOKEN, "editMessageText", change)
    send(sandbox, PATIENT, "The newest message")
    await expect(patient.get_by_text("The first message, changed")).to_be_in_viewport()
    await patient.get_by_role("button", name="New messages").click()
    await expect(patient.get_by_text("The newest message")).to_be_in_viewport()


async def test_blocking_and_unblocking_is_a_tap(browser: Browser, sandbox: Telegram) -> None:
    patient = phone_of(browser, "Patient")
    await patient.get_by_role("button", name="Start").click()
    await patient.get_by_role("button", name="Block", exact=True).click()
    await expect(patient.get_by_label("Message", exact=True)).to_be_hidden()
    assert sandbox.call(TOKEN, "sendMessage", {"chat_id": PATIENT, "text": "x"})["error_code"] == 403
    await patient.locator(".start").click()
    await expect(patient.get_by_label("Message", exact=True)).to_be_visible()


async def test_the_menu_of_commands_sends_them(browser: Browser, sandbox: Telegram) -> None:
    commands = json.dumps([{"command": "now", "description": "I need help now"}])
    sandbox.call(TOKEN, "setMyCommands", {"commands": commands})
    patient = phone_of(browser, "Patient")
    await patient.get_by_role("button", name="Start").click()
    await patient.get_by_role("button", name="Commands").click()
    await patient.get_by_role("button", name="/now I need help now").click()
    await expect(patient.locator(".message").last).to_contain_text("/now")


async def test_the_clock_bar_steps_the_clock(browser: Browser, clock: Clock) -> None:
    await browser.get_by_role("button", name="+1 h", exact=True).click()
    await expect(browser.locator("#clock time")).to_have_text("Mon 2 Mar, 11:00:00")
    await browser.get_by_role("button", name="Real time").click()
    await expect(browser.get_by_role("button", name="Real time")).to_have_attribute("aria-pressed", "true")
    assert clock.speed == 1.0


async def test_on_a_narrow_screen_each_phone_has_its_tab(browser: Browser, sandbox: Telegram) -> None:
    await browser.set_viewport_size({"width": 390, "height": 780})
    await phone_of(browser, "Patient").get_by_role("button", name="Start").click()
    tab = browser.locator(".tab", has_text="On-call clinician")
    await tab.click()
    await expect(tab).to_have_attribute("aria-current", "true")
    await expect(phone_of(browser, "On-call clinician")).to_be_in_viewport(ratio=0.9)
    width = await browser.evaluate("document.documentElement.scrollWidth")
    assert width == 390
