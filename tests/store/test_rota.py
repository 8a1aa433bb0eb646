"""The rota's rows: shifts, rotations, absences, swaps and drills, each changed by whoever is first."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from rules.rota import Absence
from rules.rotation import Rotation
from store import absences, drills, rota, rotations, staff, swaps
from store.database import Database, Transaction

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


async def a_member(tx: Transaction, now: datetime) -> str:
    return (await staff.add(tx, name="Clinician One", role="clinician", language="en", now=now)).id


async def test_a_rotation_comes_back_as_it_was_until_it_has_ended(database: Database, now: datetime) -> None:
    given = Rotation(
        order=("b", "a"), level="backup", starts_on=date(2026, 5, 4), at=time(8, 30), zone="Europe/Madrid", days=14
    )
    async with database.transaction() as tx:
        rotation_id = await rotations.add(tx, given, now)
        assert await rotations.standing(tx, now) == {rotation_id: given}
        assert await rotations.end(tx, rotation_id, now + DAY)
        assert not await rotations.end(tx, rotation_id, now + DAY)
        assert (await rotations.standing(tx, now))[rotation_id].ends_at == now + DAY
        assert await rotations.standing(tx, now + DAY) == {}
        assert not await rotations.end(tx, "no such", now)


async def test_an_absence_touches_its_span_until_it_is_cancelled(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        away = Absence(staff=await a_member(tx, now), from_at=now, to_at=now + DAY)
        absence_id = await absences.add(tx, away, now)
        assert await absences.between(tx, now, now + MINUTE) == {absence_id: away}
        assert await absences.between(tx, now + DAY, now + 2 * DAY) == {}
        assert await absences.cancel(tx, absence_id, now)
        assert not await absences.cancel(tx, absence_id, now)
        assert await absences.between(tx, now, now + MINUTE) == {}


async def test_a_swap_goes_to_the_first_and_a_withdrawn_one_to_nobody(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        giver = await a_member(tx, now)
        span = {"staff_id": giver, "level": "primary", "from_at": now, "to_at": now + DAY}
        first = await swaps.add(tx, **span, now=now)  # type: ignore[arg-type]
        second = await swaps.add(tx, **span, now=now)  # type: ignore[arg-type]
        assert [each.id for each in await swaps.standing(tx, now)] == [first, second]
        assert await swaps.standing(tx, now + DAY) == []
        assert await swaps.take(tx, first, "one", now)
        assert not await swaps.take(tx, first, "two", now)
        assert not await swaps.withdraw(tx, first, now)
        assert await swaps.withdraw(tx, second, now)
        assert not await swaps.take(tx, second, "two", now)
        taken = await swaps.get(tx, first)
        assert taken is not None
        assert (taken.taken_by, taken.taken_at, await swaps.standing(tx, now)) == ("one", now, [])


async def test_for_one_shift_is_asked_once_and_its_silence_is_heeded_once(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        member = await a_member(tx, now)
        about = {"staff_id": member, "why": "shift", "level": "primary", "from_at": now, "to_at": now + DAY}
        drill_id = await drills.add(tx, **about, answer_by=now + MINUTE, now=now)  # type: ignore[arg-type]
        assert drill_id is not None
        assert await drills.add(tx, **about, answer_by=now + MINUTE, now=now) is None  # type: ignore[arg-type]
        assert await drills.asked_of_shifts(tx, now) == {(member, "primary", now)}
        assert await drills.next_at(tx, now) == now + MINUTE
        assert await drills.overdue(tx, now) == []
        assert [each.id for each in await drills.overdue(tx, now + MINUTE)] == [drill_id]
        assert await drills.silent(tx, now + MINUTE) == {member}
        assert await drills.missed(tx, drill_id, now + MINUTE)
        assert not await drills.missed(tx, drill_id, now + MINUTE)
        await drills.answered(tx, member, now + 2 * MINUTE)
        assert await drills.silent(tx, now + 2 * MINUTE) == set()
        assert await drills.unanswered(tx, member) == []


async def test_what_was_answered_in_time_is_not_missed(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        member = await a_member(tx, now)
        drill_id = await drills.add(tx, staff_id=member, why="request", answer_by=now + MINUTE, now=now)
        assert drill_id is not None
        await drills.answered(tx, member, now)
        assert await drills.overdue(tx, now + DAY) == []
        assert not await drills.missed(tx, drill_id, now + DAY)
        assert await drills.last_asked(tx) == {member: now}


async def test_what_a_silence_made_ends_and_keeps_what_was(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        member = await a_member(tx, now)
        span = {"staff_id": member, "level": "primary", "from_at": now, "to_at": now + DAY, "override": True}
        made = await rota.add(tx, **span, instead_of="other", drill_id="drill", now=now)  # type: ignore[arg-type]
        by_hand = await rota.add(tx, **span, now=now)  # type: ignore[arg-type]
        assert await rota.end_of_drill(tx, "drill", now + MINUTE) == 1
        assert await rota.end_of_drill(tx, "drill", now + MINUTE) == 0
        found = {each.id: each.to_at for each in await rota.between(tx, now, now + DAY)}
        assert found == {made: now + MINUTE, by_hand: now + DAY}
        assert await rota.cancel(tx, by_hand, now)
        assert not await rota.cancel(tx, by_hand, now)
