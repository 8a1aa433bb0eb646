"""The ladder on the database: opened, rung, climbed, acknowledged, forgotten, rung again; nobody is left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from rules import ladder
from rules.finding import Finding
from rules.tier import Tier
from services import alerting, overdue, ownership, safety
from services.alerting import Person
from services.clinic import Clinic
from services.delivery import Claimed
from services.protocols import Shelf
from store import alerts, courses, staff, versions
from store.alerts import Alert
from store.patients import Patient
from store.staff import Member
from tests.builders import add_member, add_patient, make_clinic, record_infusion, shelf
from tests.wire import deliver

MINUTE = timedelta(minutes=1)
RED = Finding(rule="free-text-plan", tier=Tier.RED)
AMBER = Finding(rule="mood-fall", tier=Tier.AMBER)
UNSAFE = Finding(rule="unsafe", tier=Tier.AMBER)


@dataclass(kw_only=True)
class Ward:
    """A patient, a primary, a backup and a clinician who is off duty."""

    clinic: Clinic
    patient: Patient
    primary: Member
    backup: Member
    other: Member

    async def find(self, finding: Finding, now: datetime) -> Alert:
        """A rule finds something."""
        async with self.clinic.database.transaction() as tx:
            return await alerting.open_or_join(self.clinic, tx, Person(patient=self.patient), [finding], now)

    async def look(self, now: datetime) -> list[str]:
        """The pass of the ladder, and who is paged by it."""
        for alert_id in await overdue.alerts_due(self.clinic, now):
            await overdue.climb(self.clinic, alert_id, now)
        return self.who(await deliver(self.clinic, now, "page"))

    def who(self, pages: list[Claimed]) -> list[str]:
        """The levels of those who got a new page."""
        names = {self.primary.id: "primary", self.backup.id: "backup", self.other.id: "other"}
        return sorted(names.get(str(page.staff_id), page.channel) for page in pages if page.edits is None)

    async def alert(self) -> Alert:
        """The only alert, as it stands."""
        async with self.clinic.database.reading() as tx:
            (only,) = await alerts.every(tx)
        return only

    async def acknowledge(self, member: Member, now: datetime) -> bool:
        """A clinician takes it."""
        async with self.clinic.database.transaction() as tx:
            return await ownership.acknowledge(self.clinic, tx, await self.alert(), member, now)


@pytest.fixture
async def ward(clinic: Clinic, now: datetime) -> Ward:
    async with clinic.database.transaction() as tx:
        return Ward(
            clinic=clinic,
            patient=await add_patient(clinic, tx, now),
            primary=await add_member(clinic, tx, now, on_call="primary"),
            backup=await add_member(clinic, tx, now, name="Clinician Two", on_call="backup"),
            other=await add_member(clinic, tx, now, name="Clinician Three"),
        )


async def test_a_red_alert_pages_in_its_own_transaction_and_climbs_until_it_is_acknowledged(
    ward: Ward, now: datetime
) -> None:
    await ward.find(RED, now)
    assert ward.who(await deliver(ward.clinic, now, "page")) == ["primary"]
    assert await ward.look(now + MINUTE) == []
    assert await ward.look(now + 2 * MINUTE) == ["primary"]  # the repeat
    assert await ward.look(now + 5 * MINUTE) == ["backup", "primary"]
    assert await ward.look(now + 10 * MINUTE) == ["backup", "other", "primary"]
    assert await ward.look(now + 12 * MINUTE) == ["backup", "other", "primary"]
    assert await ward.acknowledge(ward.backup, now + 13 * MINUTE)
    assert await ward.look(now + 14 * MINUTE) == []


async def test_an_acknowledged_alert_that_is_forgotten_reminds_its_owner_and_then_pages_again(
    ward: Ward, now: datetime
) -> None:
    await ward.find(RED, now)
    await ward.acknowledge(ward.backup, now)
    await deliver(ward.clinic, now)
    assert await ward.look(now + 30 * MINUTE) == ["backup"]
    assert await ward.look(now + 60 * MINUTE) == ["backup", "other", "primary"]
    alert = await ward.alert()
    assert (alert.state, alert.acknowledged_at, alert.owner_id) == ("open", None, ward.backup.id)
    assert await ward.acknowledge(ward.primary, now + 61 * MINUTE)
    assert (await ward.alert()).owner_id == ward.primary.id


async def test_a_contacted_alert_rests_until_something_new_comes(ward: Ward, now: datetime) -> None:
    await ward.find(AMBER, now)
    await ward.acknowledge(ward.primary, now)
    async with ward.clinic.database.transaction() as tx:
        await ownership.record_contact(ward.clinic, tx, await ward.alert(), ward.primary, now)
    await deliver(ward.clinic, now)
    assert await ward.look(now + timedelta(hours=20)) == []
    await ward.find(AMBER, now + timedelta(hours=24))
    assert ward.who(await deliver(ward.clinic, now + timedelta(hours=24), "page")) == ["primary"]
    alert = await ward.alert()
    assert (alert.state, alert.contacted_at) == ("open", None)


async def test_a_red_finding_rings_again_after_an_acknowledgement_and_turns_an_amber_alert_red(
    ward: Ward, now: datetime
) -> None:
    await ward.find(AMBER, now)
    await ward.acknowledge(ward.primary, now)
    await deliver(ward.clinic, now)
    alert = await ward.find(RED, now + MINUTE)
    assert (alert.tier, alert.state) == (Tier.RED, "open")
    (page,) = [each for each in await deliver(ward.clinic, now + MINUTE, "page") if each.edits is None]
    assert (page.params["tier"], page.params["why"]) == ("red", "worse")
    assert page.params["reasons"] == ["free-text"]


async def test_a_thousand_red_messages_are_one_alert_and_hold_the_climb_back_not_at_all(
    ward: Ward, now: datetime
) -> None:
    rung = []
    for second in range(0, 600, 20):
        await ward.find(RED, now + timedelta(seconds=second))
        rung += await ward.look(now + timedelta(seconds=second))
    assert (await ward.alert()).number == 1
    assert rung.count("primary") <= 2 * 600 // 120 + 2
    assert "backup" in rung


async def test_an_amber_waits_for_the_opening_but_not_when_it_cannot_wait(ward: Ward, now: datetime) -> None:
    evening = now + timedelta(hours=10)  # Monday 22:00 in Madrid; the clinic opens at 9:00
    await ward.find(AMBER, evening)
    assert await ward.look(evening + MINUTE) == []
    await ward.find(UNSAFE, evening + 2 * MINUTE)  # "not sure of being safe" does not wait
    assert ward.who(await deliver(ward.clinic, evening + 2 * MINUTE, "page")) == ["primary"]


async def test_whoever_cannot_be_reached_is_skipped_at_once(ward: Ward, now: datetime) -> None:
    await ward.find(RED, now)
    await deliver(ward.clinic, now, "page", unreachable=[ward.primary.chat_id])
    assert await ward.look(now) == ["backup"]


async def test_with_nobody_on_call_every_clinician_and_the_second_channel_are_paged_and_the_patient_told(
    clinic: Clinic, now: datetime
) -> None:
    clinic = make_clinic(clinic.database, second_channel=True)
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        off_duty = await add_member(clinic, tx, now)
        await safety.act(clinic, tx, patient, [RED], now=now)
    pages = await deliver(clinic, now, "page")
    assert sorted((page.channel, page.staff_id) for page in pages) == [("second", None), ("telegram", off_duty.id)]
    kinds = {message.kind for message in await deliver(clinic, now, "crisis")}
    assert "crisis" in kinds


async def test_when_nobody_at_all_can_be_reached_the_patient_is_told_the_truth(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        await safety.act(clinic, tx, patient, [RED], now=now)
    assert {message.kind for message in await deliver(clinic, now, "crisis")} == {"crisis", "not-reached"}


async def test_a_step_may_name_somebody_by_alias_and_somebody_who_left_is_skipped(ward: Ward, now: datetime) -> None:
    policy = ladder.parse(
        {
            "steps": [{"to": ward.other.alias, "after": "0s"}, {"to": ward.backup.id, "after": "5m"}],
            "repeat": "2m",
            "follow_up": "60m",
        }
    )
    ward.clinic = make_clinic(ward.clinic.database, ladders={Tier.RED: policy, Tier.AMBER: policy})
    async with ward.clinic.database.transaction() as tx:
        await staff.change(tx, ward.other.id, disabled_at=now, chat_id=None)
    await ward.find(RED, now)
    assert ward.who(await deliver(ward.clinic, now, "page")) == ["backup"]


OWN_LADDER = """
id = "own-ladder"
extends = "ketamine-14d"
[escalation.red]
steps = [{ to = "everyone", after = "0s" }]
repeat = "1m"
follow_up = "20m"
"""


async def test_a_protocol_may_have_a_ladder_of_its_own_for_a_tier(ward: Ward, now: datetime) -> None:
    texts = shelf().texts
    texts = {**texts, "own-ladder": (*texts["ketamine-14d"], OWN_LADDER)}
    ward.clinic = make_clinic(ward.clinic.database, protocols=Shelf(texts=texts, default="own-ladder"))
    async with ward.clinic.database.transaction() as tx:
        await record_infusion(ward.clinic, tx, ward.patient, now)
    await ward.find(AMBER, now)
    assert ward.who(await deliver(ward.clinic, now, "page")) == ["primary"]
    await ward.find(RED, now + MINUTE)
    assert ward.who(await deliver(ward.clinic, now + MINUTE, "page")) == ["backup", "other", "primary"]


async def test_a_version_that_cannot_be_read_leaves_the_clinics_ladder(ward: Ward, now: datetime) -> None:
    async with ward.clinic.database.transaction() as tx:
        await record_infusion(ward.clinic, tx, ward.patient, now)
        broken = await versions.keep(tx, protocol="broken", body=json.dumps(["nothing"]), now=now)
        (course,) = await courses.active_of(tx, ward.patient.id)
        await courses.stand_on(tx, course.id, broken.id)
    await ward.find(RED, now)
    assert ward.who(await deliver(ward.clinic, now, "page")) == ["primary"]


async def test_a_policy_or_progress_that_cannot_be_read_never_silences_an_alert(ward: Ward, now: datetime) -> None:
    alert = await ward.find(RED, now)
    await deliver(ward.clinic, now)
    async with ward.clinic.database.transaction() as tx:
        await alerts.change(tx, alert.id, policy={"steps": "lost"}, progress={"what": 1}, due_at=now + MINUTE)
    assert "primary" in await ward.look(now + MINUTE)


async def test_every_open_alert_always_has_a_next_look(ward: Ward, now: datetime) -> None:
    for finding in (AMBER, RED):
        await ward.find(finding, now)
        for minute in range(0, 200, 3):
            await ward.look(now + minute * MINUTE)
            alert = await ward.alert()
            assert alert.due_at is not None
            assert alert.due_at > now + minute * MINUTE
