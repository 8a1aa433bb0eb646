"""Readiness: what a course needs on its first day, and what stands in the way of a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from content.protocols import shipped
from rules.finding import Finding
from rules.ladder import Step
from rules.protocol import Protocol, parse
from rules.tier import Tier
from services import readiness, rota
from services import versions as publishing
from services.clinic import Clinic
from services.errors import Refused
from store import courses, digests, findings, staff, versions
from tests.builders import add_member, add_patient, make_clinic, record_infusion

DAY = timedelta(days=1)


async def codes(clinic: Clinic, now: datetime) -> list[str]:
    async with clinic.database.reading() as tx:
        return [problem.code for problem in await readiness.problems(clinic, tx, now)]


@pytest.mark.parametrize(
    ("member", "covered"),
    [
        ({}, True),
        ({"on_call": "backup"}, True),
        ({"tested": False}, False),
        ({"linked": False}, False),
        ({"role": "coordinator"}, False),
        ({"on_call": None}, False),
    ],
)
async def test_a_course_needs_a_tested_clinician_on_its_first_day(
    clinic: Clinic, now: datetime, member: dict[str, object], covered: bool
) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, **{"on_call": "primary", "days": 3, **member})  # type: ignore[arg-type]
        patient = await add_patient(clinic, tx, now)
        if covered:
            assert (await record_infusion(clinic, tx, patient, now, uncovered=None)).slots > 0
            return
        with pytest.raises(Refused) as refused:
            await record_infusion(clinic, tx, patient, now, uncovered=None)
        assert "--uncovered" in refused.value.mend
        assert (await record_infusion(clinic, tx, patient, now, uncovered="a clinic day")).slots > 0


async def test_the_first_day_of_a_planned_course_is_looked_at_not_today(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary", days=3)
        await readiness.refuse_uncovered(clinic, tx, now + 2 * DAY, now)
        await readiness.refuse_uncovered(clinic, tx, now - 5 * DAY, now)  # recorded late: it is today that counts
        with pytest.raises(Refused):
            await readiness.refuse_uncovered(clinic, tx, now + 4 * DAY, now)


async def test_whoever_is_away_on_the_first_day_covers_nothing(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, on_call="primary", days=9)
        await readiness.refuse_uncovered(clinic, tx, now, now)
        await rota.send_away(tx, member, from_at=now, to_at=now + 2 * DAY, actor="cli", now=now)
        with pytest.raises(Refused):
            await readiness.refuse_uncovered(clinic, tx, now, now)
        await readiness.refuse_uncovered(clinic, tx, now + 2 * DAY, now)


async def test_whoever_blocked_the_bot_covers_nothing(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, on_call="primary")
        await staff.change(tx, member.id, blocked_at=now)
        with pytest.raises(Refused):
            await readiness.refuse_uncovered(clinic, tx, now, now)


async def test_an_empty_clinic_is_told_what_it_lacks(clinic: Clinic, now: datetime) -> None:
    assert await codes(clinic, now) == ["no-clinician", "nobody-on-call", "rota-gaps", "no-second-channel"]


async def test_each_problem_goes_when_it_is_mended(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, tested=False, on_call="primary", days=60)
    assert await codes(clinic, now) == ["no-tested-clinician", "untested-on-rota", "no-backup", "no-second-channel"]
    async with clinic.database.transaction() as tx:
        await staff.change(tx, member.id, tested_at=now)
        await add_member(clinic, tx, now, on_call="backup", days=60)
    assert await codes(make_clinic(clinic.database, second_channel=True), now) == []


async def test_a_level_that_is_left_empty_is_named_and_no_backup_is_none_where_no_ladder_leads_to_one(
    clinic: Clinic, now: datetime
) -> None:
    async def levels(at: datetime) -> list[str]:
        async with clinic.database.reading() as tx:
            found = await readiness.problems(clinic, tx, at)
        return [each.figures["level"] for each in found if each.code == "rota-gaps"]

    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary", days=99)
    assert (await levels(now), "no-backup" in await codes(clinic, now)) == ([], True)
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="backup", days=9)
    assert (await levels(now), "no-backup" in await codes(clinic, now)) == (["backup"], False)
    after = now + 40 * DAY  # by then it is how the clinic wants it
    assert (await levels(after), "no-backup" in await codes(clinic, after)) == ([], True)
    short = {tier: replace(each, steps=(each.steps[0], each.steps[-1])) for tier, each in clinic.ladders.items()}
    assert "no-backup" not in await codes(make_clinic(clinic.database, ladders=short), after)


async def test_a_planned_course_that_is_covered_no_more_is_a_problem(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, on_call="primary", days=60)
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now, ended_at=now + 9 * DAY, uncovered=None)
    assert "courses-uncovered" not in await codes(clinic, now)
    async with clinic.database.transaction() as tx:
        await staff.change(tx, member.id, tested_at=None)
    assert "courses-uncovered" in await codes(clinic, now)
    assert "courses-uncovered" not in await codes(clinic, now + 9 * DAY)  # it has begun


async def test_a_step_of_a_ladder_that_names_nobody_who_could_take_an_alert_is_named(
    clinic: Clinic, now: datetime
) -> None:
    async with clinic.database.transaction() as tx:
        able, desk, gone = [
            await add_member(clinic, tx, now, role=role) for role in ("clinician", "coordinator", "clinician")
        ]
        await staff.change(tx, gone.id, disabled_at=now)
    steps = [
        Step(to=to, after=timedelta(0))
        for to in ("primary", "backup", able.alias, able.id, "primry", gone.alias, desk.id)
    ]
    ladders = {tier: replace(each, steps=(*steps, each.steps[-1])) for tier, each in clinic.ladders.items()}
    async with clinic.database.reading() as tx:
        found = await readiness.problems(make_clinic(clinic.database, ladders=ladders), tx, now)
    named = [each.figures["steps"] for each in found if each.code == "step-to-nobody"]
    assert named == [f"primry, {gone.alias}, {desk.id}"]
    assert "step-to-nobody" not in await codes(clinic, now)


LOST = """
id = "ours"
extends = "ketamine-14d"
[escalation.red]
steps = [{ to = "primary", after = "0s" }, { to = "S-77", after = "1m" }]
repeat = "2m"
follow_up = "1h"
"""


async def test_the_ladders_of_versions_in_force_and_of_those_that_courses_stand_on_are_looked_at(
    clinic: Clinic, now: datetime
) -> None:
    def ours(to: str) -> Protocol:
        return parse(LOST.replace("S-77", to), "ours.toml", bases=shipped())

    async def lost() -> list[str]:
        async with clinic.database.reading() as tx:
            found = await readiness.problems(clinic, tx, now)
        return [each.figures["steps"] for each in found if each.code == "step-to-nobody"]

    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        await publishing.publish(tx, ours("S-77"), actor="cli", now=now)
        await record_infusion(clinic, tx, patient, now, protocol_id="ours")
    assert await lost() == ["S-77"]
    async with clinic.database.transaction() as tx:
        await publishing.publish(tx, ours("S-88"), actor="cli", now=now)
    assert await lost() == ["S-88, S-77"]  # one in force, the other still under a course


async def test_strangers_who_are_not_paged_for_are_mentioned(clinic: Clinic, now: datetime) -> None:
    assert "strangers-not-paged" in await codes(make_clinic(clinic.database, strangers="worklist"), now)


async def test_a_digest_that_nobody_opens_for_two_days_is_a_problem(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await findings.add(tx, [Finding(rule="said-mistake", tier=Tier.NOTE)], now=now, patient_id=None)
        gathered = await digests.gather(tx, now)
    assert gathered is not None
    assert "digest-unread" not in await codes(clinic, now + 2 * DAY - timedelta(seconds=1))
    assert "digest-unread" in await codes(clinic, now + 2 * DAY)
    async with clinic.database.transaction() as tx:
        await digests.opened(tx, gathered.digest.id, "member", now)
    assert "digest-unread" not in await codes(clinic, now + 2 * DAY)


async def test_a_version_that_cannot_be_read_any_more_is_named_first(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        course = (await record_infusion(clinic, tx, patient, now)).course
        of_old = await versions.keep(tx, protocol="old", body='["id = 1"]', now=now)
        await courses.stand_on(tx, course.id, of_old.id)
        first = (await readiness.problems(clinic, tx, now))[0]
    assert (first.code, first.figures) == ("protocol-unreadable", {"versions": "old 1"})
