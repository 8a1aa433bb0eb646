"""Check-ins: written and read back, sent together with those whose prompt carries them, wanted while they are open."""

from __future__ import annotations

from datetime import datetime, timedelta

from store import checkins, patients, prompts
from store.checkins import Checkin
from store.database import Database, Transaction
from tests.store import rows

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


async def again(tx: Transaction, *known: Checkin) -> list[Checkin]:
    return [found for row in known if (found := await checkins.get(tx, row.id))]


async def test_a_check_in_comes_back_as_it_was_written(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        standing = await rows.course(tx, whose, now)
        row = await rows.checkin(
            tx, whose, now, course_id=standing.id, asks=("sleep", "mood"), optional=("phq2",), in_mood_stream=True
        )
    assert (row.asks, row.optional, row.in_mood_stream, row.state) == (("sleep", "mood"), ("phq2",), True, "scheduled")
    assert (row.due_at, row.local_on, row.course_id) == (now, now.date(), standing.id)


async def test_all_check_ins_of_a_sent_prompt_are_sent_and_no_others(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        lead, led, answered, other = [await rows.checkin(tx, whose, now, key=key) for key in "abcd"]
        marks = [(lead.id, None), (led.id, lead.id), (answered.id, lead.id), (other.id, None)]
        await prompts.queued(tx, [(row, leading, None) for row, leading in marks], now)
        await checkins.change(tx, answered.id, state="answered")
        await checkins.sent(tx, [(lead.id, 77)], now + MINUTE)
        await checkins.sent(tx, [], now)
        found = await again(tx, lead, led, answered, other)
        assert [row.id for row in await checkins.of_prompt(tx, lead.id)] == [lead.id, led.id, answered.id]
    assert [(row.state, row.message_id, row.sent_at) for row in found] == [
        ("sent", 77, now + MINUTE),
        ("sent", 77, now + MINUTE),
        ("answered", 77, now + MINUTE),
        ("scheduled", None, None),
    ]


async def test_a_prompt_that_was_sent_twice_keeps_its_first_instant(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        row = await rows.checkin(tx, await rows.patient(tx, now), now)
        await checkins.sent(tx, [(row.id, 1)], now)
        await checkins.sent(tx, [(row.id, 2)], now + MINUTE)
        assert [(found.sent_at, found.message_id) for found in await again(tx, row)] == [(now, 2)]


async def test_only_what_is_open_is_still_wanted(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose, paused = await rows.patient(tx, now), await rows.patient(tx, now)
        open_one, answered = [await rows.checkin(tx, whose, now, key=key) for key in "ab"]
        theirs = await rows.checkin(tx, paused, now)
        await checkins.change(tx, answered.id, state="answered")
        await patients.change(tx, paused.id, state="paused")
        everything = [open_one.id, answered.id, theirs.id]
        assert await checkins.still_wanted(tx, everything) == {open_one.id}
        assert await checkins.still_wanted(tx, []) == set()


async def test_what_a_patient_types_answers_the_question_asked_last(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        first, second, cancelled = [await rows.checkin(tx, whose, now, key=key) for key in "abc"]
        assert await checkins.asked_last(tx, whose.id) is None
        for row, minutes in ((second, 1), (first, 2), (cancelled, 3)):
            await checkins.change(tx, row.id, asked="mood/rating", asked_at=now + minutes * MINUTE)
        await checkins.change(tx, cancelled.id, state="cancelled")
        found = await checkins.asked_last(tx, whose.id)
    assert found is not None
    assert found.id == first.id


async def test_a_patient_s_check_ins_are_listed_by_the_time_they_are_due(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        late, early = [await rows.checkin(tx, whose, now + hours * HOUR, key=str(hours)) for hours in (2, 1)]
        await rows.checkin(tx, await rows.patient(tx, now), now)
        await checkins.change_all(tx, [late.id], state="cancelled", cancelled_because="pause")
        await checkins.change_all(tx, [], state="expired")
        assert [row.id for row in await checkins.of_patient(tx, whose.id)] == [early.id, late.id]
        assert [row.id for row in await checkins.unsent_of(tx, whose.id)] == [early.id]
