"""What other thresholds would have paged is what the engine pages with them."""

from __future__ import annotations

from datetime import datetime, timedelta

from content.protocols import shipped
from rules.protocol import Protocol, parse
from rules.tier import Tier
from services import forecasting
from services.forecasting import Forecast
from store import alerts, checkins
from tests.services.chat import Chat
from tests.services.conftest import Prompt

DAY = timedelta(days=1)


def protocol(thresholds: str = "") -> Protocol:
    return parse(f'id = "mine"\nextends = "ketamine-14d"\n[thresholds]\n{thresholds}\n', "mine.toml", bases=shipped())


async def forecast(chat: Chat, thresholds: str = "", *, back: timedelta = 30 * DAY) -> Forecast:
    async with chat.clinic.database.reading() as tx:
        return await forecasting.forecast(chat.clinic, tx, protocol(thresholds), chat.now - back, chat.now)


async def moods(chat: Chat, prompted: Prompt, *values: int) -> list[datetime]:
    """Answer one morning after the other; returns when."""
    times = []
    for value in values:
        row = await prompted("mood")
        await chat.press(row.id, "mood/rating", value)
        times.append(chat.now)
    return times


async def test_the_same_thresholds_would_have_paged_as_they_did(chat: Chat, prompted: Prompt) -> None:
    at = await moods(chat, prompted, 7, 6, 3, 6)
    found = await forecast(chat)
    async with chat.clinic.database.reading() as tx:
        (alert,) = await alerts.every(tx)
    assert found.before == found.after
    assert [(page.at, page.tier, page.patient) for page in found.after] == [(at[2], Tier.AMBER, chat.patient.alias)]
    assert alert.opened_at == at[2]
    assert found.judged == 4


async def test_a_stricter_threshold_pages_more_often_and_a_looser_one_less(chat: Chat, prompted: Prompt) -> None:
    await moods(chat, prompted, 7, 6, 3, 6)
    assert len((await forecast(chat, "mood_fall = 1")).after) == 2
    assert len((await forecast(chat, "mood_fall = 5")).after) == 0
    assert len((await forecast(chat, "mood_fall = 5")).before) == 1


async def test_what_lies_further_back_counts_as_history_and_not_as_a_page(chat: Chat, prompted: Prompt) -> None:
    await moods(chat, prompted, 7, 7, 3, 3)
    found = await forecast(chat, back=timedelta(hours=12))
    assert len(found.after) == 1
    assert found.judged == 1


async def test_a_questionnaire_is_one_page_however_many_of_its_answers_find_something(
    chat: Chat, prompted: Prompt
) -> None:
    await moods(chat, prompted, 7)
    row = await prompted("week-1")
    for item in range(1, 9):
        await chat.press(row.id, f"phq9/{item}", 3)
    await chat.press(row.id, "phq9/9", 3)
    (page,) = (await forecast(chat)).after
    assert (page.checkin, page.tier) == (row.id, Tier.RED)


async def test_silence_is_judged_by_the_thresholds_too(chat: Chat, prompted: Prompt) -> None:
    async with chat.clinic.database.transaction() as tx:
        rows = [row for row in await checkins.of_patient(tx, chat.patient.id) if row.slot == "mood"][:3]
        for row in rows:
            await checkins.change(tx, row.id, state="expired", sent_at=row.due_at)
    chat.now = rows[-1].expires_at + DAY
    assert [page.at for page in (await forecast(chat)).after] == [rows[2].expires_at]
    assert [page.at for page in (await forecast(chat, "missed_amber = 2")).after] == [rows[1].expires_at]
    assert (await forecast(chat, "missed_amber = 4")).after == ()


async def test_the_database_is_only_read(chat: Chat, prompted: Prompt) -> None:
    await moods(chat, prompted, 7, 3)
    await chat.said()
    await forecast(chat, "mood_fall = 1")
    assert await chat.said() == []
