"""The poll loop: stored before confirmed, deaf to nothing, and never at an end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.receive import MOST, NO_ID, NotStored, Poller
from sandbox import faults
from store import heartbeats, schema
from store.errors import StoreError
from store.patients import Patient
from store.staff import Member
from tests.bot.conftest import TOKEN, Border
from tests.bot.stories import a_clinician, a_patient, rows, running, until, without_table
from tests.bot.updates import message

AT_ONCE = timedelta(0)
HELP = "I want to kill myself"


def waiting(border: Border) -> int:
    """How many updates Telegram still keeps."""
    return len(border.telegram.bots[TOKEN].updates)


async def stored(border: Border) -> list[Any]:
    return await rows(border.clinic.database, schema.inbox)


async def test_an_update_is_confirmed_only_by_the_poll_after_its_commit(border: Border) -> None:
    border.phone(7).say("hello")
    poller = border.poller()
    assert await poller.poll_once(AT_ONCE) == 2  # Start, and hello
    assert len(await stored(border)) == 2
    assert waiting(border) == 2
    await poller.poll_once(AT_ONCE)
    assert waiting(border) == 0


async def test_what_was_not_confirmed_comes_again_and_is_stored_once(border: Border) -> None:
    border.phone(7).say("hello")
    await border.poller().poll_once(AT_ONCE)
    assert await border.poller().poll_once(AT_ONCE) == 0  # another process, which knows no offset
    assert len(await stored(border)) == 2


async def test_ids_that_start_again_lower_lose_nothing(border: Border) -> None:
    phone, poller = border.phone(7), border.poller()
    await poller.poll_once(AT_ONCE)
    await poller.poll_once(AT_ONCE)
    border.telegram.bots[TOKEN].updates.restart_at(3)
    phone.say("after an idle week")
    assert await poller.poll_once(AT_ONCE) == 1
    await poller.poll_once(AT_ONCE)
    assert waiting(border) == 0


async def test_the_same_id_with_other_words_is_another_update(border: Border) -> None:
    poller = border.poller()
    border.telegram.inject(TOKEN, {"update_id": 5, "message": {"text": "one"}})
    assert await poller.poll_once(AT_ONCE) == 1
    await poller.poll_once(AT_ONCE)
    border.telegram.inject(TOKEN, {"update_id": 5, "message": {"text": "two"}})
    assert await poller.poll_once(AT_ONCE) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"update_id": "not a number", "message": {"text": "hello"}},
        {"message": {"from": {"id": 2**70}, "text": "hello"}, "update_id": 2**70},
        {"update_id": 9, "message": {"text": "\ud83d half an emoji"}},
        {"update_id": 9, "message": {"text": "nul \x00 character"}},
        {"update_id": 9, "something_new": [[[{"id": None}]]]},
    ],
)
async def test_an_odd_update_is_stored_and_makes_the_bot_deaf_to_no_other(border: Border, odd: dict[str, Any]) -> None:
    border.telegram.inject(TOKEN, odd)
    border.phone(7).say("hello")
    assert await border.poller().poll_once(AT_ONCE) == 3
    await border.pump().handle_due()
    states = [row.state for row in await stored(border)]
    assert "waiting" not in states


async def test_an_update_without_an_id_is_stored_too(border: Border) -> None:
    border.telegram.inject(TOKEN, {"update_id": None, "message": {"text": "hello"}})
    assert await border.poller().poll_once(AT_ONCE) == 1
    assert [row.update_id for row in await stored(border)] == [NO_ID]


@pytest.mark.parametrize(("code", "trouble"), [(401, "token-refused"), (409, "second-poller")])
async def test_a_refused_poll_is_alarmed_once_and_never_the_last(border: Border, code: int, trouble: str) -> None:
    border.phone(7).say("hello")
    poller = border.poller()
    border.telegram.faults.add(faults.failing(code).on("getUpdates", times=3))
    wait = 0.0
    for _ in range(3):
        wait = await poller._poll_safely(0.0)
    assert border.alarms == [trouble]
    assert wait == 0.0
    await poller._poll_safely(0.0)
    assert len(await stored(border)) == 2
    border.telegram.faults.add(faults.failing(code).on("getUpdates", times=1))
    await poller._poll_safely(0.0)
    assert border.alarms == [trouble, trouble]  # it was well meanwhile


async def test_a_network_that_fails_for_a_moment_alarms_nobody_but_an_outage_does(border: Border) -> None:
    poller = border.poller()
    border.telegram.faults.add(faults.failing(502).on("getUpdates"))
    await poller._poll_safely(0.0)
    assert border.alarms == []
    border.clock.advance(seconds=61)
    await poller._poll_safely(0.0)
    await poller._poll_safely(0.0)
    assert border.alarms == ["channel-down"]


async def test_a_poll_that_hangs_is_given_up_and_asked_again(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.receive.HANG_GRACE", 0.2)
    border.phone(7).say("hello")
    border.telegram.faults.add(faults.silent().on("getUpdates", times=1))
    poller = border.poller()
    with pytest.raises(TimeoutError):
        await poller.poll_once(AT_ONCE)
    assert await poller.poll_once(AT_ONCE) == 2


async def test_a_poll_that_brings_nothing_is_noted_now_and_then(border: Border) -> None:
    poller = border.poller()
    await poller.poll_once(AT_ONCE)
    first = border.clock.now()
    border.clock.advance(seconds=5)
    await poller.poll_once(AT_ONCE)
    async with border.clinic.database.reading() as tx:
        assert (await heartbeats.last(tx))["poll"] == first
    border.clock.advance(seconds=6)
    await poller.poll_once(AT_ONCE)
    async with border.clinic.database.reading() as tx:
        assert (await heartbeats.last(tx))["poll"] == border.clock.now()


async def test_what_the_database_will_not_take_is_paged_about_and_not_confirmed(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    poller = border.poller()
    await poller.poll_once(AT_ONCE)
    border.telegram.client(patient.user_id or 0, TOKEN).say(HELP)
    async with without_table(border.clinic.database, "inbox"):
        for _ in range(3):
            with pytest.raises(NotStored):
                await poller.poll_once(AT_ONCE)
    pages = border.shown(clinician.user_id)
    assert len(pages) == 1
    assert patient.alias in pages[0]
    assert await poller.poll_once(AT_ONCE) == 1  # it works again: the same update comes, and is stored


async def a_hundred_and_more(border: Border) -> tuple[Poller, Member, Patient]:
    """More waits at Telegram than it shows at once, and the last of it means danger."""
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    poller, chatty = border.poller(), border.phone(7)
    for _ in range(2):
        await poller.poll_once(AT_ONCE)
    for number in range(MOST):
        chatty.say(f"hello {number}")
    border.telegram.client(patient.user_id or 0, TOKEN).say(HELP)
    return poller, clinician, patient


async def test_danger_behind_a_hundred_updates_is_seen_while_the_database_is_away(border: Border) -> None:
    poller, clinician, patient = await a_hundred_and_more(border)
    before = len(await stored(border))
    async with without_table(border.clinic.database, "inbox"):
        assert await poller.poll_once(AT_ONCE) == 0
        with pytest.raises(NotStored):
            await poller.poll_once(AT_ONCE)
    (page,) = border.shown(clinician.user_id)
    assert patient.alias in page
    assert border.alarms == ["database-away"]
    for _ in range(2):  # once more, as after a kill before the file was gone
        kept = border.spill.kept()
        await border.spill.give_back(border.clinic, border.clock.now())
        border.spill.keep(kept)
    await poller.poll_once(AT_ONCE)
    assert len(await stored(border)) == before + MOST + 1


async def test_danger_that_was_set_aside_rings_again_while_the_database_is_away(border: Border) -> None:
    poller, clinician, patient = await a_hundred_and_more(border)
    border.spill.keep([message(1, patient.user_id or 0, HELP)])
    async with without_table(border.clinic.database, "inbox"):
        for _ in range(3):
            with suppress(NotStored):
                await poller.poll_once(AT_ONCE)
            border.clock.advance(minutes=5)
    assert len(border.shown(clinician.user_id)) == 3


async def test_what_cannot_even_be_set_aside_is_alarmed_and_comes_again(border: Border) -> None:
    poller, *_ = await a_hundred_and_more(border)
    (border.spill._beside.parent / "not a folder").touch()
    border.spill._beside = border.spill._beside.parent / "not a folder" / "roster"
    async with without_table(border.clinic.database, "inbox"):
        with pytest.raises(NotStored):
            await poller.poll_once(AT_ONCE)
    assert border.alarms == ["unseen-messages"]
    assert await poller.poll_once(AT_ONCE) == MOST


@pytest.mark.on("sqlite")
@pytest.mark.parametrize(("refused", "left"), [("update_id = 1", 0), ("update_id > 0", 1)])
async def test_one_that_cannot_be_given_back_keeps_no_other_from_it(border: Border, refused: str, left: int) -> None:
    border.spill.keep([message(number, 7, "hello") for number in range(1, 4)])
    async with border.clinic.database.engine.begin() as connection:
        never = f"WHEN NEW.{refused} BEGIN SELECT RAISE(ABORT, 'never'); END"
        await connection.execute(text(f"CREATE TRIGGER never BEFORE INSERT ON inbox {never}"))
    with suppress(StoreError):
        assert not await border.spill.give_back(border.clinic, border.clock.now())
    assert len(border.spill._files()) == left
    assert len(await stored(border)) == (2 if left == 0 else 0)
    aside = [border.spill._read(path) for path in border.spill._beside.parent.glob("*.refused")]
    assert aside == ([[message(1, 7, "hello")]] if left == 0 else [])  # what Telegram will not send again is kept


async def test_what_another_process_gives_back_meanwhile_is_no_trouble(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    border.spill.keep([message(1, 7, "hello")])
    files = border.spill._files()
    assert await border.spill.give_back(border.clinic, border.clock.now())
    monkeypatch.setattr(border.spill, "_files", lambda: files)
    assert await border.spill.give_back(border.clinic, border.clock.now())
    assert len(await stored(border)) == 1


async def test_what_was_set_aside_is_unreadable_without_the_token(border: Border) -> None:
    border.spill.keep([message(1, 7, "marzipan")])
    (file,) = border.spill._files()
    assert b"marzipan" not in file.read_bytes()
    border.spill._token = "another"
    assert not await border.spill.give_back(border.clinic, border.clock.now())
    assert await stored(border) == []
    assert border.spill._files() == []  # laid aside, and not tried again and again
    assert len([*file.parent.glob("*.unreadable")]) == 1


@pytest.mark.on("postgresql")
async def test_a_connection_that_drops_for_a_moment_pages_nobody(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    border.telegram.client(patient.user_id or 0, TOKEN).say(HELP)
    await stored(border)
    await end_other_sessions(border)  # those of the pool, of which the next commit takes one
    assert await border.poller().poll_once(AT_ONCE) > 0
    assert border.shown(clinician.user_id) == []


async def test_a_database_that_is_away_is_alarmed_once(border: Border) -> None:
    poller = border.poller()
    async with without_table(border.clinic.database, "inbox"):
        for _ in range(2):
            border.phone(7).say("hello")
            await poller._poll_safely(0.0)
    assert border.alarms == ["database-away"]


async def test_the_loop_goes_on_after_whatever_happened(border: Border) -> None:
    phone = border.phone(7)
    for fault in (faults.failing(401), faults.garbage(), faults.reset(delivered=False), faults.failing(409)):
        border.telegram.faults.add(fault.on("getUpdates", times=1))

    async def all_stored() -> bool:
        return len(await stored(border)) == 2

    phone.say("hello")
    async with running(border.poller().run()):
        await until(all_stored, seconds=20)


@pytest.mark.on("postgresql")
async def test_of_two_processes_one_polls_and_the_other_takes_over(border: Border) -> None:
    phone = border.phone(7)
    one, two = border.poller(), border.poller()
    first = asyncio.create_task(one.run())
    await asyncio.sleep(0.5)
    second = asyncio.create_task(two.run())

    async def stored_so_many(count: int) -> bool:
        return len(await stored(border)) == count

    phone.say("hello")
    await until(lambda: stored_so_many(2))
    assert two._beat_at is None
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    phone.say("are you there")
    await until(lambda: stored_so_many(3))
    assert border.alarms == []
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)


@pytest.mark.on("postgresql")
async def test_a_process_whose_lock_broke_asks_for_it_again(border: Border) -> None:
    phone, poller = border.phone(7), border.poller()

    async def stored_so_many(count: int) -> bool:
        return len(await stored(border)) == count

    async with running(poller.run()):
        await until(lambda: stored_so_many(1))
        await end_other_sessions(border)
        phone.say("hello")
        await until(lambda: stored_so_many(2), seconds=30)


async def end_other_sessions(border: Border) -> None:
    """Break every connection to the database but the one that does it."""
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    async with border.clinic.database.engine.begin() as connection:
        await connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
