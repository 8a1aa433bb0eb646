"""A clinician offers a shift in the chat, another takes it; the rota, the ladder and the audit follow."""

from __future__ import annotations

from datetime import timedelta

from services import duty, people, rota
from store import audit
from tests.world import Phone, World

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
OFFER, TAKE = "Offer a shift of mine", "I take it"


async def primaries(world: World) -> list[str]:
    async with world.transaction() as tx:
        return [each["name"] for each in (await duty.on_call(tx, world.now))["primary"]]


async def offers(world: World, phone: Phone) -> str | None:
    """Offer the first of one's shifts."""
    await phone.says("/oncall")
    await phone.presses(OFFER)
    toast = await phone.presses(phone.labels[0], on=phone.reads("swap-choose")[0])
    await world.settle()
    return toast


async def test_oncall_says_who_until_when_and_who_then(world: World) -> None:
    one, two = await world.clinician("One", days=3), await world.clinician("Two", on_call=None)
    await world.puts_on_call(two, "primary", world.now + 3 * DAY, world.now + 9 * DAY)
    await two.says("/oncall")
    shown = two.received("oncall")
    assert "primary: One, until Thu 07 May, 12:00" in shown.text
    assert "then Two, from Thu 07 May, 12:00" in shown.text
    assert "backup: nobody" in shown.text
    assert shown.labels == (OFFER,)
    await one.says("/oncall")
    assert one.received("oncall").labels == (OFFER,)


async def test_the_taker_is_paged_from_then_on_and_both_are_told(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two", on_call=None)
    three = await world.clinician("Three", on_call=None)
    assert await offers(world, one) == "Offered. It stays yours until somebody takes it."
    assert one.received("swap-offered").labels == ("Withdraw the offer",)
    asked = three.received("swap-offer")
    assert "One offers a shift: primary" in asked.text
    assert await primaries(world) == ["One"]
    assert await two.presses(TAKE) == "The shift is yours."
    assert [message.kind for message in two.reads()] == ["swap-offer", "swap-yours"]
    assert "Two has taken your shift" in one.received("swap-taken").text
    assert await primaries(world) == ["Two"]
    assert await three.presses(TAKE, on=asked) == "Somebody was faster."
    assert await primaries(world) == ["Two"]

    patient = await world.patient()
    await patient.says("/now")
    assert two.reads("page")
    one.received_nothing()
    patient.reads()


async def test_an_offer_can_be_withdrawn_and_is_not_made_twice(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two", on_call=None)
    await offers(world, one)
    await offers(world, one)
    assert len(two.reads("swap-offer")) == 1
    assert await one.presses("Withdraw the offer") == "Withdrawn. The shift stays yours."
    assert await two.presses(TAKE) == "That shift is not on offer any more."
    assert await primaries(world) == ["One"]


async def test_an_offer_of_a_shift_that_is_no_longer_theirs_is_gone(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two", on_call=None)
    await offers(world, one)
    async with world.transaction() as tx:
        member = await people.member(tx, one.alias)
        await rota.send_away(tx, member, from_at=world.now + DAY, to_at=world.now + 2 * DAY, actor="cli", now=world.now)
    assert await two.presses(TAKE) == "That shift is not on offer any more."
    await two.says("/oncall")
    assert TAKE not in str(two.labels)


async def test_who_comes_late_finds_the_offer_under_oncall(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two", on_call=None)
    await offers(world, one)
    await world.advance(HOUR)
    two.reads()
    await two.says("/oncall")
    (label,) = two.received("oncall").labels
    assert label.startswith("Take from One: primary")
    assert await two.presses(label) == "The shift is yours."
    assert await primaries(world) == ["Two"]


async def test_a_shift_to_come_is_asked_for_at_the_taker(world: World) -> None:
    one, two = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    await world.puts_on_call(one, "primary", world.now + DAY, world.now + 2 * DAY)
    await offers(world, one)
    await two.presses(TAKE)
    for phone in (one, two):
        phone.reads()
    await world.advance(DAY)
    assert two.received("drill").text.startswith("Your shift as primary begins now")
    one.received_nothing()


async def test_nobody_without_a_shift_offers_one_and_no_coordinator_takes_one(world: World) -> None:
    one = await world.clinician("One")
    coordinator = await world.member("Front Desk", role="coordinator")
    await offers(world, one)
    coordinator.received_nothing()
    await coordinator.says("/oncall")
    assert coordinator.received("oncall").labels == ()


async def test_each_step_is_in_the_audit(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two", on_call=None)
    await offers(world, one)
    await two.presses(TAKE)
    async with world.transaction() as tx:
        entries = (await audit.read(tx, audit.CLINIC_STREAM))[-2:]
    assert [(each.actor, each.action) for each in entries] == [
        (f"staff:{one.id}", "swap-offered"),
        (f"staff:{two.id}", "swap-taken"),
    ]
