"""Drills: on request and on schedule, measured, and asked of whoever a page may go to."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services import drills, readiness
from services.clinic import Clinic
from services.errors import Refused
from services.turn import Incoming, Turn
from store import outbox, staff
from store.database import Transaction
from store.ids import InboxId
from store.staff import Member
from tests.builders import add_member, make_clinic

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def turn_of(clinic: Clinic, tx: Transaction, member: Member, now: datetime) -> Turn:
    incoming = Incoming(kind="press", user_id=member.user_id, chat_id=member.chat_id, private=True)
    return Turn(clinic=clinic, tx=tx, now=now, incoming=incoming, inbox_id=InboxId("i"), patient=None, member=member)


async def pages(tx: Transaction, now: datetime) -> list[str | None]:
    """Whom the drills go to that were queued since the last look."""
    claimed = await outbox.claim(tx, "page", claimer="t", now=now, lease=90 * DAY, limit=99)
    return [message.staff_id for message in claimed if message.kind == "drill"]


async def test_the_drills_button_makes_a_tested_clinician_and_measures(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, tested=False)
        await drills.send_asked(turn_of(clinic, tx, member, now))
        assert await pages(tx, now) == [member.id]
        await drills.answer_pressed(turn_of(clinic, tx, member, now + 42 * MINUTE))
        assert [each.id for each in await readiness.tested(tx)] == [member.id]
        (done,) = await outbox.claim(tx, "reply", claimer="t", now=now + HOUR, lease=DAY, limit=9)
        (line,) = await drills.lines(tx, now)
    assert (done.kind, done.params["seconds"]) == ("drill-done", 42 * 60)
    assert (line["staff"], line["why"], line["seconds"], line["missed"]) == (member.alias, "request", 42 * 60, False)


async def test_a_button_from_before_there_were_rows_still_counts(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, tested=False)
        await drills.answer_pressed(turn_of(clinic, tx, member, now))
        assert await readiness.tested(tx)
        assert await drills.lines(tx, now - DAY) == []


async def test_one_press_answers_all_that_was_asked(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now)
        for minutes in (0, 10):
            await drills.send(tx, member, "request", now + minutes * MINUTE)
        await drills.answer_pressed(turn_of(clinic, tx, member, now + 11 * MINUTE))
        assert [each["seconds"] for each in await drills.lines(tx, now)] == [660, 60]


async def test_the_desk_drills_one_or_all_whom_a_page_may_go_to(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        one, two = await add_member(clinic, tx, now), await add_member(clinic, tx, now)
        unlinked = await add_member(clinic, tx, now, linked=False)
        await add_member(clinic, tx, now, role="coordinator")
        assert [each.id for each in await drills.send_to(clinic, tx, [one], actor="cli", now=now)] == [one.id]
        assert [each.id for each in await drills.send_to(clinic, tx, None, actor="cli", now=now)] == [one.id, two.id]
        with pytest.raises(Refused, match="cannot be reached"):
            await drills.send_to(clinic, tx, [unlinked], actor="cli", now=now)


async def test_who_was_not_asked_for_a_week_is_drilled_in_clinic_hours(clinic: Clinic, now: datetime) -> None:
    weekly = make_clinic(clinic.database, drill_every=7 * DAY)
    async with clinic.database.transaction() as tx:
        one, two = await add_member(clinic, tx, now), await add_member(clinic, tx, now)
        await drills.send(tx, one, "request", now - 3 * DAY)
        await drills.send(tx, two, "request", now - 6 * DAY)
        await pages(tx, now)

    async def asked(at: datetime) -> list[str | None]:
        await drills.ask_due(weekly, at)
        async with clinic.database.transaction() as tx:
            return await pages(tx, at)

    assert await asked(now) == []
    assert await asked(now + DAY) == [two.id]
    assert await asked(now + DAY) == []
    async with clinic.database.reading() as tx:
        assert await drills.next_due_at(weekly, tx, now + DAY) == now + DAY + weekly.answer_within
        friday_noon = now + 4 * DAY
        assert await drills.next_due_at(weekly, tx, now + 2 * DAY) == friday_noon
    assert await asked(now + 4 * DAY + 8 * HOUR) == []  # in the evening
    assert await asked(now + 5 * DAY) == []  # on Saturday
    assert await asked(now + 7 * DAY) == [one.id]


async def test_without_a_schedule_nobody_is_drilled(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now)
    await drills.ask_due(clinic, now)
    async with clinic.database.transaction() as tx:
        assert await pages(tx, now) == []
        await staff.change(tx, (await staff.every(tx))[0].id, disabled_at=now)
        assert await drills.next_due_at(clinic, tx, now) is None


async def test_who_misses_a_drill_is_tested_no_more_until_they_answer(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now)
        gone = await add_member(clinic, tx, now, name="Clinician Two")
        coordinator = await add_member(clinic, tx, now, name="Front Desk", role="coordinator")
        await drills.send_to(clinic, tx, [member, gone], actor="cli", now=now)
        await staff.change(tx, gone.id, disabled_at=now)
    late = now + clinic.answer_within
    assert await drills.overdue(clinic, late - MINUTE) == []
    for drill_id in await drills.overdue(clinic, late):
        await drills.heed_silence(clinic, drill_id, late)
        await drills.heed_silence(clinic, drill_id, late)  # heeded once
    async with clinic.database.transaction() as tx:
        assert await readiness.tested(tx) == []
        told = await outbox.claim(tx, "reply", claimer="t", now=late, lease=DAY, limit=9)
        await drills.answer_pressed(turn_of(clinic, tx, member, late + MINUTE))
        assert [each.id for each in await readiness.tested(tx)] == [member.id]
    assert [(each.kind, each.staff_id, each.params["name"]) for each in told] == [
        ("drill-missed", coordinator.id, "Clinician One")
    ]
