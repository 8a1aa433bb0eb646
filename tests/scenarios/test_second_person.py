"""With the two-person rule nobody moves running courses alone: an admin agrees in the chat to this very move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.buttons import pack
from content.protocols import shipped
from rules.protocol import parse
from services import erasure, moving, people, versions
from services.comparing import Comparison
from services.errors import Refused
from store import audit
from tests.scenarios.test_changing_plans import EVENINGS
from tests.world import Phone, World

AGREE = "Agree, move"


async def published(world: World) -> Phone:
    """A patient in a course, whose protocol has a newer version since."""
    patient = await world.patient()
    await world.infusion(patient)
    patient.reads()
    async with world.transaction() as tx:
        await versions.publish(tx, parse(EVENINGS, "evenings", bases=shipped()), actor="cli", now=world.now)
    return patient


async def asks(
    world: World, *, reason: str = "signed off", actor: str = "cli", only: Sequence[str] = ()
) -> Comparison | None:
    """Ask for the move at the desk of a clinic where two must agree."""
    clinic = replace(world.clinic, two_persons=True)
    done = await moving.move(clinic, "ketamine-14d", to=None, only=only, reason=reason, actor=actor, now=world.now)
    await world.settle()
    return done


async def slots_of(world: World, patient: Phone) -> set[str]:
    """What is still to be asked."""
    return {row.slot for row in await world.checkins(patient) if row.state == "scheduled"}


async def test_a_move_waits_for_an_admin_who_agrees_to_this_very_move(world: World) -> None:
    await world.clinician()
    patient, admin = await published(world), await world.member("Admin", role="admin")
    assert await asks(world) is None
    assert "evening" not in await slots_of(world, patient)
    question = admin.received("move-ask").text
    assert all(word in question for word in ("1 patient", "ketamine-14d 2", "signed off", "No threshold"))
    assert await asks(world) is None  # asked again, and still not agreed
    assert (await admin.presses(AGREE) or "").startswith("Agreed")
    assert await asks(world, reason="another") is None
    async with world.transaction() as tx:
        whose = await people.patient(tx, patient.alias)
    assert await asks(world, only=[whose.id]) is None
    assert "evening" not in await slots_of(world, patient)
    done = await asks(world)
    assert done is not None
    assert {change.slot for change in done.changes} >= {"evening"}
    assert "evening" in await slots_of(world, patient)
    async with world.transaction() as tx:
        actions = [each.action for each in await audit.read(tx, audit.CLINIC_STREAM)]
        assert await audit.first_break(tx, audit.CLINIC_STREAM) is None
    assert "move-agreed" in actions
    patient.reads()
    admin.reads()


async def test_who_is_to_agree_sees_which_rules_would_page_otherwise(world: World) -> None:
    await world.clinician()
    patient, admin = await published(world), await world.member("Admin", role="admin")
    text = EVENINGS.replace("[[slot]]", "[thresholds]\nmood_fall = 6\nmissed_amber = 9\n[[slot]]")
    async with world.transaction() as tx:
        await versions.publish(tx, parse(text, "evenings", bases=shipped()), actor="cli", now=world.now)
    await asks(world)
    question = admin.received("move-ask").text
    assert (
        "ketamine-14d 1 (1): thresholds.mood_fall 3 → 6\nketamine-14d 1 (1): thresholds.missed_amber 3 → 9" in question
    )
    patient.reads()


async def test_who_asked_cannot_agree_and_an_agreement_stands_for_a_day(world: World) -> None:
    await world.clinician()
    patient, admin = await published(world), await world.member("Admin", role="admin")
    assert await asks(world, actor=f"staff:{admin.id}") is None
    assert (await admin.presses(AGREE) or "").startswith("You asked for it yourself")
    assert await asks(world, actor=f"staff:{admin.id}") is None
    other = await world.member("Other", role="admin")
    assert await asks(world) is None
    assert (await other.presses(AGREE) or "").startswith("Agreed")
    await world.advance(timedelta(hours=24, minutes=1))
    assert await asks(world) is None
    assert "evening" not in await slots_of(world, patient)
    for each in (patient, admin, other):
        each.reads()


async def test_without_an_admin_nobody_moves_and_without_the_rule_nobody_is_asked(world: World) -> None:
    await world.clinician()
    patient = await published(world)
    with pytest.raises(Refused, match="no admin"):
        await asks(world)
    with pytest.raises(Refused, match="reason"):
        await asks(world, reason=" ")
    assert await moving.move(world.clinic, "ketamine-14d", to=None, only=(), reason="alone", actor="cli", now=world.now)
    assert "evening" in await slots_of(world, patient)
    patient.reads()


@pytest.mark.parametrize("role", ["clinician", "coordinator", "auditor"])
async def test_nobody_but_an_admin_can_agree(world: World, role: str) -> None:
    await world.clinician()
    patient, admin = await published(world), await world.member("Admin", role="admin")
    await asks(world)
    async with world.transaction() as tx:
        whose = await people.patient(tx, patient.alias)
        await erasure.ask(replace(world.clinic, two_persons=True), tx, whose, actor="cli", now=world.now)
        (asked,) = [each for each in await audit.read(tx, audit.CLINIC_STREAM) if each.action == "move-asked"]
    other = await world.member("Other", role=role)
    await other.says("/help")
    for verb, subject in (("move", asked.subject), ("erase", whose.id)):
        data = pack(world.clinic.button_key, other.user_id, verb, subject)
        other.app().press(data=data, message_id=other.last.id, forged=True)
        await world.settle()
    assert await asks(world) is None
    async with world.transaction() as tx:
        assert (await people.patient(tx, patient.alias)).state == "consented"
    for each in (other, admin):
        each.reads()
