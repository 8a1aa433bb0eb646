"""Protocol versions, infusions and courses; answers and findings about them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from rules.finding import Finding
from rules.tier import Tier
from store import answers, courses, findings, versions
from store.database import Database
from store.schema import answer
from tests.store import rows

DAY = timedelta(days=1)


async def test_a_protocol_that_did_not_change_is_the_same_version(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        first = await versions.keep(tx, protocol="a", body="1", now=now)
        second = await versions.keep(tx, protocol="a", body="2", now=now)
        other = await versions.keep(tx, protocol="b", body="1", now=now)
        again = await versions.keep(tx, protocol="a", body="1", now=now)
        assert await versions.get(tx, second.id) == second
    assert [first.version, second.version, other.version] == [1, 2, 1]
    assert again == first


async def test_a_course_stands_with_its_infusion(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        added = await rows.course(tx, whose, now)
        assert await courses.of_patient(tx, whose.id) == await courses.active(tx) == [added]
        assert await courses.by_infusion(tx, added.infusion_id) == await courses.by_infusion(tx, added.id) == added
        standing = await versions.of_courses(tx, [added.id])
        assert {course_id: (each.version, each.body) for course_id, each in standing.items()} == {added.id: (1, "[]")}


async def test_a_course_moves_with_its_infusion(database: Database, now: datetime) -> None:
    later = now + DAY
    async with database.transaction() as tx:
        added = await rows.course(tx, await rows.patient(tx, now), now)
        await courses.move(tx, added, infusion_at=later, infusion_on=later.date(), ends_at=later + DAY)
        (moved,) = await courses.active(tx)
    assert (moved.infusion_at, moved.infusion_on, moved.starts_at, moved.ends_at) == (
        later,
        later.date(),
        later,
        later + DAY,
    )


async def test_only_active_courses_end(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        over, cancelled = [await rows.course(tx, whose, now - days * DAY) for days in (15, 16)]
        await rows.course(tx, whose, now)
        await courses.set_state(tx, cancelled.id, "cancelled")
        await courses.cancel_infusion(tx, cancelled.infusion_id, now)
        assert [each.id for each in await courses.ended(tx, now)] == [over.id]
        assert len(await courses.active_of(tx, whose.id)) == 2


async def test_answers_come_in_the_order_in_which_they_were_said(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        asked = await rows.checkin(tx, whose, now)

        async def say(value: int, minutes: int, corrects: str | None = None) -> str:
            at = now + timedelta(minutes=minutes)
            given = await answers.add(
                tx,
                patient_id=whose.id,
                checkin_id=asked.id,
                instrument="mood",
                item="rating",
                via="button",
                at=at,
                now=now + DAY,
                value=value,
                corrects=corrects,
            )
            return given.id

        second, first = await say(4, 2), await say(7, 1)
        third = await say(5, 3, corrects=second)
        found = await answers.of_checkins(tx, [asked.id])
        assert [(row.id, row.value, row.corrects) for row in found] == [
            (first, 7, None),
            (second, 4, None),
            (third, 5, second),
        ]
        recent = await answers.of_patient(tx, whose.id, since=now + timedelta(minutes=2))
        assert [row.value for row in recent] == [4, 5]


async def test_a_patient_s_words_are_sealed_and_read_only_for_a_reveal(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        await answers.add(
            tx,
            patient_id=whose.id,
            checkin_id=None,
            instrument="words",
            item="words",
            via="typed",
            at=now,
            now=now,
            words="cannot sleep",
        )
        row = await tx.row(select(answer))
        assert row is not None
        assert b"sleep" not in row.words
        assert [found.has_words for found in await answers.of_patient(tx, whose.id)] == [True]
        assert await answers.words_of(tx, whose.id, since=now) == [(now, "cannot sleep")]
        assert await answers.words_of(tx, whose.id, since=now + DAY) == []
        await database.keyring.destroy(tx, whose.id)
    async with database.reading() as tx:
        assert await answers.words_of(tx, whose.id, since=now) == []


async def test_findings_come_back_with_their_place_and_figures(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        whose = await rows.patient(tx, now)
        about = await rows.alert(tx, whose, now)
        seen = [
            Finding(rule="plan", tier=Tier.RED, span=(3, 9), detail={"view": "plain"}),
            Finding(rule="mood-fall", tier=Tier.AMBER, detail={"fall": 4}),
        ]
        await findings.add(tx, seen, now=now, patient_id=whose.id, alert_id=about.id, ruleset="f00")
        await findings.add(tx, [], now=now, patient_id=whose.id)
        assert [stored.finding for stored in await findings.of_alert(tx, about.id)] == seen
        assert await findings.last_at(tx, whose.id, Tier.RED, Tier.AMBER) == now
        assert await findings.last_at(tx, whose.id, Tier.NOTE) is None
        assert await findings.has(tx, whose.id, "plan", now)
        assert not await findings.has(tx, whose.id, "plan", now + DAY)
