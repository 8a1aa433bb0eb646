"""The outbox: claimed on a lease by one, settled by the claimer alone, queued once under one key."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from store import outbox, paging, schema
from store.database import Database
from store.outbox import Claimed, Draft, Settlement
from store.set_back import set_back
from tests.databases import opened

SECOND = timedelta(seconds=1)
LEASE = 30 * SECOND


def draft(chat: int = 1, *, lane: str = "bulk", kind: str = "prompt", **changes: Any) -> Draft:
    return Draft(lane=lane, kind=kind, chat_id=chat, language="en", **changes)


async def queue(database: Database, now: datetime, *drafts: Draft) -> int:
    async with database.transaction() as tx:
        return await outbox.queue(tx, drafts, now)


async def claim(
    database: Database, now: datetime, *, lane: str = "bulk", claimer: str = "one", limit: int = 100
) -> list[Claimed]:
    async with database.transaction() as tx:
        return await outbox.claim(tx, lane, claimer=claimer, now=now, lease=LEASE, limit=limit)


async def settle(database: Database, now: datetime, *settlements: Settlement, claimer: str = "one") -> int:
    async with database.transaction() as tx:
        return await outbox.settle(tx, settlements, claimer=claimer, now=now)


async def stored(database: Database) -> list[Any]:
    async with database.reading() as tx:
        return list(await tx.rows(schema.outbox.select().order_by(schema.outbox.c.id)))


def chats(claimed: list[Claimed]) -> list[int | None]:
    return [message.chat_id for message in claimed]


async def test_a_claim_takes_what_is_due_in_its_lane_oldest_first(database: Database, now: datetime) -> None:
    late = draft(1, due_at=now + SECOND)
    await queue(database, now, late, draft(2), draft(3, due_at=now - SECOND), draft(4, lane="page"))
    assert chats(await claim(database, now)) == [3, 2]
    assert chats(await claim(database, now + SECOND)) == [1]
    assert chats(await claim(database, now, lane="page")) == [4]


async def test_a_claim_keeps_to_its_limit_and_to_the_order(database: Database, now: datetime) -> None:
    await queue(database, now, *(draft(chat) for chat in range(7)))
    assert [chats(await claim(database, now, limit=3)) for _ in range(4)] == [[0, 1, 2], [3, 4, 5], [6], []]


async def test_what_was_queued_comes_out_as_it_went_in(database: Database, now: datetime) -> None:
    expires = now + LEASE
    await queue(
        database,
        now,
        draft(params={"name": "Ana", "n": [1]}, edits=7, checkin_id="c", expires_at=expires, staff_id="s"),
    )
    (row,) = await stored(database)
    assert b"Ana" not in row.body
    (message,) = await claim(database, now)
    assert message.params == {"name": "Ana", "n": [1]}
    assert (message.edits, message.checkin_id, message.staff_id, message.expires_at) == (7, "c", "s", expires)
    assert (message.created_at, message.attempts) == (now, 1)


async def test_the_same_thing_is_queued_once(database: Database, now: datetime) -> None:
    assert await queue(database, now, draft(1, once="a"), draft(2), draft(3)) == 3
    assert await queue(database, now, draft(1, once="a"), draft(4, once="b")) == 1
    assert chats(await claim(database, now)) == [1, 2, 3, 4]
    assert await queue(database, now, draft(1, once="a")) == 0


async def test_more_than_one_statement_holds_can_be_queued_at_once(database: Database, now: datetime) -> None:
    assert await queue(database, now, *(draft(chat, once=f"k{chat}") for chat in range(320))) == 320
    assert await queue(database, now) == 0
    assert chats(await claim(database, now, limit=1000)) == list(range(320))


async def test_a_held_message_is_taken_again_when_its_lease_has_lapsed(database: Database, now: datetime) -> None:
    await queue(database, now, draft())
    assert len(await claim(database, now)) == 1
    assert await claim(database, now + LEASE, claimer="two") == []
    (again,) = await claim(database, now + LEASE + SECOND, claimer="two")
    assert again.attempts == 2


async def test_no_lease_lasts_for_hours_because_the_clock_was_set_back(database: Database, now: datetime) -> None:
    await queue(database, now, draft(lane="page"))
    await claim(database, now, lane="page")
    earlier = now - 7200 * SECOND
    async with database.transaction() as tx:
        await set_back(tx, now - earlier, earlier)
    assert await claim(database, earlier + SECOND, lane="page", claimer="two") == []
    assert chats(await claim(database, earlier + 61 * SECOND, lane="page", claimer="two")) == [1]


async def test_only_the_claimer_settles(database: Database, now: datetime) -> None:
    await queue(database, now, draft())
    (message,) = await claim(database, now)
    sent = Settlement(id=message.id, state="sent", outcome="sent", message_id=11)
    assert await settle(database, now, sent, claimer="two") == 0
    assert await settle(database, now, sent) == 1
    assert await settle(database, now, sent) == 0
    (row,) = await stored(database)
    assert (row.state, row.message_id, row.sent_at, row.leased_until) == ("sent", 11, now, None)


async def test_who_lost_the_lease_settles_nothing(database: Database, now: datetime) -> None:
    await queue(database, now, draft())
    (message,) = await claim(database, now)
    await claim(database, now + LEASE + SECOND, claimer="two")
    refused = Settlement(id=message.id, state="refused", outcome="blocked")
    assert await settle(database, now, refused, claimer="one") == 0
    assert await settle(database, now, refused, claimer="two") == 1


async def test_each_outcome_is_written_to_its_own_message(database: Database, now: datetime) -> None:
    await queue(database, now, *(draft(chat) for chat in range(4)))
    a, b, c, d = await claim(database, now)
    done = await settle(
        database,
        now,
        Settlement(id=a.id, state="sent", outcome="sent", message_id=5),
        Settlement(id=b.id, state="refused", outcome="blocked"),
        Settlement(id=c.id, state="waiting", outcome="429", again_at=now + 9 * SECOND),
        Settlement(id=d.id, state="dropped", outcome="x" * 500),
    )
    assert done == 4
    assert [(row.state, row.outcome[:7], row.message_id) for row in await stored(database)] == [
        ("sent", "sent", 5),
        ("refused", "blocked", None),
        ("waiting", "429", None),
        ("dropped", "xxxxxxx", None),
    ]
    assert await claim(database, now + 8 * SECOND) == []
    assert chats(await claim(database, now + 9 * SECOND)) == [2]


@pytest.mark.parametrize("limit", [1, 7])
async def test_claimers_at_the_same_time_never_get_the_same_message(
    database: Database, database_url: str, now: datetime, limit: int
) -> None:
    await queue(database, now, *(draft(chat) for chat in range(60)))

    async def empty(claimer: str) -> list[str]:
        taken: list[str] = []
        async with opened(database_url) as own:
            while claimed := await claim(own, now, claimer=claimer, limit=limit):
                assert len(claimed) <= limit
                taken += [message.id for message in claimed]
        return taken

    taken = Counter(chain(*await asyncio.gather(*(empty(f"claimer-{n}") for n in range(4)))))
    assert len(taken) == 60
    assert set(taken.values()) == {1}


@pytest.mark.on("postgresql")
async def test_a_claimer_passes_over_what_another_is_just_taking(database: Database, now: datetime) -> None:
    await queue(database, now, draft(1), draft(2))
    async with database.transaction() as tx:
        first = await outbox.claim(tx, "bulk", claimer="one", now=now, lease=LEASE, limit=1)
        second = await claim(database, now, claimer="two")
    assert (chats(first), chats(second)) == ([1], [2])


async def test_pages_about_an_alert_are_taken_back(database: Database, now: datetime) -> None:
    page = draft(1, lane="page", kind="page", alert_id="a")
    edit = draft(2, lane="reply", kind="page-taken", alert_id="a")
    await queue(database, now, page, edit, draft(3, lane="page", kind="page", alert_id="b"))
    async with database.transaction() as tx:
        await outbox.drop(tx, reason="acknowledged", alert_id="a")
        assert await paging.pages_of(tx, ["a", "b"]) == {"b": 1}
    assert chats(await claim(database, now, lane="page")) == [3]
    assert chats(await claim(database, now, lane="reply")) == [2]


async def test_prompts_about_a_check_in_are_taken_back(database: Database, now: datetime) -> None:
    await queue(database, now, draft(1, checkin_id="a"), draft(2, checkin_id="b"))
    async with database.transaction() as tx:
        await outbox.drop(tx, reason="answered", checkin_id="a")
    assert chats(await claim(database, now)) == [2]


async def test_the_latest_page_in_each_chat_can_be_edited(database: Database, now: datetime) -> None:
    page: dict[str, Any] = {"lane": "page", "kind": "page", "alert_id": "a"}
    await queue(database, now, draft(1, staff_id="s1", **page), draft(2, staff_id="s2", **page))
    await queue(database, now, draft(1, staff_id="s1", **page), draft(3, staff_id="s3", **page))
    *sent, unsent = await claim(database, now, lane="page")
    assert unsent.staff_id == "s3"
    await settle(
        database,
        now,
        *(Settlement(id=m.id, state="sent", outcome="sent", message_id=n) for n, m in enumerate(sent, 100)),
    )
    async with database.reading() as tx:
        pages = await paging.sent_pages(tx, "a")
    assert {(page.staff_id, page.chat_id, page.message_id) for page in pages} == {("s1", 1, 102), ("s2", 2, 101)}


async def test_when_something_waits_can_be_asked(database: Database, now: datetime) -> None:
    async with database.reading() as tx:
        assert (await outbox.next_due_at(tx), await paging.oldest_unsent_page_at(tx)) == (None, None)
    await queue(database, now - SECOND, draft(due_at=now + SECOND), draft(lane="page", due_at=now + LEASE))
    await claim(database, now + LEASE, lane="page")
    async with database.reading() as tx:
        assert await outbox.next_due_at(tx) == now + SECOND
        assert await paging.oldest_unsent_page_at(tx) == now - SECOND


async def test_queueing_wakes_the_lanes(database: Database, now: datetime) -> None:
    heard: list[frozenset[str]] = []
    database.on_commit(heard.append)
    await queue(database, now, draft(), draft(lane="page"))
    assert heard == [frozenset({"bulk", "page"})]
