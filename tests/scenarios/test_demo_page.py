"""The demo in a real browser: an evening from the enrolment to the closed alert, with one's thumbs."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium")
REQUIRED = os.environ.get("FORTNIGHT_REQUIRE_BROWSER") == "1"
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 30_000  # milliseconds
PICTURE = os.environ.get("FORTNIGHT_PICTURE")  # where to keep a picture of the evening, for the README

pytestmark = [
    pytest.mark.browser,
    pytest.mark.process,
    pytest.mark.skipif(CHROMIUM is None and not REQUIRED, reason="there is no Chromium on this machine"),
]


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    words = ("demo", "--port", "0", "--no-open", "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from app.cli import main; main()",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        yield json.loads(await asyncio.wait_for(process.stdout.readline(), 60))["url"]
    finally:
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 30) == 0


@pytest.fixture
async def page(url: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await chromium.new_page(viewport={"width": 1440, "height": 860})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        await page.goto(url)
        yield page
        await chromium.close()


def phone(page: Page, label: str) -> Locator:
    return page.locator(f'.phone[aria-label="{label}"]')


async def tap(where: Locator, name: str) -> None:
    await where.get_by_role("button", name=name, exact=True).last.click()


async def test_an_evening(page: Page) -> None:
    patient, clinician = phone(page, "Patient"), phone(page, "Clinician One, primary on call")
    coordinator = phone(page, "Coordinator")

    await tap(coordinator, "Enrol a patient")
    await tap(page.locator("dialog[open]"), "Enrol a patient")
    await tap(patient, "Open the link")
    await tap(patient, "I agree")
    await expect(patient.get_by_text("You are all set")).to_be_visible()

    await tap(coordinator, "Record an infusion")
    sheet = page.locator("dialog[open]")
    await sheet.get_by_label("It ended").select_option("yesterday: the first daily question")
    await tap(sheet, "Record an infusion")
    await tap(patient, "7")
    await expect(patient.get_by_text("I have noted: 7")).to_be_visible()

    words = patient.get_by_label("Message", exact=True)
    await words.fill("I don't want to wake up tomorrow, I have the pills here")
    await words.press("Enter")
    await expect(patient.get_by_text("you do not have to be alone")).to_be_visible()
    await expect(clinician.get_by_text("RED A-1")).to_be_visible()
    await expect(clinician.get_by_text("pills")).to_have_count(0)
    if PICTURE:
        await page.wait_for_timeout(1000)
        await page.screenshot(path=PICTURE)

    await tap(clinician, "Acknowledge")
    await expect(patient.get_by_text("has seen your message")).to_be_visible()
    await tap(clinician, "Show details")
    await expect(clinician.get_by_text("I have the pills here")).to_be_visible()
    await tap(clinician, "Called the patient")
    await tap(clinician, "Close with outcome")
    await tap(clinician, "Reached, and safe")
    sentence = clinician.get_by_label("Message", exact=True)
    await sentence.fill("Spoke by phone; a friend is there.")
    await sentence.press("Enter")
    await expect(patient.get_by_text("has been taken care of")).to_be_visible()
    await expect(clinician.get_by_text("Closed by Clinician One")).to_be_visible()
