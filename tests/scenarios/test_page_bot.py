"""A second bot for pages: its link comes at the main bot, and once it is open pages come from it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from store.database import Database
from tests.world import opened
from tests.world.clinic import PAGE_TOKEN, TOKEN


async def test_pages_come_from_the_page_bot_once_its_link_was_opened(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    async with opened(database, now, tmp_path, page_bot=True) as world:
        clinician = await world.clinician()
        patient = await world.patient()
        await patient.says("/now")
        assert len(world.telegram.sent(PAGE_TOKEN, clinician.user_id)) == 0
        assert clinician.reads("page")

        (offer,) = [text for text in clinician.texts if "https://t.me/fortnight_pages_bot?start=" in text]
        await clinician.opens(offer.rpartition("start=")[2], PAGE_TOKEN)
        assert "drill" in world.telegram.sent(PAGE_TOKEN, clinician.user_id)[0].text
        await clinician.presses("Acknowledge")
        clinician.reads()
        await patient.says("I am going to kill myself tonight")
        assert [sent.token for sent in world.telegram.sent(PAGE_TOKEN, clinician.user_id) if "RED" in sent.text]
        assert TOKEN != PAGE_TOKEN
        patient.reads()
