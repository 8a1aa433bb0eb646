"""How an alert climbs: named steps, whoever is on call now, a policy that stands, and people who have left."""

from __future__ import annotations

from datetime import timedelta

from rules import ladder
from rules.tier import Tier
from services import enrolment, people
from tests.world import Phone, World

MINUTE = timedelta(minutes=1)


def ladders(*steps: tuple[str, str], repeat: str = "2m", follow_up: str = "60m") -> dict[Tier, ladder.Ladder]:
    policy = {"steps": [{"to": to, "after": after} for to, after in steps], "repeat": repeat, "follow_up": follow_up}
    return dict.fromkeys((Tier.RED, Tier.AMBER), ladder.parse(policy))


async def leaves(world: World, phone: Phone) -> None:
    """A staff member is disabled at the desk."""
    async with world.transaction() as tx:
        member = await people.member(tx, phone.alias)
        await enrolment.disable_staff(tx, member, actor="cli", now=world.now)
    await world.settle()


async def test_a_step_may_name_a_staff_member_who_is_on_no_rota(world: World) -> None:
    primary = await world.clinician("Primary")
    chief = await world.clinician("Chief", on_call=None)
    world.restart(ladders=ladders(("primary", "0s"), (chief.alias, "3m"), ("everyone", "6m")))
    patient = await world.patient()
    began = world.now
    await patient.says("/now")
    chief.received_nothing()
    await world.advance(4 * MINUTE)
    assert [page.at - began for page in chief.reads("page")] == [3 * MINUTE]
    assert [page.at - began for page in primary.reads("page")] == [0 * MINUTE, 2 * MINUTE, 3 * MINUTE]
    patient.reads()


async def test_an_empty_step_waits_for_nothing_but_the_next_one_keeps_its_time(world: World) -> None:
    primary = await world.clinician("Primary")
    third = await world.clinician("Third", on_call=None)
    patient = await world.patient()
    began = world.now
    await patient.says("/now")
    await world.advance(6 * MINUTE)  # nobody is backup: at its time the step after it is taken in its place
    assert [page.at - began for page in third.reads("page")] == [5 * MINUTE]
    assert primary.reads("page")
    patient.reads()


async def test_an_open_alert_keeps_the_ladder_it_was_opened_with(world: World) -> None:
    primary = await world.clinician("Primary")
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    world.restart(ladders=ladders(("primary", "0s"), ("backup", "50m"), repeat="40m"))
    await world.advance(5 * MINUTE)
    assert backup.reads("page")
    assert primary.reads("page")
    patient.reads()


async def test_who_is_on_call_is_looked_up_at_each_ring(world: World) -> None:
    leaving = await world.clinician("Leaving", on_call=None)
    coming = await world.clinician("Coming", on_call=None)
    change = world.now + 3 * MINUTE
    await world.puts_on_call(leaving, "primary", world.now, change)
    await world.puts_on_call(coming, "primary", change, change + timedelta(days=1))
    patient = await world.patient()
    await patient.says("/now")
    assert leaving.reads("page")
    coming.received_nothing()
    await world.advance(4 * MINUTE)
    assert coming.reads("page")
    patient.reads()


async def test_when_the_one_who_was_paged_leaves_the_alert_falls_to_the_next(world: World) -> None:
    primary = await world.clinician("Primary")
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    primary.reads()
    await leaves(world, primary)
    assert backup.reads("page")  # at once
    primary.received_nothing()
    patient.reads()


async def test_when_the_owner_leaves_the_alert_rings_again_at_once(world: World) -> None:
    primary = await world.clinician("Primary")
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    await primary.presses("Acknowledge")
    await leaves(world, primary)
    assert backup.reads("page")
    patient.reads()


async def test_a_named_step_whose_person_left_meanwhile_is_passed_over(world: World) -> None:
    await world.clinician("Primary")
    chief = await world.clinician("Chief", on_call=None)
    third = await world.clinician("Third", on_call=None)
    world.restart(ladders=ladders(("primary", "0s"), (chief.alias, "3m"), ("everyone", "20m")))
    patient = await world.patient()
    began = world.now
    await patient.says("/now")
    await leaves(world, chief)
    await world.advance(4 * MINUTE)
    assert [page.at - began for page in third.reads("page")] == [3 * MINUTE]  # not after twenty
    patient.reads()


async def test_the_owner_is_reminded_and_paged_again_until_the_patient_was_called(world: World) -> None:
    primary = await world.clinician("Primary")
    patient = await world.patient()
    await patient.says("/now")
    for _ in range(3):
        await primary.presses("Acknowledge")
        primary.reads()
        await world.advance(30 * MINUTE)
        assert "No contact is recorded yet" in primary.received("page").text
        await world.advance(30 * MINUTE)
        assert "Owned by Primary, but no contact is recorded" in primary.received("page").text
    await primary.presses("Acknowledge")
    await primary.presses("Called the patient")
    primary.reads()
    await world.advance(timedelta(hours=10))
    primary.received_nothing()
    patient.reads()


async def test_a_later_red_joins_and_rings_even_when_the_patient_was_called(world: World) -> None:
    primary = await world.clinician("Primary")
    patient = await world.patient()
    await patient.says("/now")
    await primary.presses("Acknowledge")
    await primary.presses("Called the patient")
    primary.reads()
    await world.advance(20 * MINUTE)
    await patient.says("I am going to kill myself tonight")
    assert "There is something new" in primary.received("page").text
    assert [alert.state for alert in await world.alerts()] == ["open"]
    patient.reads()
