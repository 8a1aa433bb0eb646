"""The demo, from outside: a whole evening in front of its page."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest

from app.example_clinic import CLINICIAN, PATIENT
from content.messages import say
from tests.app.evening import Evening

pytestmark = pytest.mark.process


@pytest.fixture
async def evening() -> AsyncIterator[Evening]:
    """A demo that runs as a process of its own."""
    words = ("demo", "--port", "0", "--no-open", "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from app.cli import main; main()", *words, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        url = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))["url"]
        async with aiohttp.ClientSession() as session:
            yield Evening(session=session, url=url)
    finally:
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_an_evening_from_the_link_to_the_closed_alert(evening: Evening) -> None:
    enrolled = await evening.acts("enrol", timezone="Europe/Madrid", language="en")
    await evening.does("start", PATIENT, code=enrolled["link"].partition("start=")[2])
    await evening.presses(PATIENT, say("en", "patient.agree"))
    await evening.acts("infusion", ended="yesterday: the first daily question", dose="0.5")
    await evening.presses(PATIENT, "7")

    await evening.does("say", PATIENT, text="I want to kill myself")
    await evening.sees(PATIENT, "024")  # Spain's crisis line
    page = await evening.sees(CLINICIAN, "P-1001")
    assert "kill" not in page
    await evening.presses(CLINICIAN, say("en", "staff.acknowledge"))
    await evening.sees(PATIENT, "of Example Clinic has seen your message now, and will call you within the hour.")
    await evening.presses(CLINICIAN, say("en", "staff.called"))
    await evening.presses(CLINICIAN, say("en", "staff.close"))
    await evening.presses(CLINICIAN, say("en", "staff.outcome_reached-safe"))
    await evening.sees(CLINICIAN, say("en", "staff.outcome_reached-safe"))
