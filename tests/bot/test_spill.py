"""What was set aside comes into the database: one file that does not go in holds up no other, and order is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from store import schema
from store.errors import SchemaMismatch, StoreError
from tests.bot.conftest import TOKEN, Border
from tests.bot.stories import a_clinician, a_patient, rows, without_table
from tests.bot.updates import HELP, message

pytestmark = pytest.mark.on("sqlite")
LATER = "SELECT RAISE(ABORT, 'not yet') WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE update_id = 5)"


async def refuse(border: Border, updates: str, *, body: str = "SELECT RAISE(ABORT, 'never')") -> None:
    """Let the database refuse some updates, for a reason of their own."""
    async with border.clinic.database.engine.begin() as connection:
        trigger = f"CREATE TRIGGER never BEFORE INSERT ON inbox WHEN NEW.{updates} BEGIN {body}; END"
        await connection.execute(text(trigger))


def kept_twice(border: Border) -> None:
    """A file of one chat, then one in which that chat goes on and another one writes."""
    border.spill.keep([message(number, 7, "hello") for number in (1, 2, 3)])
    border.spill.keep([message(4, 7, "still there?"), message(5, 8, "hello")])


async def stored(border: Border) -> list[int]:
    """The ids of the updates in the database, in the order in which they are handled."""
    found = await rows(border.clinic.database, schema.inbox)
    return [row.update_id for row in sorted(found, key=lambda row: str(row.id))]


def aside(border: Border) -> list[int]:
    """The ids of the updates that were laid aside."""
    files = border.spill._beside.parent.glob("*.refused")
    return [each.update_id for path in files for each in border.spill._read(path) or ()]


async def test_a_file_of_which_nothing_goes_in_holds_up_no_later_one(border: Border) -> None:
    kept_twice(border)
    await refuse(border, "update_id < 4")
    assert not await border.spill.give_back(border.clinic, border.clock.now())
    assert sorted(await stored(border)) == [4, 5]
    assert aside(border) == [1, 2, 3]
    assert border.spill._files() == []
    assert await border.spill.give_back(border.clinic, border.clock.now())


async def test_what_goes_in_at_the_second_try_stands_before_what_its_chat_wrote_later(border: Border) -> None:
    kept_twice(border)
    await refuse(border, "update_id < 4", body=LATER)
    assert await border.spill.give_back(border.clinic, border.clock.now())
    assert await stored(border) == [5, 1, 2, 3, 4]
    assert aside(border) == []


@pytest.mark.parametrize("how", ["refuses", "misses a table"])
async def test_a_database_that_takes_nothing_at_all_lays_nothing_aside(border: Border, how: str) -> None:
    kept_twice(border)
    if how == "refuses":
        await refuse(border, "update_id > 0")
        with pytest.raises(StoreError, match="Nothing of what was set aside"):
            await border.spill.give_back(border.clinic, border.clock.now())
    else:
        async with without_table(border.clinic.database, "inbox"):
            with pytest.raises(SchemaMismatch):
                await border.spill.give_back(border.clinic, border.clock.now())
    assert len(border.spill._files()) == 2
    assert (aside(border), await stored(border)) == ([], [])


async def test_what_alone_the_database_refuses_is_paged_about_and_laid_aside(border: Border) -> None:
    clinician, patient = await a_clinician(border), await a_patient(border)
    await border.roster.refresh(border.clinic, border.clock.now())
    poller = border.poller()
    border.phone(8).say("hello")
    border.telegram.client(patient.user_id or 0, TOKEN).say(HELP)
    await refuse(border, f"chat_id = {patient.user_id}")
    assert await poller.poll_once(timedelta(0)) == 3  # the others' Start, and hello
    (page,) = border.shown(clinician.user_id)
    assert patient.alias in page
    assert border.alarms == ["dead-letter"]
    assert await poller.poll_once(timedelta(0)) == 0  # it is confirmed: Telegram sends it no more
    files = [*border.spill._beside.parent.glob("*.refused")]
    assert [HELP in each.raw for path in files for each in border.spill._read(path) or ()] == [False, True]
    await refuse_nothing(border)
    assert await border.spill.give_back(border.clinic, border.clock.now())
    assert len(await stored(border)) == 3


async def refuse_nothing(border: Border) -> None:
    """Let the database take everything again."""
    async with border.clinic.database.engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER never"))
