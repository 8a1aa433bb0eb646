"""A clinician offers a shift in the chat, another takes it; the rota, the ladder and the audit follow."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from rules.rotation import Rotation
from services import calendars, duty, oncall, people, rota
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
    await phone.presses(phone.labels[0], on=phone.reads("swap-choose")[0])
    how = phone.reads("swap-how")
    return await phone.presses("All of it") if how else None


async def offers_part(phone: Phone, begins: str, ends: str) -> str | None:
    """Offer a part of the first of one's shifts."""
    await phone.says("/oncall")
    await phone.presses(OFFER)
    await phone.presses(phone.labels[0], on=phone.reads("swap-choose")[0])
    await phone.presses("Only a part")
    for text in (begins, ends):
        await (phone.presses(text) if text in phone.labels else phone.says(text))
    return await phone.presses("Yes")


async def test_oncall_says_who_until_when_and_who_then(world: World) -> None:
    one, two = await world.clinician("One", days=3), await world.clinician("Two", on_call=None)
    await world.puts_on_call(two, "primary", world.now + 3 * DAY, world.now + 9 * DAY)
    await two.says("/oncall")
    shown = two.received("oncall")
    assert "primary: One, until Thu 7 May, 12:00" in shown.text
    assert "then Two, from Thu 7 May, 12:00" in shown.text
    assert "backup: nobody" in shown.text
    assert shown.labels == (OFFER, "My shifts as a calendar")
    await one.says("/oncall")
    assert one.received("oncall").labels == (OFFER, "My shifts as a calendar")


async def test_ones_own_shifts_come_as_a_calendar_file_with_what_was_swapped(world: World) -> None:
    one, two = await world.clinician("One", days=3), await world.clinician("Two", on_call=None)
    await offers_part(one, "18:00", "23:30")
    await two.presses(TAKE)
    two.reads()
    await two.says("/oncall")
    assert await two.presses("My shifts as a calendar") == "It comes as a file."
    assert "as the rota has them now" in two.received("oncall", "own-calendar").text
    document = two.app().messages[-1]["document"]
    assert (document["file_name"], document["mime_type"]) == ("shifts.ics", "text/calendar")
    text = world.telegram.files[document["file_id"]].content.decode()
    (shift,) = calendars.read(text, "Europe/Madrid", world.now, world.now + 9 * DAY)
    assert (shift.from_at, shift.to_at) == (world.now + 6 * HOUR, world.now + 11 * HOUR + 30 * MINUTE)
    assert "primary" in shift.summary


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


async def test_a_backup_who_takes_the_primarys_shift_is_no_backup_and_the_gap_is_told(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two", on_call="backup")
    three, coordinator = await world.clinician("Three", on_call=None), await world.member("Desk", role="coordinator")
    await offers_part(one, "14:00", "18:00")
    await two.presses(TAKE)
    assert "You are not the backup in that time" in two.reads("swap-yours")[0].text
    assert "as backup from Mon 4 May, 14:00 to Mon 4 May, 18:00" in coordinator.received("rota-gap").text
    await world.advance(3 * HOUR)
    patient = await world.patient()
    await patient.says("/now")
    for phone in (one, two, three):
        phone.reads()
    await world.advance(5 * MINUTE)  # the step to the backup is empty: not the same person once more, but everybody
    assert one.reads("page")
    assert three.reads("page")
    patient.reads()


async def test_the_primary_cannot_take_the_backups_shift(world: World) -> None:
    one, two = await world.clinician("One"), await world.clinician("Two", on_call="backup")
    await offers(world, two)
    assert await one.presses(TAKE) == "You are primary in that time, and cannot be the backup too."
    async with world.transaction() as tx:
        assert [each["name"] for each in (await duty.on_call(tx, world.now))["backup"]] == ["Two"]
    three = await world.clinician("Three", on_call=None)
    await three.says("/oncall")
    assert await three.presses(three.labels[0]) == "The shift is yours."  # the offer has stood


async def test_a_part_of_a_shift_is_offered_by_typed_times_and_comes_back_after_it(world: World) -> None:
    one, two = await world.clinician("One", days=3), await world.clinician("Two", on_call=None)
    assert await offers_part(one, "18:00", "23:30") == "Offered. It stays yours until somebody takes it."
    assert "One offers a shift: primary, Mon 4 May, 18:00 – Mon 4 May, 23:30" in two.received("swap-offer").text
    assert await two.presses(TAKE) == "The shift is yours."
    assert await primaries(world) == ["One"]
    await world.advance(6 * HOUR)
    assert await primaries(world) == ["Two"]
    await world.advance(5 * HOUR + 30 * MINUTE)
    assert await primaries(world) == ["One"]


async def test_what_is_typed_outside_the_shift_is_asked_again(world: World) -> None:
    one, two = await world.clinician("One", days=1), await world.clinician("Two", on_call=None)
    await one.says("/oncall")
    await one.presses(OFFER)
    await one.presses(one.labels[0], on=one.reads("swap-choose")[0])
    await one.presses("Only a part")
    one.reads()
    for text in ("2026-05-06 18:00", "at dawn"):
        await one.says(text)
        assert [message.kind for message in one.reads()] == ["form-unclear", "form-ask"]
    await one.presses("From Mon 4 May, 12:00")
    await one.says("2026-05-04 11:00")
    assert "That is no time between then and the end of the shift." in one.reads("form-unclear")[0].text
    await one.says("14:00")
    assert "Offer it? primary, Mon 4 May, 12:00 – Mon 4 May, 14:00." in one.last.text
    assert await one.presses("Yes") == "Offered. It stays yours until somebody takes it."
    assert two.reads("swap-offer")


async def test_parts_that_touch_are_not_offered_twice_and_others_are(world: World) -> None:
    one, two = await world.clinician("One", days=1), await world.clinician("Two", on_call=None)
    await offers_part(one, "14:00", "16:00")
    await offers_part(one, "15:00", "18:00")
    assert len(two.reads("swap-offer")) == 1
    await offers_part(one, "16:00", "18:00")
    assert len(two.reads("swap-offer")) == 1
    await offers(world, one)  # the whole of it has these two in it
    assert two.reads("swap-offer") == []


async def test_a_part_that_is_no_longer_theirs_when_they_confirm_is_not_offered(world: World) -> None:
    one, two = await world.clinician("One", days=1), await world.clinician("Two", on_call=None)
    await one.says("/oncall")
    await one.presses(OFFER)
    await one.presses(one.labels[0], on=one.reads("swap-choose")[0])
    await one.presses("Only a part")
    await one.says("14:00")
    await one.says("16:00")
    async with world.transaction() as tx:
        member = await people.member(tx, one.alias)
        await rota.send_away(
            tx, member, from_at=world.now + HOUR, to_at=world.now + 3 * HOUR, actor="cli", now=world.now
        )
    assert await one.presses("Yes") == "That shift is not on offer any more."
    assert two.reads("swap-offer") == []


async def test_a_part_of_a_turn_over_the_night_of_the_clocks_is_in_both_calendars(world: World) -> None:
    await world.advance(datetime(2026, 10, 19, 10, tzinfo=UTC) - world.now)
    one, two = await world.clinician("One", on_call=None), await world.clinician("Two", on_call=None)
    coordinator = await world.member("Front Desk", role="coordinator")
    async with world.transaction() as tx:
        turns = Rotation(
            order=((await people.member(tx, one.alias)).id,),
            starts_on=world.now.date(),
            at=time(8),
            zone="Europe/Madrid",
        )
        await rota.rotate(tx, [await people.member(tx, one.alias)], turns, actor="cli", now=world.now)
    await world.settle()
    await offers_part(one, "2026-10-24 20:00", "2026-10-25 08:00")  # at 03:00 it is 02:00 again
    await two.presses(TAKE)
    taken = (datetime(2026, 10, 24, 18, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC))
    async with world.transaction() as tx:
        spans = [
            [(each.from_at, each.to_at) for each in await calendars.own_shifts(tx, member, world.now, taken[1] + HOUR)]
            for member in [await people.member(tx, phone.alias) for phone in (one, two)]
        ]
        assert not [gap for gap in await oncall.gaps(tx, world.now, world.now + 30 * DAY) if gap.level == "primary"]
    assert [end for _, end in spans[0]] == [taken[0], taken[1] + HOUR]
    assert [begin for begin, _ in spans[0]][1] == taken[1]
    assert spans[1] == [taken]
    assert coordinator.reads("rota-gap") == []
