"""The inbox: each update once, in order for each chat, tried again without holding up the other chats."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from store import inbox, keeping, schema
from store.database import Database
from store.inbox import Received
from tests.store import rows

SECOND = timedelta(seconds=1)


def received(update_id: int, *, chat: int | None = 1, raw: str | None = None) -> Received:
    return Received(bot="main", update_id=update_id, chat_id=chat, raw=raw or f'{{"update_id":{update_id}}}')


async def add(database: Database, now: datetime, *batch: Received) -> int:
    async with database.transaction() as tx:
        return await inbox.add(tx, batch, now)


async def waiting(database: Database, now: datetime, limit: int = 500) -> list[inbox.Waiting]:
    async with database.reading() as tx:
        return await inbox.waiting(tx, now, limit)


async def test_updates_wait_in_the_order_in_which_they_came(database: Database, now: datetime) -> None:
    assert await add(database, now, received(9), received(3, chat=2)) == 2
    assert await add(database, now, received(10)) == 1
    assert [(row.update_id, row.chat_id, row.attempts) for row in await waiting(database, now)] == [
        (9, 1, 0),
        (3, 2, 0),
        (10, 1, 0),
    ]
    assert [row.update_id for row in await waiting(database, now, limit=1)] == [9]


async def test_an_update_that_comes_again_is_passed_over(database: Database, now: datetime) -> None:
    await add(database, now, received(1))
    assert await add(database, now, received(1), received(2)) == 1
    assert await add(database, now) == 0
    assert [row.update_id for row in await waiting(database, now)] == [1, 2]


async def test_an_id_that_telegram_gives_again_after_an_idle_week_is_another_update(
    database: Database, now: datetime
) -> None:
    await add(database, now, received(1, raw="old"))
    assert await add(database, now, received(1, raw="new")) == 1
    assert [row.raw for row in await waiting(database, now)] == ["old", "new"]


async def test_half_an_emoji_is_kept_as_it_came(database: Database, now: datetime) -> None:
    await add(database, now, received(1, raw="\ud83d"))
    (row,) = await waiting(database, now)
    assert row.raw == "\ud83d"


async def test_the_raw_text_does_not_stand_in_the_table(database: Database, now: datetime) -> None:
    await add(database, now, received(1, raw="a secret"))
    async with database.reading() as tx:
        (stored,) = await tx.rows(schema.inbox.select())
    assert b"secret" not in stored.raw


async def test_a_row_is_taken_once(database: Database, now: datetime) -> None:
    await add(database, now, received(1))
    (row,) = await waiting(database, now)
    async with database.transaction() as tx:
        assert await inbox.take(tx, row.id, now)
        assert not await inbox.take(tx, row.id, now)
    assert await waiting(database, now) == []


async def test_what_is_rolled_back_waits_again(database: Database, now: datetime) -> None:
    await add(database, now, received(1))
    (row,) = await waiting(database, now)
    async with rows.undone(database) as tx:
        await inbox.take(tx, row.id, now)
    assert [row.update_id for row in await waiting(database, now)] == [1]


async def test_a_failed_row_holds_up_its_own_chat_only(database: Database, now: datetime) -> None:
    await add(database, now, received(1), received(2), received(3, chat=2), received(4, chat=None))
    (first, *_) = await waiting(database, now)
    async with database.transaction() as tx:
        await inbox.fail(tx, first.id, "KeyError", now, 5 * SECOND)
    assert [row.update_id for row in await waiting(database, now + 4 * SECOND)] == [3, 4]
    assert [row.update_id for row in await waiting(database, now + 5 * SECOND)] == [1, 3, 4, 2]  # each chat in turn


async def test_a_long_queue_behind_a_failed_row_does_not_hide_the_other_chats(
    database: Database, now: datetime
) -> None:
    await add(database, now, *(received(number) for number in range(20)), received(99, chat=2))
    (first, *_) = await waiting(database, now)
    async with database.transaction() as tx:
        await inbox.fail(tx, first.id, "KeyError", now, 5 * SECOND)
    assert [row.update_id for row in await waiting(database, now, limit=5)] == [99]


async def test_a_failed_row_without_a_chat_waits_alone(database: Database, now: datetime) -> None:
    await add(database, now, received(1, chat=None), received(2, chat=None))
    (first, _) = await waiting(database, now)
    async with database.transaction() as tx:
        await inbox.fail(tx, first.id, "KeyError", now, 5 * SECOND)
    assert [row.update_id for row in await waiting(database, now)] == [2]


async def test_a_dead_letter_is_kept_and_not_tried_again(database: Database, now: datetime) -> None:
    await add(database, now, received(1), received(2))
    (first, _) = await waiting(database, now)
    async with database.transaction() as tx:
        await inbox.fail(tx, first.id, "KeyError", now, None)
        assert await inbox.counts(tx) == {"dead": 1, "waiting": 1}
    assert [row.update_id for row in await waiting(database, now)] == [2]


async def test_attempts_are_counted(database: Database, now: datetime) -> None:
    await add(database, now, received(1))
    for attempts in range(3):
        (row,) = await waiting(database, now)
        assert row.attempts == attempts
        async with database.transaction() as tx:
            await inbox.fail(tx, row.id, "KeyError", now, timedelta(0))


async def test_a_row_that_does_not_open_comes_without_its_text_and_holds_up_nobody(
    database: Database, now: datetime
) -> None:
    await add(database, now, received(1), received(2))
    first, second = await waiting(database, now)
    async with database.transaction() as tx:
        moved = schema.inbox.select().with_only_columns(schema.inbox.c.raw).where(schema.inbox.c.id == second.id)
        await tx.execute(update(schema.inbox).where(schema.inbox.c.id == first.id).values(raw=moved.scalar_subquery()))
    assert [(row.update_id, row.raw) for row in await waiting(database, now)] == [(1, ""), (2, '{"update_id":2}')]


async def test_what_was_handled_is_forgotten_after_its_time_and_dead_letters_are_not(
    database: Database, now: datetime
) -> None:
    await add(database, now, received(1), received(2), received(3))
    first, second, _ = await waiting(database, now)
    async with database.transaction() as tx:
        await inbox.take(tx, first.id, now)
        await inbox.fail(tx, second.id, "KeyError", now, None)
        assert await keeping.forget(tx, "updates", now) == 0
        assert await keeping.forget(tx, "updates", now + SECOND) == 1
        assert await inbox.counts(tx) == {"dead": 1, "waiting": 1}
        assert await inbox.oldest_waiting_at(tx) == now


async def test_storing_wakes_the_inbox_once_it_is_committed(database: Database, now: datetime) -> None:
    heard: list[frozenset[str]] = []
    database.on_commit(heard.append)
    async with database.transaction() as tx:
        await inbox.add(tx, [received(1)], now)
        assert heard == []
    assert heard == [frozenset({"inbox"})]
